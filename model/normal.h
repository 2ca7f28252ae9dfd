/* normal.h - what a tokenizer does to text before it cuts it: a row of steps.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Names and meanings are Hugging Face's. Text must be valid UTF-8, unless the first step is SPM.
 */
#ifndef MODEL_NORMAL_H
#define MODEL_NORMAL_H
#include "model/spm.h"

enum normal_kind { NORMAL_NFC, NORMAL_NFD, NORMAL_NFKC, NORMAL_NFKD, NORMAL_LOWER, NORMAL_STRIP_ACCENTS, NORMAL_PREPEND,
                   NORMAL_REPLACE,
                   NORMAL_STRIP, NORMAL_BERT, NORMAL_SPM, NORMAL_SQUEEZE, NORMAL_PREFIX };
struct normal_step {
    enum normal_kind kind;
    /* REPLACE; PREPEND: to; PREFIX: to, unless the text begins with it; SQUEEZE: runs of 2 spaces or more are `to` */
    struct str from, to;
    bool left, right;                                        /* STRIP */
    struct spm_rules spm;                                    /* SPM */
    /* BERT: drop controls, space out CJK, strip accents, lower case */
    bool clean, cjk, accents, lower;
};
enum { NORMAL_MAX = 8 };
struct normal { struct normal_step step[NORMAL_MAX]; size_t n; };

/* The text after all steps: borrowed from text when nothing changed, else from one of the two buffers. */
struct str normal_run(const struct normal *n, struct str text, struct buf work[2]);

/* SentencePiece's plain way: U+2581 before the text and for each space. */
void normal_marks(struct normal *n);
bool normal_marked(const struct normal *n);                  /* a U+2581 comes before the text that was not there */

#endif
