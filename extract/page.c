/* page.c - the kinds of pages by name.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/page.h"

const char *const page_kind_name[PAGE_KINDS] = { "other", "article", "forum", "product", "listing", "documentation" };
