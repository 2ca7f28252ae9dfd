/* regmix.c - weigh domains by many small models on random mixtures.
 * SPDX-License-Identifier: Apache-2.0 */
#include "proxy/regmix_run.h"

#include <stdio.h>

static struct {
    struct weigh_opt weigh;
    struct regmix_opt own;
} opt = { { WEIGH_DEFAULTS, .steps = 100, .batch = 24 }, { .runs = 32, .eval = 16 } };
static const struct opt options[] = {
    WEIGH_OPTIONS(opt.weigh),
    {  0 , "target",     TEXT(&opt.own.target), "DOMAIN,...",    "lower the held-out loss of these; else of all" },
    {  0 , "runs",       INT(&opt.own.runs),    "N",             "mixtures, each a model trained for --steps", .min = 3, .max = 100000 },
    {  0 , "eval",       INT(&opt.own.eval),    "ROWS",          "held-out rows of each domain; 0: all", .max = 1e9 },
    { END }
};

static bool regmix_command(const struct run *r, struct err *e)
{
    char words[256];
    struct regmix_opt own = opt.own;
    snprintf(words, sizeof words, "%ld %ld %.200s", own.runs, own.eval, own.target ? own.target : "");
    const struct weigh_method m = { .name = "regmix", .options = words, .from_natural = true,
                                    .steps = own.runs * opt.weigh.steps, .cost = 1.1, .seed = regmix_seed };
    return weigh_run(&opt.weigh, r, &m, &own, e);
}

const struct stage stage_regmix = {
    .place = 412, .name = "regmix", .brief = "domain weights by RegMix: a regression over many small models",
    .usage = "[OPTION]... FILE... -o weights.json",
    .text = "Trains --runs models on random mixtures, fits held-out loss to weights, and takes the mixture with the least\n"
            "loss the fit can find (Liu et al. 2024). A checkpoint is kept after each run. Writes weights.json for mix.",
    .example = "  tamis regmix -m tokenizer.json --runs 64 docs.jsonl.zst -o weights.json",
    .see = "doremi, doge, mix, proxy train", .options = options, .command = regmix_command, .plans = true,
};
