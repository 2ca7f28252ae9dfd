/* stage.h - a stage is a value: its options, and what it does to one document.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   each    any thread: read the document, add fields, or drop it and say why
 *   turn    one thread at a time, in input order: for stages with a memory
 *   settle  after the last document: a stage that decides only when it has seen all
 *   again   the second pass of such a stage, in input order
 *   close   totals, files of its own
 *
 * A worker carries a batch of documents down the whole chain of stages (frame/chain.c), so
 * fused stages need no queue between them and the output does not depend on threads. A stage
 * that has settle sees every document twice: the frame reads the files again, or keeps
 * the documents in a scratch file when they came from a pipe or another stage. Such a stage
 * adds fields and drops only in again; each runs in both passes, before turn and again.
 *
 *     static struct { const char *model; double least; } opt = { .least = 0.5 };
 *     static const struct opt options[] = { ... };
 *
 *     static void *lang_open(const struct run *r, struct err *e)      // copies what it needs from opt
 *     static bool lang_each(void *self, struct doc *d, struct err *e)
 *     static bool lang_close(void *self, struct err *e)
 *
 *     const struct stage stage_lang = {
 *         .place = 200, .name = "lang", .brief = "label every document with its language",
 *         .text = "Adds \"lang\" and \"lang_score\".", .example = "  tamis lang -m lid.176.ftz docs.jsonl.zst -o out.jsonl.zst",
 *         .options = options, .open = lang_open, .each = lang_each, .close = lang_close,
 *     };
 *
 * stages/lang.c holds just that; the Makefile finds every `const struct stage stage_X`. A name
 * of two words ("fuzzy sign") is a subcommand. A command that is no stream of documents
 * (fetch, k-means training) has .command instead of each and turn, and does all in it.
 *
 * An error from each or turn stops the run: return it only when going on is senseless. What
 * is wrong with one document is run_reject().
 */
#ifndef FRAME_STAGE_H
#define FRAME_STAGE_H
#include "core/opt.h"
#include "record/doc.h"

struct run {                         /* the common options, as a stage may want them */
    const char *stage;               /* its name */
    char **args;                     /* the stage's n_args first operands */
    char **files;                    /* the other operands, NULL-terminated; {"-", NULL} when none was given */
    size_t n_files;
    int threads;
    uint64_t seed;
    size_t memory;                   /* bytes: the ceiling for a stage with a memory */
    const char *output;              /* -o, or "-" */
    const char *text_field;
    long shard, shards;              /* --shard i/n, 0-based; 0/1 when all */
    bool cut;                        /* the files are fewer than slices: a source takes its part of each */
    bool plan;                       /* --plan was given: open makes no files */
    bool quiet, progress;            /* progress: report even where standard error is no terminal */
    bool *no_output;                 /* open may set it: this run writes no documents (docs --count) */
    bool *no_input;                  /* open may set it: there is nothing to read (tokenizer train --counts) */
    const uint64_t *rows;            /* how many documents came to its turn so far */
    uint64_t *expected;              /* open may set it: how many will have come at the end, or the run fails */
    bool *one_pass;                  /* open may set it: these options need no settle and again */
};

struct batch;                        /* some documents on their way; see chain.h */
struct place { uint64_t at[6]; };    /* where a source stands behind a batch: numbers that only it reads */

struct source {                      /* a stage that makes documents from something else (extract) */
    /* Serial, in order: takes the next raw units into b; false at the end or with e set. */
    bool (*read)(void *self, struct batch *b, struct err *e);
    /* Any thread: turns b's raw units into documents by batch_doc(). */
    bool (*make)(void *self, struct batch *b, struct err *e);
    /* before the first read: go on at what batch_place said once; NULL: it cannot */
    bool (*seek)(void *self, const struct place *p, struct err *e);
    void (*release)(void *raw);      /* frees what batch_raw's struct owns; may be NULL */
    bool cuts;                       /* heeds run.cut */
};

struct stage {
    /* order in `tamis` and the docs: 100s extract, 200s text, 300s semantic, 400s weights, 500s shards, 900s tools */
    int place;
    const char *name, *brief, *usage, *text, *example, *see;
    /* what it holds in memory, in words, for --help and --plan; NULL: a few batches of documents */
    const char *memory;
    const struct opt *options;
    const char *as;                  /* the stage whose work it does on a slice: the name in --drops; NULL: its own */
    int n_args;                      /* leading operands that are no files: filter's expression */
    /* The output is no stream of documents but a file, called this in the usage: "CUTS". It must be named. */
    const char *writes;
    /* so must the operands */
    bool reads_files;
    /* self, once, before any document; NULL with e set on failure */
    void *(*open)(const struct run *r, struct err *e);
    bool (*each)(void *self, struct doc *d, struct err *e);
    bool (*turn)(void *self, struct doc *d, struct err *e);
    bool (*settle)(void *self, struct err *e);
    bool (*again)(void *self, struct doc *d, struct err *e);
    /* instead of each, for stages that work on many at once */
    bool (*batch)(void *self, struct doc **docs, size_t n, struct err *e);
    /* after the last document; not called after an error */
    bool (*close)(void *self, struct err *e);
    /* always called when open succeeded; may be NULL */
    void (*free)(void *self);
    /* --plan: memory, disk and time in numbers, before the run; NULL: `memory` says it */
    void (*plan)(void *self, FILE *to);
    /* the same of a command: it looks at run.plan itself */
    bool plans;
    /* members of its object in the manifest, each with a comma before it; NULL: none */
    void (*tell)(void *self, struct buf *json);
    const struct source *source;
    /* turn and close know what came before by doc.row, run.rows and run.expected alone: a run can be gone on with
     * (--resume) */
    bool by_row;
    /* takes documents, writes none (trainers); needs no -o, or writes r->output itself */
    bool sink;
    bool (*command)(const struct run *r, struct err *e);
};

/* ---- for each, turn, again ---- */
/* The document is bad: it goes to --rejects, with evidence as doc_drop takes it. Returns true. */
bool run_reject(struct doc *d, const char *reason, const char *evidence, ...) PRINTF(3, 4);
/* rejects a document whose text field is missing or no string */
bool run_no_text(struct doc *d);

/* ---- for sources ---- */
/* a new document at the end of b, made by doc_new */
struct doc *batch_doc(struct batch *b);
struct arena *batch_mem(struct batch *b);
/* the source's own struct for this batch, zeroed at first use, kept when the batch is reused */
void *batch_raw(struct batch *b, size_t size);
int batch_worker(const struct batch *b);
/* A unit that gave no document. bad: to --rejects and --max-bad; else a drop (to --drops), such as a type not wanted.
   where: the place, "file@offset"; detail: members of a JSON object, as doc_drop takes them, or "". */
void batch_reject(struct batch *b, bool bad, const char *reason, const char *where, const char *detail,
                  ...) PRINTF(5, 6);
/* progress: bytes of input files read by this batch */
void batch_consumed(struct batch *b, uint64_t bytes);
/* behind this batch; without it no checkpoint is made there */
void batch_place(struct batch *b, struct place p);

/* ---- for commands that read documents themselves, and for second looks at inputs ---- */
struct reader;                                                          /* documents of files, in order, one thread */
struct reader *reader_open(const struct run *r, char **files, struct err *e) MUST_CHECK;
/* NULL at the end or with e set; valid until the next call */
struct doc *reader_next(struct reader *rd, struct err *e) MUST_CHECK;
void reader_close(struct reader *rd);

/* A command's line on the terminal: what it does, how far it is (0 .. 1), the time left. Rewritten four times a second
 * at most. */
struct run_line { double began, told, from; bool written; };            /* zeroed */
void run_tell(const struct run *r, struct run_line *l, double share, const char *what, ...) PRINTF(4, 5);
void run_told(struct run_line *l);                                      /* the line goes */

/* ---- mains ---- */
/* all of them, by place; made by the Makefile */
extern const struct stage *const stages[];
extern const size_t n_stages;
int stage_main(int argc, char **argv);                                  /* the whole of bin/tamis */

#endif
