/* html_build.h - the tree under construction: what the insertion modes share. Private to html_*.c.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTRACT_HTML_BUILD_H
#define EXTRACT_HTML_BUILD_H
#include "extract/html_tree.h"

enum { OPEN_MAX = HTML_DEPTH_MAX + 8, ACTIVE_MAX = 256 };

enum mode {
    INITIAL, BEFORE_HTML, BEFORE_HEAD, IN_HEAD, IN_HEAD_NOSCRIPT, AFTER_HEAD, IN_BODY, IN_TEXT, IN_TABLE, IN_TABLE_TEXT,
    IN_CAPTION, IN_COLUMN_GROUP, IN_TABLE_BODY, IN_ROW, IN_CELL, IN_TEMPLATE, AFTER_BODY, IN_FRAMESET, AFTER_FRAMESET,
    AFTER_AFTER_BODY, AFTER_AFTER_FRAMESET
};

struct pending { struct str text; unsigned raw; struct pending *next; };

struct build {
    struct html_tokens tok;
    struct arena *mem;
    struct html_tree *out;
    struct html_node *open[OPEN_MAX];        /* the stack of open elements, html first */
    int n_open;
    uint32_t n_of[TAGS];                     /* how many HTML elements of a tag are open */
    struct html_node *active[ACTIVE_MAX];    /* active formatting elements; NULL is a marker */
    int n_active;
    uint8_t templates[OPEN_MAX];             /* stack of template insertion modes */
    int n_templates;
    enum mode mode, back;                    /* back: the original insertion mode */
    struct html_node *form;
    struct html_node context;                /* of a fragment */
    bool fragment, frameset_ok, foster, stop, skip_newline;
    struct pending *pending, **pending_end;  /* text in a table */
    size_t max_nodes;
};

static inline struct html_node *current(const struct build *b) { return b->open[b->n_open - 1]; }
static inline bool is_tag(const struct html_node *n, enum html_tag t) { return n->tag == t && n->ns == HTML_NS; }

/* ---- html_build.c ---- */
struct html_node *build_node(struct build *b, enum html_kind kind);
struct html_node *build_element(struct build *b, const struct html_token *k, enum html_ns ns);
struct html_node *build_copy(struct build *b, const struct html_node *of);
void build_append(struct html_node *parent, struct html_node *child);
void build_unlink(struct html_node *n);
/* "appropriate place for inserting a node" */
void build_place(struct build *b, struct html_node *child, struct html_node *target);
void build_push(struct build *b, struct html_node *n);
void build_pop(struct build *b);
void build_pop_to(struct build *b, enum html_tag t);                 /* until an HTML element t was popped */
void build_remove(struct build *b, int at);                          /* from the stack */
struct html_node *build_insert(struct build *b, const struct html_token *k);
struct html_node *build_insert_foreign(struct build *b, const struct html_token *k, enum html_ns ns);
struct html_node *build_insert_tag(struct build *b, enum html_tag t);    /* as if "<t>" had come */
void build_text(struct build *b, struct str s, unsigned raw);
void build_comment(struct build *b, const struct html_token *k, struct html_node *parent);
void build_merge_attrs(struct build *b, struct html_node *n, const struct html_token *k);
int build_find(const struct build *b, const struct html_node *n);    /* in the stack, or -1 */

enum scope { DEFAULT_SCOPE, LIST_SCOPE, BUTTON_SCOPE, TABLE_ONLY_SCOPE };
bool build_in_scope(const struct build *b, enum html_tag t, enum scope s);
bool build_node_in_scope(const struct build *b, const struct html_node *n);
bool build_heading_in_scope(const struct build *b);
void build_implied(struct build *b, enum html_tag except, bool thorough);
void build_close_p(struct build *b);
void build_reset_mode(struct build *b);

/* ---- html_format.c ---- */
void format_add(struct build *b, struct html_node *n);
void format_marker(struct build *b);
void format_clear(struct build *b);                                  /* to the last marker */
void format_remove(struct build *b, const struct html_node *n);
int format_find(const struct build *b, const struct html_node *n);
struct html_node *format_last(const struct build *b, enum html_tag t);   /* after the last marker */
void format_reopen(struct build *b);                                 /* "reconstruct the active formatting elements" */
void format_adopt(struct build *b, const struct html_token *k);      /* the adoption agency */

/* ---- html_body.c, html_modes.c, html_table.c, html_foreign.c ---- */
void body_token(struct build *b, struct html_token *k);
void body_other_end(struct build *b, const struct html_token *k);
void head_token(struct build *b, struct html_token *k);
void mode_token(struct build *b, enum mode m, struct html_token *k);     /* by the rules of m */
void table_token(struct build *b, enum mode m, struct html_token *k);    /* of the modes IN_TABLE to IN_CELL */
/* Splits white space off the front of a text token, decoded: the modes that care see few of them. False when there is
 * none. */
bool mode_take_space(struct build *b, struct html_token *k, struct html_token *space);
/* What the modes around the head and in a column group share: white space and comments go in, doctypes are passed over.
 * True when nothing of k is left. */
bool mode_take_plain(struct build *b, struct html_token *k);
void template_end(struct build *b);
bool foreign_takes(struct build *b, const struct html_token *k);
void foreign_token(struct build *b, struct html_token *k);
/* inserts, and reads text until its end tag */
void build_raw(struct build *b, const struct html_token *k, enum html_state s);
bool build_quirks(const struct html_token *k);

static inline bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

static inline void mode_go(struct build *b, enum mode m, struct html_token *k)     /* on to m, with this token */
{
    b->mode = m;
    mode_token(b, m, k);
}

#endif
