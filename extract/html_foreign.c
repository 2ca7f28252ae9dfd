/* html_foreign.c - inside SVG and MathML, and the doctypes that mean quirks.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/html_build.h"

static bool mathml_text(const struct html_node *n)
{
    return n->ns == MATHML_NS
        && (n->tag == TAG_mi || n->tag == TAG_mo || n->tag == TAG_mn || n->tag == TAG_ms || n->tag == TAG_mtext);
}

static bool html_point(const struct build *b, const struct html_node *n)     /* "HTML integration point" */
{
    if (n->ns == SVG_NS) return n->tag == TAG_foreignobject || n->tag == TAG_desc || n->tag == TAG_title;
    if (n->ns != MATHML_NS || n->tag != TAG_annotation_xml) return false;
    struct str e = html_get(n, S("encoding"), b->mem);
    return str_eq_nocase(e, S("text/html")) || str_eq_nocase(e, S("application/xhtml+xml"));
}

static const struct html_node *adjusted(const struct build *b)
{
    return b->fragment && b->n_open == 1 ? &b->context : current(b);
}

bool foreign_takes(struct build *b, const struct html_token *k)
{
    const struct html_node *n = adjusted(b);
    b->tok.cdata = n->ns != HTML_NS;
    if (n->ns == HTML_NS || k->kind == HTML_EOF) return false;
    bool start = k->kind == HTML_START, chars = k->kind == HTML_CHARS;
    if (mathml_text(n) && ((start && k->tag != TAG_mglyph && k->tag != TAG_malignmark) || chars)) return false;
    if (n->ns == MATHML_NS && n->tag == TAG_annotation_xml && start && k->tag == TAG_svg) return false;
    return !(html_point(b, n) && (start || chars));
}

static bool breaks_out(const struct build *b, const struct html_token *k)
{
    switch (k->tag) {
    case TAG_b: case TAG_big: case TAG_blockquote: case TAG_body: case TAG_br: case TAG_center: case TAG_code:
    case TAG_dd: case TAG_div: case TAG_dl:
    case TAG_dt: case TAG_em: case TAG_embed: case TAG_h1: case TAG_h2: case TAG_h3: case TAG_h4: case TAG_h5:
    case TAG_h6: case TAG_head: case TAG_hr:
    case TAG_i: case TAG_img: case TAG_li: case TAG_listing: case TAG_menu: case TAG_meta: case TAG_nobr: case TAG_ol:
    case TAG_p: case TAG_pre:
    case TAG_ruby: case TAG_s: case TAG_small: case TAG_span: case TAG_strong: case TAG_strike: case TAG_sub:
    case TAG_sup: case TAG_table: case TAG_tt:
    case TAG_u: case TAG_ul: case TAG_var: return true;
    case TAG_font: return html_attr_find(k->attrs, k->n_attrs, S("color"))
        || html_attr_find(k->attrs, k->n_attrs, S("face")) ||
                          html_attr_find(k->attrs, k->n_attrs, S("size"));
    default: (void)b; return false;
    }
}

static void leave(struct build *b, struct html_token *k)
{
    while (current(b)->ns != HTML_NS && !mathml_text(current(b)) && !html_point(b, current(b)) && b->n_open > 1)
        build_pop(b);
    mode_token(b, b->mode, k);
}

static void foreign_end(struct build *b, struct html_token *k)
{
    for (int i = b->n_open - 1; i > 0; i--) {
        struct html_node *n = b->open[i];
        if (n->ns == HTML_NS) { mode_token(b, b->mode, k); return; }
        if (str_eq(n->s, k->name)) {
            while (b->n_open > i) build_pop(b);
            return;
        }
    }
}

void foreign_token(struct build *b, struct html_token *k)
{
    switch (k->kind) {
    case HTML_CHARS: {
        build_text(b, k->text, k->raw);
        struct str s = b->frameset_ok ? html_decoded(k->text, k->raw | RAW_DROP_NUL, b->mem) : k->text;
        for (size_t i = 0; b->frameset_ok && i < s.n; i++) if (!strchr(" \t\n\f\r", s.p[i])) b->frameset_ok = false;
        return;
    }
    case HTML_COMMENT: build_comment(b, k, NULL); return;
    case HTML_START:
        if (breaks_out(b, k)) { leave(b, k); return; }
        build_insert_foreign(b, k, (enum html_ns)adjusted(b)->ns);
        if (k->self_closing) build_pop(b);
        return;
    case HTML_END:
        if (k->tag == TAG_br || k->tag == TAG_p) leave(b, k);
        else foreign_end(b, k);
        return;
    default: return;
    }
}

/* ---- quirks ---- */

static bool begins(struct str s, struct str lower)
{
    return s.n >= lower.n && str_eq_nocase((struct str){ s.p, lower.n }, lower);
}

bool build_quirks(const struct html_token *k)
{
    static const char *const prefix[] = {
        "+//silmaril//dtd html pro v0r11 19970101//", "-//as//dtd html 3.0 aswedit + extensions//",
        "-//advasoft ltd//dtd html 3.0 aswedit + extensions//",
        "-//ietf//dtd html 2.0 level 1//", "-//ietf//dtd html 2.0 level 2//", "-//ietf//dtd html 2.0 strict level 1//",
        "-//ietf//dtd html 2.0 strict level 2//",
        "-//ietf//dtd html 2.0 strict//", "-//ietf//dtd html 2.0//", "-//ietf//dtd html 2.1e//",
        "-//ietf//dtd html 3.0//", "-//ietf//dtd html 3.2 final//",
        "-//ietf//dtd html 3.2//", "-//ietf//dtd html 3//", "-//ietf//dtd html level 0//",
        "-//ietf//dtd html level 1//", "-//ietf//dtd html level 2//",
        "-//ietf//dtd html level 3//", "-//ietf//dtd html strict level 0//", "-//ietf//dtd html strict level 1//",
        "-//ietf//dtd html strict level 2//",
        "-//ietf//dtd html strict level 3//", "-//ietf//dtd html strict//", "-//ietf//dtd html//",
        "-//metrius//dtd metrius presentational//",
        "-//microsoft//dtd internet explorer 2.0 html strict//", "-//microsoft//dtd internet explorer 2.0 html//",
        "-//microsoft//dtd internet explorer 2.0 tables//",
        "-//microsoft//dtd internet explorer 3.0 html strict//", "-//microsoft//dtd internet explorer 3.0 html//",
        "-//microsoft//dtd internet explorer 3.0 tables//",
        "-//netscape comm. corp.//dtd html//", "-//netscape comm. corp.//dtd strict html//",
        "-//o'reilly and associates//dtd html 2.0//",
        "-//o'reilly and associates//dtd html extended 1.0//",
        "-//o'reilly and associates//dtd html extended relaxed 1.0//",
        "-//sq//dtd html 2.0 hotmetal + extensions//",
        "-//softquad software//dtd hotmetal pro 6.0::19990601::extensions to html 4.0//",
        "-//softquad//dtd hotmetal pro 4.0::19971010::extensions to html 4.0//", "-//spyglass//dtd html 2.0 extended//",
        "-//sun microsystems corp.//dtd hotjava html//",
        "-//sun microsystems corp.//dtd hotjava strict html//", "-//w3c//dtd html 3 1995-03-24//",
        "-//w3c//dtd html 3.2 draft//", "-//w3c//dtd html 3.2 final//",
        "-//w3c//dtd html 3.2//", "-//w3c//dtd html 3.2s draft//", "-//w3c//dtd html 4.0 frameset//",
        "-//w3c//dtd html 4.0 transitional//",
        "-//w3c//dtd html experimental 19960712//", "-//w3c//dtd html experimental 970421//", "-//w3c//dtd w3 html//",
        "-//w3o//dtd w3 html 3.0//",
        "-//webtechs//dtd mozilla html 2.0//", "-//webtechs//dtd mozilla html//" };
    struct str pub = k->public_id, sys = k->system_id;
    if (k->quirks || !str_eq(k->name, S("html"))) return true;
    if (str_eq_nocase(pub, S("-//w3o//dtd w3 html strict 3.0//en//"))
        || str_eq_nocase(pub, S("-/w3c/dtd html 4.0 transitional/en")) ||
        str_eq_nocase(pub, S("html"))
            || str_eq_nocase(sys, S("http://www.ibm.com/data/dtd/v11/ibmxhtml1-transitional.dtd"))) return true;
    for (size_t i = 0; i < sizeof prefix / sizeof *prefix; i++) if (begins(pub, str_of(prefix[i]))) return true;
    return !sys.p && (begins(pub, S("-//w3c//dtd html 4.01 frameset//"))
                      || begins(pub, S("-//w3c//dtd html 4.01 transitional//")));
}
