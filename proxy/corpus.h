/* corpus.h - tokens of documents by domain, held in memory, and rows of them drawn by (seed, step, row).
 * SPDX-License-Identifier: Apache-2.0
 *
 *     struct corpus_opt o = { .tokenizer = "tok.json", .field = "domain", .held = 0.1 };
 *     struct corpus *c = corpus_open(&o, run, run->files, e);
 *     int32_t row[257];
 *     size_t k = corpus_pick(c, weights, seed, step, i);
 *     corpus_row(c, k, seed, step, i, row, 256);
 *
 * A domain's documents lie end to end in the order they came, each closed by the end-of-text token; the last is
 * followed by the first. A row is length + 1 tokens from any place. A document is held out when the hash of its id (of
 * its text when it has none) says so: the same documents in every run, whatever the files' order, the domains and the
 * seed.
 *
 * Input is documents, or shards that `tamis pack` wrote in Megatron's format from documents end to end: their
 * PREFIX.json is given, and each prefix is a domain of its own name.
 * Tokens are 2 bytes each in memory where the vocabulary allows, else 4.
 */
#ifndef PROXY_CORPUS_H
#define PROXY_CORPUS_H
#include "frame/stage.h"

enum corpus_part { CORPUS_TRAIN, CORPUS_HELD, CORPUS_PARTS };

struct corpus_opt {
    /* any that tokenizer_open reads; NULL: bytes are tokens, 256 ends a document */
    const char *tokenizer;
    /* of the domain's name, "a.b" too; NULL or absent in a document: all one domain, "all" */
    const char *field;
    double held;                         /* share of the documents that is held out */
    const char *score;                   /* a number of the document, "a.b" too; NULL: all documents are taken */
    double least;                        /* only those whose score is at least this */
    double thin;                         /* share of the documents that is left out, by the hash of the id */
};

struct corpus_stream { uint64_t n_docs, n_tokens; void *tokens; size_t cap; };   /* tokens of corpus.width bytes each */
struct corpus_domain { struct str name; struct corpus_stream part[CORPUS_PARTS]; };
struct corpus {
    size_t vocab, n_domains;             /* domains sorted by name */
    int32_t end;                         /* the token that ends a document */
    struct corpus_domain *domains;
    struct tokenizer *tokenizer;         /* NULL: bytes */
    size_t width;                        /* bytes of a token: 2 or 4 */
    uint64_t n_skipped;                  /* documents without text, or without the score */
    struct arena mem;
};

/* Reads all; NULL with e set. A domain without training tokens is ERR_DATA, so is more than r->memory of tokens. */
struct corpus *corpus_open(const struct corpus_opt *o, const struct run *r, char **files, struct err *e) MUST_CHECK;
void corpus_close(struct corpus *c);

void corpus_natural(const struct corpus *c, double *weight);           /* (n_domains) share of the training tokens */
/* From JSON: domain to weight, or that as "weights"; they are scaled to sum to 1, a domain that is not named has 0. */
bool corpus_weights(const struct corpus *c, const char *path, double *weight, struct err *e) MUST_CHECK;
size_t corpus_domain(const struct corpus *c, struct str name);         /* n_domains when there is none of that name */

/* A domain drawn by weight (n_domains, sums to 1) for row `row` of step `step`. */
size_t corpus_pick(const struct corpus *c, const double *weight, uint64_t seed, uint64_t step, uint64_t row);
/* length + 1 training tokens of a domain from a place drawn evenly. */
void corpus_row(const struct corpus *c, size_t domain, uint64_t seed, uint64_t step, uint64_t row, int32_t *to,
                size_t length);
/* Rows one after another, for evaluation: row i covers tokens [i*length, (i+1)*length]. What lies behind the end is -1:
 * no target. */
size_t corpus_n_rows(const struct corpus *c, size_t domain, enum corpus_part part, size_t length);
void corpus_row_at(const struct corpus *c, size_t domain, enum corpus_part part, size_t i, int32_t *to, size_t length);

/* ---- for corpus_open ---- */
/* Reads files into c's domains, in the order of their first documents. c has its tokenizer, width and end. */
bool corpus_gather(struct corpus *c, const struct corpus_opt *o, const struct run *r, char **files,
                   struct err *e) MUST_CHECK;

#endif
