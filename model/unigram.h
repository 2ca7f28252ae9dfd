/* unigram.h - the likeliest way to cut a text into pieces that have probabilities of their own.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Kudo 2018. A piece has a log-probability; a text's best segmentation is found by one pass from left to right
 * over characters (Viterbi), with every piece that begins there. A character that no piece covers alone is
 * unknown, at 10 below the worst piece. Sums are floats, of which each 100,000 begin anew; ties go to the longer
 * first piece: SentencePiece's numbers, so its ids. Text: valid UTF-8.
 */
#ifndef MODEL_UNIGRAM_H
#define MODEL_UNIGRAM_H
#include "model/bpe.h"
#include "model/trie.h"

struct unigram {
    struct trie trie;
    float *score;                                            /* (n): log-probability by id */
    bool *user;                                              /* (n): user-defined: always taken */
    size_t n, cap_score, cap_user;
    float least;                                             /* score of the plain pieces */
    uint32_t unk;                                            /* VOCAB_NONE: unknown characters have no id */
    bool fallback;                                           /* they become bytes ... */
    uint32_t hex[256];                                       /* ... these */
};
/* one per thread, zeroed; reach: the farthest place that a piece ends at so far */
struct unigram_scratch { float *score; int32_t *from; uint32_t *id; size_t cap_score, cap_from, cap_id, reach; };

enum unigram_type { UNIGRAM_PLAIN, UNIGRAM_USER };
void unigram_put(struct unigram *u, uint32_t id, struct str piece, float score, enum unigram_type type);
void unigram_free(struct unigram *u);
void unigram_scratch_free(struct unigram_scratch *s);

/* Appends the ids; neighbouring unknown characters are one. */
void unigram_encode(const struct unigram *u, struct unigram_scratch *s, struct str text, struct ids *to);

/* Of all segmentations one at random, each with its probability to the power alpha (normalised): forward sums,
   then choices from the end. unit(with) gives numbers in [0, 1). */
void unigram_sample(const struct unigram *u, struct unigram_scratch *s, struct str text, double alpha,
                    double (*unit)(void *with), void *with, struct ids *to);

#endif
