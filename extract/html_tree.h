/* html_tree.h - tokens to a tree, as the WHATWG standard's tree construction section says.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The whole section is here: all insertion modes, the adoption agency, foster parenting, templates,
 * SVG and MathML; scripting is off. What differs from the standard is only how it is kept:
 *   - text stays as written, in as many nodes as the tokenizer gave: neighbours are one text;
 *   - a template's contents are its children;
 *   - elements nest DEPTH_MAX deep; what would lie deeper becomes a sibling at that depth;
 *   - at most `max_nodes`, and at most a few nodes a byte of input, so that formatting elements,
 *     which the standard opens again in every block, cannot blow a page up.
 * Together these make time and memory linear in the page.
 */
#ifndef EXTRACT_HTML_TREE_H
#define EXTRACT_HTML_TREE_H
#include "extract/html_token.h"

enum html_kind { HTML_DOCUMENT, HTML_ELEMENT, HTML_TEXT, HTML_COMMENT_NODE, HTML_DOCTYPE_NODE };
enum html_ns { HTML_NS, SVG_NS, MATHML_NS };
enum { HTML_DEPTH_MAX = 512 };

struct html_node {
    struct html_node *parent, *first, *last, *prev, *next;
    struct str s;                    /* element, doctype: name; text, comment: as written */
    const struct html_attr *attrs;   /* element; doctype: NULL */
    uint32_t n_attrs;
    uint16_t tag;                    /* enum html_tag; TAG_NONE also for what is no element */
    uint8_t kind, ns;
    uint8_t raw;                     /* RAW_ flags of s */
};

struct html_tree { struct html_node *document, *html, *head, *body; size_t nodes; bool cut, quirks; };
struct html_context { const char *name; enum html_ns ns; };      /* of a fragment; name NULL: a whole page */

void html_parse(struct str html, struct html_context in, size_t max_nodes, struct arena *mem, struct html_tree *out);

/* The node after n in document order within root, or NULL; html_skip passes over n's children. */
struct html_node *html_next(const struct html_node *n, const struct html_node *root);
struct html_node *html_skip(const struct html_node *n, const struct html_node *root);

static inline struct str html_get(const struct html_node *n, struct str name, struct arena *mem)
{
    return html_attr_get(n->attrs, n->n_attrs, name, mem);
}
static inline bool html_is(const struct html_node *n, enum html_tag t) { return n->tag == t && n->ns == HTML_NS; }

#endif
