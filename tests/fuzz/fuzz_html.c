/* fuzz_html.c - any bytes through page_text: no finding, valid UTF-8 out, a sound tree.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/utf8.h"
#include "extract/html_tree.h"
#include "extract/page.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool fine)
{
    if (!fine) abort();
}

static void check_tree(const struct html_tree *t)
{
    size_t n = 0;
    for (const struct html_node *x = t->document; x; x = html_next(x, t->document), n++) {
        must(!x->next || (x->next->prev == x && x->next->parent == x->parent));
        must(!x->first || (x->first->parent == x && x->last->parent == x));
    }
    must(n <= t->nodes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena mem;
    static struct buf text;
    if (!size) return 0;
    struct page_options o = PAGE_OPTIONS;
    struct page_result r;
    struct html_tree t;
    o.keep = data[0] & 1 ? PAGE_ALL : PAGE_MAIN;
    o.markdown = data[0] & 2;
    o.meta = data[0] & 4;
    o.balance = data[0] & 8 ? 1 : data[0] & 16 ? -1 : 0;
    buf_reset(&text);
    utf8_repair((struct str){ (const char *)data + 1, size - 1 }, &text);
    page_text(buf_str(&text), S("http://a/b"), &o, &mem, &r);
    must(utf8_valid(r.text) && (!r.title.p || utf8_valid(r.title)));
    html_parse(buf_str(&text), (struct html_context){ data[0] & 32 ? "td" : NULL, HTML_NS }, data[0] & 64 ? 20 : 0,
               &mem, &t);
    check_tree(&t);
    arena_reset(&mem);
    return 0;
}
