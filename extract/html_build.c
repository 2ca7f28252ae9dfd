/* html_build.c - nodes, the stack of open elements, and where a node goes.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The stack's scopes are searched downwards in the standard, which is quadratic for deep pages; the
 * count of open elements by tag answers "no" at once, and that is nearly always the answer. */
#include "extract/html_build.h"

/* ---- nodes ---- */

struct html_node *build_node(struct build *b, enum html_kind kind)
{
    struct html_node *n = NEW(b->mem, struct html_node, 1);
    *n = (struct html_node){ .kind = (uint8_t)kind };
    if (++b->out->nodes > b->max_nodes) b->stop = b->out->cut = true;
    return n;
}

static struct html_node *element(struct build *b, enum html_tag tag, struct str name, const struct html_attr *attrs,
                                 uint32_t n_attrs, enum html_ns ns)
{
    struct html_node *n = build_node(b, HTML_ELEMENT);
    n->tag = (uint16_t)tag;
    n->s = name;
    n->ns = (uint8_t)ns;
    if (n_attrs) {
        struct html_attr *to = NEW(b->mem, struct html_attr, n_attrs);
        memcpy(to, attrs, n_attrs * sizeof *to);
        n->attrs = to;
        n->n_attrs = n_attrs;
    }
    return n;
}

struct html_node *build_element(struct build *b, const struct html_token *k, enum html_ns ns)
{
    return element(b, k->tag, k->name, k->attrs, k->n_attrs, ns);
}

struct html_node *build_copy(struct build *b, const struct html_node *of)
{
    struct html_node *n = element(b, (enum html_tag)of->tag, of->s, NULL, 0, (enum html_ns)of->ns);
    n->attrs = of->attrs;
    n->n_attrs = of->n_attrs;
    return n;
}

void build_unlink(struct html_node *n)
{
    if (!n->parent) return;
    if (n->prev) n->prev->next = n->next; else n->parent->first = n->next;
    if (n->next) n->next->prev = n->prev; else n->parent->last = n->prev;
    n->parent = n->prev = n->next = NULL;
}

void build_append(struct html_node *parent, struct html_node *child)
{
    child->parent = parent;
    child->prev = parent->last;
    if (parent->last) parent->last->next = child; else parent->first = child;
    parent->last = child;
}

static void insert_before(struct html_node *at, struct html_node *child)
{
    child->parent = at->parent;
    child->next = at;
    child->prev = at->prev;
    if (at->prev) at->prev->next = child; else at->parent->first = child;
    at->prev = child;
}

static int last_open(const struct build *b, enum html_tag t)
{
    if (!b->n_of[t]) return -1;
    int i = b->n_open - 1;
    while (i >= 0 && !is_tag(b->open[i], t)) i--;
    return i;
}

void build_place(struct build *b, struct html_node *child, struct html_node *target)
{
    if (!b->foster || target->ns != HTML_NS ||
        (target->tag != TAG_table && target->tag != TAG_tbody && target->tag != TAG_tfoot && target->tag != TAG_thead
         && target->tag != TAG_tr)) {
        build_append(target, child);
        return;
    }
    int template = last_open(b, TAG_template), table = last_open(b, TAG_table);
    if (template >= 0 && template > table) build_append(b->open[template], child);
    else if (table < 0) build_append(b->open[0], child);
    else if (b->open[table]->parent) insert_before(b->open[table], child);
    else build_append(b->open[table ? table - 1 : 0], child);
}

/* ---- the stack ---- */

void build_push(struct build *b, struct html_node *n)
{
    if (b->n_open >= HTML_DEPTH_MAX) build_pop(b);
    b->open[b->n_open++] = n;
    if (n->ns == HTML_NS) b->n_of[n->tag]++;
}

void build_pop(struct build *b)
{
    if (b->n_open <= 1) return;                                  /* html stays */
    struct html_node *n = b->open[--b->n_open];
    if (n->ns == HTML_NS) b->n_of[n->tag]--;
}

void build_pop_to(struct build *b, enum html_tag t)
{
    bool last = false;
    while (b->n_open > 1 && !last) { last = is_tag(current(b), t); build_pop(b); }
}

void build_remove(struct build *b, int at)
{
    if (b->open[at]->ns == HTML_NS) b->n_of[b->open[at]->tag]--;
    memmove(&b->open[at], &b->open[at + 1], (size_t)(b->n_open - at - 1) * sizeof *b->open);
    b->n_open--;
}

int build_find(const struct build *b, const struct html_node *n)
{
    int i = b->n_open - 1;
    while (i >= 0 && b->open[i] != n) i--;
    return i;
}

/* ---- scopes ---- */

static bool foreign_border(const struct html_node *n)
{
    return n->ns == MATHML_NS ? n->tag == TAG_mi || n->tag == TAG_mo || n->tag == TAG_mn || n->tag == TAG_ms
        || n->tag == TAG_mtext ||
           n->tag == TAG_annotation_xml : n->tag == TAG_foreignobject || n->tag == TAG_desc || n->tag == TAG_title;
}

static bool border(const struct html_node *n, enum scope s)
{
    if (n->ns != HTML_NS) return s != TABLE_ONLY_SCOPE && foreign_border(n);
    if (s == TABLE_ONLY_SCOPE) return html_tag_flags[n->tag] & TABLE_SCOPE;
    if (s == LIST_SCOPE && (n->tag == TAG_ol || n->tag == TAG_ul)) return true;
    if (s == BUTTON_SCOPE && n->tag == TAG_button) return true;
    return html_tag_flags[n->tag] & SCOPE;
}

bool build_in_scope(const struct build *b, enum html_tag t, enum scope s)
{
    if (!b->n_of[t]) return false;
    for (int i = b->n_open - 1; i >= 0; i--) {
        if (is_tag(b->open[i], t)) return true;
        if (border(b->open[i], s)) return false;
    }
    return false;
}

bool build_node_in_scope(const struct build *b, const struct html_node *n)
{
    for (int i = b->n_open - 1; i >= 0; i--) {
        if (b->open[i] == n) return true;
        if (border(b->open[i], DEFAULT_SCOPE)) return false;
    }
    return false;
}

bool build_heading_in_scope(const struct build *b)
{
    for (int i = b->n_open - 1; i >= 0; i--) {
        if (b->open[i]->ns == HTML_NS && html_tag_flags[b->open[i]->tag] & HEADING) return true;
        if (border(b->open[i], DEFAULT_SCOPE)) return false;
    }
    return false;
}

void build_implied(struct build *b, enum html_tag except, bool thorough)
{
    unsigned want = thorough ? IMPLIED_THOROUGH : IMPLIED;
    while (current(b)->ns == HTML_NS && html_tag_flags[current(b)->tag] & want && current(b)->tag != except
           && b->n_open > 1)
        build_pop(b);
}

void build_close_p(struct build *b)
{
    if (!build_in_scope(b, TAG_p, BUTTON_SCOPE)) return;
    build_implied(b, TAG_p, false);
    build_pop_to(b, TAG_p);
}

/* ---- inserting ---- */

struct html_node *build_insert_foreign(struct build *b, const struct html_token *k, enum html_ns ns)
{
    struct html_node *n = build_element(b, k, ns);
    if (b->n_open >= HTML_DEPTH_MAX) build_pop(b);
    build_place(b, n, current(b));
    build_push(b, n);
    return n;
}

struct html_node *build_insert(struct build *b, const struct html_token *k)
{
    return build_insert_foreign(b, k, HTML_NS);
}

struct html_node *build_insert_tag(struct build *b, enum html_tag t)
{
    static const struct str name[TAGS] = { [TAG_html] = { "html", 4 }, [TAG_head] = { "head", 4 },
                                           [TAG_body] = { "body", 4 }, [TAG_p] = { "p", 1 },
                                           [TAG_colgroup] = { "colgroup", 8 }, [TAG_tbody] = { "tbody", 5 },
                                           [TAG_tr] = { "tr", 2 } };
    return build_insert(b, &(struct html_token){ .kind = HTML_START, .tag = t, .name = name[t] });
}

void build_text(struct build *b, struct str s, unsigned raw)
{
    if (!s.n) return;
    struct html_node *n = build_node(b, HTML_TEXT);
    n->s = s;
    n->raw = (uint8_t)raw;
    build_place(b, n, current(b));
}

void build_comment(struct build *b, const struct html_token *k, struct html_node *parent)
{
    struct html_node *n = build_node(b, HTML_COMMENT_NODE);
    n->s = k->text;
    n->raw = (uint8_t)k->raw;
    if (parent) build_append(parent, n);
    else build_place(b, n, current(b));
}

void build_merge_attrs(struct build *b, struct html_node *n, const struct html_token *k)
{
    enum { MERGE_MAX = 64 };                                     /* a page of <body a1><body a2>... stays linear */
    for (uint32_t i = 0; i < k->n_attrs && n->n_attrs < MERGE_MAX; i++) {
        const struct html_attr *a = &k->attrs[i];
        struct str name = str_copy(b->mem, (struct str){ a->name, a->n_name });
        for (char *c = (char *)(uintptr_t)name.p; c < name.p + name.n; c++) if (*c >= 'A' && *c <= 'Z') *c |= 32;
        if (html_attr_find(n->attrs, n->n_attrs, name)) continue;
        struct html_attr *to = NEW(b->mem, struct html_attr, n->n_attrs + 1);
        if (n->n_attrs) memcpy(to, n->attrs, n->n_attrs * sizeof *to);
        to[n->n_attrs++] = *a;
        n->attrs = to;
    }
}

void build_raw(struct build *b, const struct html_token *k, enum html_state s)
{
    build_insert(b, k);
    b->tok.state = s;
    b->back = b->mode;
    b->mode = IN_TEXT;
}

/* "reset the insertion mode appropriately" */
void build_reset_mode(struct build *b)
{
    for (int i = b->n_open - 1; i >= 0; i--) {
        bool last = i == 0;
        const struct html_node *n = last && b->fragment ? &b->context : b->open[i];
        enum html_tag t = n->ns == HTML_NS ? (enum html_tag)n->tag : TAG_NONE;
        switch (t) {
        case TAG_td: case TAG_th: if (!last) { b->mode = IN_CELL; return; } break;
        case TAG_tr: b->mode = IN_ROW; return;
        case TAG_tbody: case TAG_thead: case TAG_tfoot: b->mode = IN_TABLE_BODY; return;
        case TAG_caption: b->mode = IN_CAPTION; return;
        case TAG_colgroup: b->mode = IN_COLUMN_GROUP; return;
        case TAG_table: b->mode = IN_TABLE; return;
        case TAG_template: b->mode = b->n_templates ? (enum mode)b->templates[b->n_templates - 1] : IN_BODY; return;
        case TAG_head: if (!last) { b->mode = IN_HEAD; return; } break;
        case TAG_body: b->mode = IN_BODY; return;
        case TAG_frameset: b->mode = IN_FRAMESET; return;
        case TAG_html: b->mode = b->out->head ? AFTER_HEAD : BEFORE_HEAD; return;
        default: break;
        }
        if (last) break;
    }
    b->mode = IN_BODY;
}
