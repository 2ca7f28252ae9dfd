/* doremi.c - weigh domains by how much a small model could still learn of each.
 * SPDX-License-Identifier: Apache-2.0 */
#include "proxy/doremi_run.h"

#include <stdio.h>

static struct {
    struct weigh_opt weigh;
    struct doremi_opt own;
} opt = { { WEIGH_DEFAULTS, .steps = 400, .batch = 48 },
          { .reference = "natural", .eta = 1, .smoothing = 1e-3, .mean = 0.5, .rounds = 1 } };
static const struct opt options[] = {
    WEIGH_OPTIONS(opt.weigh),
    {  0 , "reference",  TEXT(&opt.own.reference), "WEIGHTS",    "of the reference model: natural, uniform, or a file" },
    {  0 , "rounds",     INT(&opt.own.rounds),     "N",          "the weights found are the next round's reference", .min = 1, .max = 100 },
    {  0 , "eta",        REAL(&opt.own.eta),       "X",          "step of the weights", .min = 0, .max = 1000 },
    {  0 , "smoothing",  REAL(&opt.own.smoothing), "C",          "share of uniform weights mixed in at each step", .min = 0, .max = 1 },
    {  0 , "mean",       REAL(&opt.own.mean),      "P",          "average weights over this last share of the steps; 1: all", .max = 1 },
    { END }
};

static bool doremi_command(const struct run *r, struct err *e)
{
    char words[256];
    struct doremi_opt own = opt.own;
    snprintf(words, sizeof words, "%ld %g %g %g %.200s", own.rounds, own.eta, own.smoothing, own.mean, own.reference);
    /* A step of the reference costs 1; one of the proxy 1, and a third for the reference's losses of the same rows. */
    const struct weigh_method m = { .name = "doremi", .options = words, .reference = true,
                                    .steps = 2 * own.rounds * opt.weigh.steps, .cost = 7.0 / 6, .seed = doremi_seed };
    return weigh_run(&opt.weigh, r, &m, &own, e);
}

const struct stage stage_doremi = {
    .place = 410, .name = "doremi", .brief = "domain weights by DoReMi: where a small model lags behind its reference",
    .usage = "[OPTION]... FILE... -o weights.json",
    .text = "Trains a reference model, then a proxy whose losses above the reference's move the weights (Xie et al. 2023).\n"
            "Writes weights.json for mix. One seed is an anecdote: --seeds 3 tells what is noise.",
    .example = "  tamis doremi -m tokenizer.json --seeds 3 docs.jsonl.zst -o weights.json\n  tamis mix -w weights.json -m tokenizer.json docs.jsonl.zst -o mixed.jsonl.zst",
    .see = "doge, regmix, mix, proxy train", .options = options, .command = doremi_command, .plans = true,
};
