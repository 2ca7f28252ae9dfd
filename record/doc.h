/* doc.h - a document: one line of JSON on its way through the stages.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A document knows where its fields lie in the line it came in. A stage asks for fields,
 * adds its own, and may drop it. What no stage touched is written as it came, byte for
 * byte and in place; new fields follow in the order they were put; a field that is put
 * again keeps its place.
 *
 *     struct str text = doc_text(d);
 *     doc_put_str(d, "lang", S("fr"));
 *     doc_put_real(d, "lang_score", 0.93);
 *     if (text.n < 100) doc_drop(d, "short", "\"bytes\":%zu", text.n);
 *
 * All spans live as long as the batch. Nothing here fails: memory is the batch's arena.
 */
#ifndef RECORD_DOC_H
#define RECORD_DOC_H
#include "record/json.h"

/* key raw; was: the value in the line, null for a new field */
struct doc_field { struct str key, value, was; };
struct doc {
    struct str line;                 /* as it came, without newline; empty for a document made by a source */
    struct doc_field *fields;
    size_t n, cap;
    bool changed;
    struct arena *mem;               /* the batch's */
    const char *text_field;          /* "text", or what --text-field says */
    struct str text;                 /* decoded once; null until asked for */
    /* its number among the documents that reached this stage (set for turn and again) */
    uint64_t row;
    int worker;                      /* 0 .. threads-1: which thread holds it, for scratch kept per thread */
    const char *dropped;             /* the reason, or NULL */
    bool rejected;                   /* it was bad: see run_reject in frame/stage.h */
    struct str evidence;             /* members of a JSON object: "\"score\":0.2,\"twin\":\"x\"" */
    void *note;                      /* from a stage's each to its own turn or again: in mem */
    struct batch *batch;             /* the frame's: whose it is, and the line it came from */
    uint64_t origin;
};

bool doc_parse(struct doc *d, struct str line, struct arena *mem, const char *text_field, struct err *e) MUST_CHECK;
void doc_new(struct doc *d, struct arena *mem, const char *text_field);    /* empty, for sources */

/* raw JSON of a top-level field; null span if none */
struct str doc_get(const struct doc *d, const char *name);
struct str doc_path(const struct doc *d, struct str path);                 /* "signals.rps_doc_word_count[0][2]" */
bool doc_string(const struct doc *d, const char *name, struct str *out);   /* decoded; false when absent or no string */
/* the text field, decoded; null span when absent or no string */
struct str doc_text(struct doc *d);
/* "id" decoded, else raw number, else null span */
struct str doc_id(const struct doc *d);

void doc_put_raw(struct doc *d, const char *name, struct str json);        /* json is kept as given: must be valid */
void doc_put_str(struct doc *d, const char *name, struct str s);           /* s must be valid UTF-8 */
void doc_put_int(struct doc *d, const char *name, int64_t x);
void doc_put_real(struct doc *d, const char *name, double x);
/* rewrites the text field: only for stages that say so */
void doc_put_text(struct doc *d, struct str text);

/* Drops it: it goes to --drops with this reason and evidence, not to the output. reason is a literal, [a-z0-9_-]. */
void doc_drop(struct doc *d, const char *reason, const char *evidence, ...) PRINTF(3, 4);

void doc_write(const struct doc *d, struct buf *to);                       /* with a newline */

#endif
