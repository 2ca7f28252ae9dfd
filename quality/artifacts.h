/* artifacts.h - the models and lists behind the signals, in RedPajama-v2's folder layout.
 * SPDX-License-Identifier: Apache-2.0
 *
 *     DIR/stop_words/LANG.txt   DIR/bad_words/LANG.txt   DIR/bad_urls/blacklists/CATEGORY/domains
 *     DIR/classifiers/LANG/{palm,wikipedia,wikiref}.model.bin                       fastText
 *     DIR/dsir/LANG/{ccnet,books,openwebtext,wikipedia}.LANG.10000.counts.npy, .lambda.npy
 *
 * What is there is loaded once, for every language that is there; what is not there makes its signals null.
 */
#ifndef QUALITY_ARTIFACTS_H
#define QUALITY_ARTIFACTS_H
#include "model/fasttext.h"
#include "quality/blocklist.h"
#include "quality/dsir.h"

/* palm, wikipedia, wikiref; books, openwebtext, wikipedia: the order of the signals */
enum { CLASSIFIERS = 3, DOMAINS = 3 };

struct artifacts_lang {
    char name[16];
    struct blocklist *stop_words, *bad_words;
    struct fasttext *classifier[CLASSIFIERS];
    struct fasttext_scratch **scratch[CLASSIFIERS];                           /* (threads) */
    struct dsir *domain[DOMAINS];
};
struct artifacts { struct artifacts_lang *langs; size_t n, cap; struct ut1 *ut1; int threads; };

struct artifacts *artifacts_open(const char *folder, int threads, struct err *e) MUST_CHECK;
void artifacts_close(struct artifacts *a);
/* of another language: one without models */
struct artifacts_lang *artifacts_lang(const struct artifacts *a, struct str lang);

#endif
