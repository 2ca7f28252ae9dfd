/* dsir.h - importance weights: how much more a text looks like a target domain than like the crawl it came from.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Xie et al. 2023 (DSIR) as RedPajama-v2 computes it. A text's features are its raw words (words_punct) and pairs of
 * neighbouring raw words, hashed into D buckets (pyhash.h). A domain is D counts and lambda, its mean number of raw
 * words a text; the weight is the sum over features of ln((p_target + 1e-8) / (p_source + 1e-8)), and with length
 * correction plus the logarithm of the ratio of two Poisson probabilities of the text's length.
 *
 * Files of a domain, NumPy's format: FOLDER/DOMAIN.LANG.10000.counts.npy, int64 (D,), and
 * FOLDER/DOMAIN.LANG.lambda.npy, float64 ().
 */
#ifndef QUALITY_DSIR_H
#define QUALITY_DSIR_H
#include "text/words.h"

enum { DSIR_BUCKETS = 10000 };

/* a domain in the making, or as read */
struct dsir_counts { int64_t count[DSIR_BUCKETS]; double words; uint64_t texts; };

void dsir_add(struct dsir_counts *c, const struct words *raw);                         /* one text */
/* The counts of one slice as they are, added up by load: "TAMDSR1\n" | i64 x DSIR_BUCKETS | f64 words | u64 texts. */
bool dsir_save(const struct dsir_counts *c, const char *path, struct err *e) MUST_CHECK;
bool dsir_load(struct dsir_counts *c, const char *path, struct err *e) MUST_CHECK;
bool dsir_write(const struct dsir_counts *c, const char *folder, const char *domain, const char *lang,
                struct err *e) MUST_CHECK;
bool dsir_exists(const char *folder, const char *domain, const char *lang);

/* Target against source, ready to score. */
struct dsir { double weight[DSIR_BUCKETS]; double target_lambda, source_lambda; };
struct dsir *dsir_open(const char *folder, const char *target, const char *source, const char *lang,
                       struct err *e) MUST_CHECK;
void dsir_close(struct dsir *d);

/* at most 2n; room for that is the caller's */
size_t dsir_features(const struct words *raw, uint16_t *bucket);
double dsir_score(const struct dsir *d, const uint16_t *bucket, size_t n);
double dsir_length_term(const struct dsir *d, double length);                          /* what length correction adds */

#endif
