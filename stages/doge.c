/* doge.c - weigh domains by how well their gradients serve the target.
 * SPDX-License-Identifier: Apache-2.0 */
#include "proxy/doge_run.h"

#include <stdio.h>

static struct {
    struct weigh_opt weigh;
    struct doge_opt own;
} opt = { { WEIGH_DEFAULTS, .steps = 400, .batch = 48 }, { .mu = 0.05 } };
static const struct opt options[] = {
    WEIGH_OPTIONS(opt.weigh),
    {  0 , "target",     TEXT(&opt.own.target), "DOMAIN,...",    "serve these, which get no weight; else all serve all" },
    {  0 , "mu",         REAL(&opt.own.mu),     "X",             "how slowly weights move", .min = 1e-9, .max = 1e9 },
    {  0 , "own",        FLAG(&opt.own.own),                     "count a domain's product with its own gradient" },
    { END }
};

static bool doge_command(const struct run *r, struct err *e)
{
    char words[256];
    struct doge_opt own = opt.own;
    snprintf(words, sizeof words, "%g %d %.200s", own.mu, own.own, own.target ? own.target : "");
    const struct weigh_method m = { .name = "doge", .options = words, .equal_rows = true, .gradients = true,
                                    .steps = opt.weigh.steps, .cost = 1.1, .seed = doge_seed };
    return weigh_run(&opt.weigh, r, &m, &own, e);
}

const struct stage stage_doge = {
    .place = 411, .name = "doge", .brief = "domain weights by DoGE: whose gradients help the others",
    .usage = "[OPTION]... FILE... -o weights.json",
    .text = "Trains one proxy; each step weighs domains by how their gradients align with the target's (Fan et al. 2024).\n"
            "Keeps a gradient for every domain: memory 4 bytes a parameter and domain. Writes weights.json for mix.",
    .example = "  tamis doge -m tokenizer.json --seeds 3 docs.jsonl.zst -o weights.json\n  tamis doge -m tokenizer.json --target wiki docs.jsonl.zst -o weights.json",
    .see = "doremi, regmix, mix, proxy train", .options = options, .command = doge_command, .plans = true,
};
