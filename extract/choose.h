/* choose.h - from the chance that each block is content to what is kept of the page.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTRACT_CHOOSE_H
#define EXTRACT_CHOOSE_H
#include "extract/layout.h"

/* Sets keep[i] of l->n_blocks by p[i] and by o's balance and comments. */
void choose_main(const struct layout *l, const float *p, enum page_kind kind, const struct page_options *o, bool *keep,
                 struct arena *mem);
/* All that a reader sees. */
void choose_all(const struct layout *l, bool *keep);

#endif
