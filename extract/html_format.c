/* html_format.c - formatting elements that were left open: <b>, <i>, <a>, <font> ...
 * SPDX-License-Identifier: Apache-2.0
 *
 * "Reconstruct the active formatting elements", the Noah's Ark clause and the adoption agency
 * algorithm, step by step as the standard has them. */
#include "extract/html_build.h"

static bool same_attrs(const struct html_node *x, const struct html_node *y)
{
    enum { FEW = 32 };                                           /* more are not compared: n * n */
    if (x->n_attrs != y->n_attrs || x->n_attrs > FEW) return false;
    for (uint32_t i = 0; i < x->n_attrs; i++) {
        const struct html_attr *a = &x->attrs[i], *c = NULL;
        for (uint32_t j = 0; j < y->n_attrs && !c; j++)
            if (str_eq_nocase((struct str){ a->name, a->n_name }, (struct str){ y->attrs[j].name, y->attrs[j].n_name }))
                c = &y->attrs[j];
        if (!c || !str_eq((struct str){ a->value, a->n_value }, (struct str){ c->value, c->n_value })) return false;
    }
    return true;
}

static void remove_at(struct build *b, int at)
{
    memmove(&b->active[at], &b->active[at + 1], (size_t)(b->n_active - at - 1) * sizeof *b->active);
    b->n_active--;
}

static void insert_at(struct build *b, int at, struct html_node *n)
{
    if (b->n_active == ACTIVE_MAX) return;
    memmove(&b->active[at + 1], &b->active[at], (size_t)(b->n_active - at) * sizeof *b->active);
    b->active[at] = n;
    b->n_active++;
}

void format_add(struct build *b, struct html_node *n)
{
    int alike = 0, earliest = 0;
    for (int i = b->n_active - 1; i >= 0 && b->active[i]; i--)
        if (b->active[i]->tag == n->tag && same_attrs(b->active[i], n)) { alike++; earliest = i; }
    if (alike >= 3) remove_at(b, earliest);
    insert_at(b, b->n_active, n);
}

void format_marker(struct build *b)
{
    insert_at(b, b->n_active, NULL);
}

void format_clear(struct build *b)
{
    while (b->n_active && b->active[--b->n_active]) { }
}

int format_find(const struct build *b, const struct html_node *n)
{
    int i = b->n_active - 1;
    while (i >= 0 && b->active[i] != n) i--;
    return i;
}

void format_remove(struct build *b, const struct html_node *n)
{
    int i = format_find(b, n);
    if (i >= 0) remove_at(b, i);
}

struct html_node *format_last(const struct build *b, enum html_tag t)
{
    for (int i = b->n_active - 1; i >= 0 && b->active[i]; i--) if (b->active[i]->tag == t) return b->active[i];
    return NULL;
}

void format_reopen(struct build *b)
{
    int i = b->n_active - 1;
    if (i < 0 || !b->active[i] || build_find(b, b->active[i]) >= 0) return;
    while (i > 0 && b->active[i - 1] && build_find(b, b->active[i - 1]) < 0) i--;
    for (; i < b->n_active && !b->stop; i++) {
        struct html_node *n = build_copy(b, b->active[i]);
        if (b->n_open >= HTML_DEPTH_MAX) build_pop(b);
        build_place(b, n, current(b));
        build_push(b, n);
        b->active[i] = n;
    }
}

/* ---- the adoption agency ---- */

static bool special(const struct html_node *n)
{
    if (n->ns == HTML_NS) return html_tag_flags[n->tag] & SPECIAL;
    return n->ns == MATHML_NS ? n->tag == TAG_mi || n->tag == TAG_mo || n->tag == TAG_mn || n->tag == TAG_ms
        || n->tag == TAG_mtext ||
           n->tag == TAG_annotation_xml : n->tag == TAG_foreignobject || n->tag == TAG_desc || n->tag == TAG_title;
}

static int furthest_block(const struct build *b, int formatting)
{
    for (int i = formatting + 1; i < b->n_open; i++) if (special(b->open[i])) return i;
    return -1;
}

/* Steps 13: clone the formatting elements between, hang `furthest` under the last. Returns the topmost node, and the
 * bookmark. */
static struct html_node *climb(struct build *b, const struct html_node *formatting, int furthest, int *bookmark)
{
    struct html_node *last = b->open[furthest];
    int at = furthest, count = 0;
    for (;;) {
        struct html_node *node = b->open[--at];
        if (node == formatting) return last;
        int in_list = format_find(b, node);
        if (++count > 3 && in_list >= 0) {
            remove_at(b, in_list);
            if (in_list < *bookmark) --*bookmark;
            in_list = -1;
        }
        if (in_list < 0) { build_remove(b, at); furthest--; continue; }
        struct html_node *copy = build_copy(b, node);
        b->active[in_list] = b->open[at] = copy;
        if (last == b->open[furthest]) *bookmark = in_list + 1;
        build_unlink(last);
        build_append(copy, last);
        last = copy;
    }
}

/* One round of the outer loop; false when the algorithm ends. */
static bool adopt(struct build *b, const struct html_token *k)
{
    struct html_node *formatting = format_last(b, k->tag);
    if (!formatting) { body_other_end(b, k); return false; }
    int at = build_find(b, formatting);
    if (at < 0) { format_remove(b, formatting); return false; }
    if (!build_node_in_scope(b, formatting)) return false;
    int furthest = furthest_block(b, at);
    if (furthest < 0) {
        while (b->n_open > at && b->n_open > 1) build_pop(b);
        format_remove(b, formatting);
        return false;
    }
    struct html_node *block = b->open[furthest], *ancestor = b->open[at ? at - 1 : 0];
    int bookmark = format_find(b, formatting);
    struct html_node *last = climb(b, formatting, furthest, &bookmark);
    build_unlink(last);
    build_place(b, last, ancestor);
    struct html_node *copy = build_copy(b, formatting);
    copy->first = block->first;
    copy->last = block->last;
    block->first = block->last = NULL;
    for (struct html_node *c = copy->first; c; c = c->next) c->parent = copy;
    build_append(block, copy);
    int old = format_find(b, formatting);
    remove_at(b, old);
    insert_at(b, bookmark > old ? bookmark - 1 : bookmark, copy);
    build_remove(b, build_find(b, formatting));
    int below = build_find(b, block) + 1;
    memmove(&b->open[below + 1], &b->open[below], (size_t)(b->n_open - below) * sizeof *b->open);
    b->open[below] = copy;
    b->n_open++;
    b->n_of[copy->tag]++;
    return true;
}

void format_adopt(struct build *b, const struct html_token *k)
{
    if (is_tag(current(b), k->tag) && format_find(b, current(b)) < 0) { build_pop(b); return; }
    for (int round = 0; round < 8 && !b->stop; round++) if (!adopt(b, k)) return;
}
