/* html_token.h - HTML bytes to tokens, as the WHATWG standard's tokenization section says.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The standard's eighty states are here places in straight code: the whole page is in memory,
 * so "the state" is where a function stands. Tokens hold spans of the page: names of known tags
 * become numbers, text and attribute values stay as they were written until html_decode() is
 * asked for them. Nothing is copied but a tag name that is not lower case.
 *
 * The tree tells the tokenizer what follows a start tag (html_tokens.state), as in the standard.
 * Input must be valid UTF-8; it is normalised (CR LF, CR) when decoded. Parse errors are not reported.
 */
#ifndef EXTRACT_HTML_TOKEN_H
#define EXTRACT_HTML_TOKEN_H
#include "core/str.h"
#include "extract/html_names.h"

enum html_state { HTML_DATA, HTML_RCDATA, HTML_RAWTEXT, HTML_SCRIPT, HTML_PLAINTEXT, HTML_CDATA };

/* What html_decode() has to do to a span; 0: it is the text already. */
enum { RAW_REFS = 1, RAW_CR = 2, RAW_NUL = 4, RAW_ATTR = 8, RAW_DROP_NUL = 16, RAW_KEEP_NUL = 32 };

struct html_attr { const char *name, *value; uint32_t n_name, n_value; };     /* both as written */

enum html_token_kind { HTML_EOF, HTML_CHARS, HTML_START, HTML_END, HTML_COMMENT, HTML_DOCTYPE };
struct html_token {
    enum html_token_kind kind;
    enum html_tag tag;
    struct str name;                 /* of a tag or doctype, lower case */
    struct str text;                 /* HTML_CHARS, HTML_COMMENT: as written, see raw */
    unsigned raw;                    /* RAW_ flags of text */
    const struct html_attr *attrs;   /* of a start tag; valid until the next token; the first of two alike counts */
    uint32_t n_attrs;
    bool self_closing, quirks;       /* quirks: the doctype's "force-quirks flag" */
    struct str public_id, system_id; /* of a doctype; null when missing */
};

struct html_tokens {
    const char *p, *end;
    enum html_state state;
    bool cdata;                      /* <![CDATA[ is one: set by the tree inside SVG and MathML */
    struct str last;                 /* name of the last start tag: the end of RCDATA, RAWTEXT, SCRIPT */
    struct arena *mem;
    struct html_attr *attrs;
    size_t cap_attrs;
};

void html_tokens_init(struct html_tokens *t, struct str html, struct arena *mem);
void html_token_next(struct html_tokens *t, struct html_token *k);             /* HTML_EOF for ever at the end */

/* Decodes s as raw says into `to`, which has room for html_decode_room(); returns the bytes written. */
size_t html_decode_room(size_t n, unsigned raw);
size_t html_decode(struct str s, unsigned raw, char *to);
/* s itself when there is nothing to do */
struct str html_decoded(struct str s, unsigned raw, struct arena *mem);

/* The value of the attribute, decoded; null when it is not there. name is lower case. */
const struct html_attr *html_attr_find(const struct html_attr *attrs, size_t n, struct str name);
struct str html_attr_get(const struct html_attr *attrs, size_t n, struct str name, struct arena *mem);

enum html_tag html_tag_of(struct str lower);

/* The next '<' in [p, end), or end; *seen gains RAW_ flags of what lies before it. Two that are equal. */
const char *html_scan_text(const char *p, const char *end, unsigned *seen);
const char *html_scan_text_plain(const char *p, const char *end, unsigned *seen);

/* Tables made by tools/html-tables. */
struct html_reference { const char *name; unsigned char n; uint32_t point[2]; };
extern const struct html_reference html_reference[];
extern const size_t html_references;
extern const uint16_t html_reference_first[129];
extern const uint64_t html_tag_multiplier;
extern const uint8_t html_tag_slot[1024];

#endif
