/* trail.h - what a run left behind: its manifests, in the order in which one made what the next one read.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A run is a folder. A step is one manifest in it: a command, and what it made. A command is one stage or
 * several fused ones ("!"), each with its words and what it did to the documents. Paths in commands are as they were
 * typed; those below the folder are found where the folder is now, so a run may be moved and looked at from anywhere.
 * A step that was done slice by slice ("1-text/00005.jsonl.zst") is one step, its figures summed; what each slice read
 * and wrote is in the row that begins with it.
 *
 *     struct trail t;
 *     if (!trail_open(&t, "build/demo/run", e)) return false;
 *     for (size_t i = 0; i < t.n; i++) ... t.steps[i].file ... t.steps[i].stages[0].name ...
 *     trail_close(&t);
 */
#ifndef REPORT_TRAIL_H
#define REPORT_TRAIL_H
#include "record/json.h"

struct reason { struct str name; uint64_t n; };
struct trail_stage {
    struct str name;                     /* "fuzzy", "kmeans apply" */
    /* its words after the name: options and operands; paths as they are found now */
    char **args;
    size_t n_args;
    bool counted;                        /* a command that is no stream of documents counts none */
    uint64_t in, out;
    struct reason *dropped, *rejected;
    size_t n_dropped, n_rejected;
};
struct trail_step {
    const char *file;                    /* what it made, inside the folder: "2-fuzzy.jsonl.zst"; of slices too */
    const char *path;                    /* where that is */
    const char *drops;                   /* where its --drops are; NULL when it has none */
    char **inputs;                       /* files it read, as they are found now; NULL at the end */
    size_t n_inputs;
    struct trail_stage *stages;
    size_t n;
    /* the next slice; NULL at the end. Of each: path, drops, inputs and args are its own */
    const struct trail_step *next;
    size_t slices;                       /* 1 when it was done in one piece. In the first slice, and summed over all: */
    double seconds, cpu;
    uint64_t memory, bytes_in, bytes_out, size;   /* size: of the file */
    long threads;
    struct str version, command;                  /* as it was typed */
};
struct trail { struct arena mem; const char *folder; struct trail_step *steps; size_t n; };

bool trail_open(struct trail *t, const char *folder, struct err *e) MUST_CHECK;
void trail_close(struct trail *t);

/* Whose work it does: "fuzzy" for "fuzzy drop", which does it on slices, "dedup", "pack" for "dedup apply", "pack
 * merge". Drops have that name. */
struct str stage_work(const struct trail_stage *s);
bool stage_is(const struct trail_stage *s, struct str name);                 /* its name, or whose work it does */
/* The last stage that is of that name, and its step; false when there was none. */
bool trail_find(const struct trail *t, struct str name, const struct trail_step **step, size_t *stage);
bool step_makes_docs(const struct trail_step *s);                     /* its file holds documents */
/* The value of an option of a stage: "--least", "-s"; NULL when it was not given. */
const char *stage_option(const struct trail_stage *s, const char *name, const char *short_name);

#endif
