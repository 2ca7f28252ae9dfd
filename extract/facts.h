/* facts.h - what a page says about itself in its head: title, author, date, kind.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Sources, first hit wins: JSON-LD, Open Graph and article: properties, citation_ and Dublin Core
 * names, plain meta names, elements (<title>, <h1>, <time>, rel=author). JSON-LD is scanned for
 * keys, not parsed: on the web it is often broken, and the keys are all that is asked. */
#ifndef EXTRACT_FACTS_H
#define EXTRACT_FACTS_H
#include "extract/html_tree.h"
#include "extract/page.h"

enum { FACT_LD_ARTICLE = 1, FACT_LD_PRODUCT = 2, FACT_LD_FORUM = 4, FACT_LD_LIST = 8, FACT_LD_FAQ = 16,
       FACT_LD_RECIPE = 32, FACT_LD_SERVICE = 64,
       FACT_OG_ARTICLE = 128, FACT_OG_PRODUCT = 256, FACT_OG_WEBSITE = 512, FACT_URL_FORUM = 1024,
       FACT_URL_PRODUCT = 2048, FACT_URL_LIST = 4096,
       FACT_URL_ARTICLE = 8192, FACT_URL_DOC = 16384, FACT_BITS = 15, FACT_STRINGS = 24 };

struct facts {
    struct str title, heading, site, author, date, description, lang, canonical;
    /* of JSON-LD and meta: what the page is about, what people say of it */
    struct str about[FACT_STRINGS], reviews[FACT_STRINGS];
    size_t n_about, n_reviews;
    unsigned flags;              /* FACT_ */
    unsigned n_h1, n_article, n_main, url_depth;
};

void facts_find(const struct html_tree *t, struct str url, struct arena *mem, struct facts *f);

#endif
