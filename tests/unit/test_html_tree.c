/* test_html_tree.c - html5lib's tree construction tests, and pages made to hang a parser.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "extract/html_tree.h"
#include "tests/unit/suite.h"

/* ---- the tests' own notation of a tree ---- */

/* SVG's names as the standard spells them ("adjust SVG attributes", tag names): the tree keeps lower case. */
static struct str svg_case(struct str s)
{
    static const char *const names[] = {
        "altGlyph", "altGlyphDef", "altGlyphItem", "animateColor", "animateMotion", "animateTransform", "clipPath",
        "feBlend", "feColorMatrix",
        "feComponentTransfer", "feComposite", "feConvolveMatrix", "feDiffuseLighting", "feDisplacementMap",
        "feDistantLight", "feDropShadow", "feFlood",
        "feFuncA", "feFuncB", "feFuncG", "feFuncR", "feGaussianBlur", "feImage", "feMerge", "feMergeNode",
        "feMorphology", "feOffset", "fePointLight",
        "feSpecularLighting", "feSpotLight", "feTile", "feTurbulence", "foreignObject", "glyphRef", "linearGradient",
        "radialGradient", "textPath",
        "attributeName", "attributeType", "baseFrequency", "baseProfile", "calcMode", "clipPathUnits",
        "diffuseConstant", "edgeMode", "filterUnits",
        "gradientTransform", "gradientUnits", "kernelMatrix", "kernelUnitLength", "keyPoints", "keySplines", "keyTimes",
        "lengthAdjust",
        "limitingConeAngle", "markerHeight", "markerUnits", "markerWidth", "maskContentUnits", "maskUnits",
        "numOctaves", "pathLength",
        "patternContentUnits", "patternTransform", "patternUnits", "pointsAtX", "pointsAtY", "pointsAtZ",
        "preserveAlpha", "preserveAspectRatio",
        "primitiveUnits", "refX", "refY", "repeatCount", "repeatDur", "requiredExtensions", "requiredFeatures",
        "specularConstant", "specularExponent",
        "spreadMethod", "startOffset", "stdDeviation", "stitchTiles", "surfaceScale", "systemLanguage", "tableValues",
        "targetX", "targetY", "textLength",
        "viewBox", "viewTarget", "xChannelSelector", "yChannelSelector", "zoomAndPan" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq_nocase(s, str_of(names[i]))) return str_of(names[i]);
    return s;
}

static struct str attr_case(const struct html_node *n, struct str s)
{
    static const char *const spaced[] = { "xlink:actuate", "xlink:arcrole", "xlink:href", "xlink:role", "xlink:show",
                                          "xlink:title", "xlink:type",
                                          "xml:lang", "xml:space", "xmlns:xlink" };
    if (n->ns == HTML_NS) return s;
    for (size_t i = 0; i < sizeof spaced / sizeof *spaced; i++)
        if (str_eq(s, str_of(spaced[i]))) {
            char *p = (char *)(uintptr_t)s.p;
            *strchr(p, ':') = ' ';
            return s;
        }
    if (n->ns == MATHML_NS) return str_eq(s, S("definitionurl")) ? S("definitionURL") : s;
    return svg_case(s);
}

static struct str lower(struct arena *mem, struct str s)
{
    char *p = str_c(mem, html_decoded(s, RAW_NUL, mem));
    for (char *c = p; *c; c++) if (*c >= 'A' && *c <= 'Z') *c |= 32;
    return str_of(p);
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct str *)a)[0], ((const struct str *)b)[0]);
}

static void indent(struct buf *out, int depth)
{
    buf_put(out, S("| "));
    for (int i = 0; i < depth; i++) buf_put(out, S("  "));
}

static void put_element(struct buf *out, const struct html_node *n, int depth, struct arena *mem)
{
    static const char *const ns[] = { "", "svg ", "math " };
    struct str name = n->ns == SVG_NS ? svg_case(n->s) : n->s, pair[64][2];
    buf_printf(out, "<%s%.*s>\n", ns[n->ns], (int)name.n, name.p);
    size_t count = 0;
    for (size_t i = 0; i < n->n_attrs && count < 64; i++) {
        struct str key = lower(mem, (struct str){ n->attrs[i].name, n->attrs[i].n_name });
        bool seen = false;
        for (size_t j = 0; j < count; j++) seen |= str_eq(pair[j][0], attr_case(n, key));
        if (seen) continue;
        pair[count][0] = attr_case(n, key);
        pair[count++][1] = html_decoded((struct str){ n->attrs[i].value, n->attrs[i].n_value },
                                        RAW_REFS | RAW_CR | RAW_NUL | RAW_ATTR, mem);
    }
    qsort(pair, count, sizeof *pair, by_name);
    for (size_t i = 0; i < count; i++) {
        indent(out, depth + 1);
        buf_printf(out, "%.*s=\"%.*s\"\n", (int)pair[i][0].n, pair[i][0].p, (int)pair[i][1].n, pair[i][1].p);
    }
}

static void put_tree(struct buf *out, const struct html_node *parent, int depth, struct arena *mem)
{
    for (const struct html_node *n = parent->first; n; n = n->next) {
        size_t before = out->n;
        indent(out, depth);
        struct str s = n->kind == HTML_ELEMENT || n->kind == HTML_DOCTYPE_NODE ? n->s : html_decoded(n->s, n->raw, mem);
        switch (n->kind) {
        case HTML_ELEMENT:
            put_element(out, n, depth, mem);
            if (html_is(n, TAG_template)) {
                indent(out, depth + 1);
                buf_put(out, S("content\n"));
                put_tree(out, n, depth + 2, mem);
            }
            else put_tree(out, n, depth + 1, mem);
            break;
        case HTML_TEXT: {
            struct buf all = { 0 };
            buf_put(&all, s);
            while (n->next && n->next->kind == HTML_TEXT) {
                n = n->next;
                buf_put(&all, html_decoded(n->s, n->raw, mem));
            }
            if (all.n) buf_printf(out, "\"%.*s\"\n", (int)all.n, all.p); else out->n = before;
            buf_free(&all);
            break;
        }
        case HTML_COMMENT_NODE: buf_printf(out, "<!-- %.*s -->\n", (int)s.n, s.p); break;
        case HTML_DOCTYPE_NODE:
            buf_printf(out, "<!DOCTYPE %.*s", (int)s.n, s.p);
            if (n->attrs[0].value || n->attrs[1].value)
                buf_printf(out, " \"%.*s\" \"%.*s\"", (int)n->attrs[0].n_value, n->attrs[0].value,
                           (int)n->attrs[1].n_value, n->attrs[1].value);
            buf_put(out, S(">\n"));
            break;
        default: break;
        }
    }
}

/* ---- reading .dat files ---- */

struct sections { struct str data, fragment, document; bool scripting; };

static struct str section(struct str test, const char *name)
{
    const char *p = memmem(test.p, test.n, name, strlen(name));
    if (!p || (p != test.p && p[-1] != '\n')) return (struct str){ 0 };
    p += strlen(name);
    const char *end = test.p + test.n, *q = p;
    for (; q < end; q++)
        if (q[0] == '\n' && q + 1 < end && q[1] == '#' && (str_starts(str_span(q + 1, end), S("#errors"))
                                                           || str_starts(str_span(q + 1, end), S("#new-errors"))
                                                           || str_starts(str_span(q + 1, end), S("#document"))
                                                           || str_starts(str_span(q + 1, end), S("#script-o"))))
            break;
    return str_span(p, q);
}

/* Cuts the next test off: they begin with "#data\n" at a line's start, behind a blank line. */
static bool next_test(struct str *file, struct sections *t)
{
    if (!file->n) return false;
    const char *end = file->p + file->n, *q = memmem(file->p, file->n, "\n\n#data\n", 8);
    struct str test = str_span(file->p, q ? q : end);
    *file = q ? str_span(q + 2, end) : (struct str){ "", 0 };
    while (test.n && test.p[test.n - 1] == '\n' && !q) test.n--;
    t->data = section(test, "#data\n");
    t->fragment = section(test, "#document-fragment\n");
    t->document = section(test, "#document\n");
    t->scripting = memmem(test.p, test.n, "\n#script-on\n", 12);
    if (t->data.n && t->data.p[0] == '#' && str_starts(t->data, S("#errors"))) t->data.n = 0;
    return true;
}

static bool passes(const struct sections *t, struct arena *mem)
{
    struct html_context in = { NULL, HTML_NS };
    struct html_tree tree;
    struct buf got = { 0 };
    struct str name = t->fragment;
    if (name.p) {
        in.ns = str_starts(name, S("svg ")) ? SVG_NS : str_starts(name, S("math ")) ? MATHML_NS : HTML_NS;
        size_t skip = in.ns == SVG_NS ? 4 : in.ns == MATHML_NS ? 5 : 0;
        in.name = lower(mem, (struct str){ name.p + skip, name.n - skip }).p;
    }
    html_parse(t->data, in, 0, mem, &tree);
    put_tree(&got, in.name ? tree.html : tree.document, 0, mem);
    struct str a = buf_str(&got), b = t->document;
    while (a.n && a.p[a.n - 1] == '\n') a.n--;
    while (b.n && b.p[b.n - 1] == '\n') b.n--;
    bool same = str_eq(a, b);
    if (!same)
        printf("# in: %.*s %.*s\n# got:\n%.*s\n# want:\n%.*s\n", (int)t->data.n, t->data.p, (int)t->fragment.n,
               t->fragment.p ? t->fragment.p : "", (int)a.n, a.p, (int)b.n, b.p);
    buf_free(&got);
    arena_reset(mem);
    return same;
}

TEST(html5libs_tree_construction_tests_pass)
{
    struct buf archive = { 0 };
    struct str tar = suite_open(&archive), file;
    struct arena mem = { 0 };
    struct sections t;
    char name[101];
    int n = 0, bad = 0, scripted = 0;
    while (suite_next(&tar, "/tree-construction/", ".dat", name, &file)) {
        while (next_test(&file, &t)) {
            n++;
            /* scripting is off here; <selectedcontent> is filled by the option element's own script-like steps, not by
             * the parser */
            if (t.scripting || strstr(name, "scripted/") || memmem(t.data.p, t.data.n, "<selectedcontent>", 17)) {
                scripted++;
                continue;
            }
            if (!passes(&t, &mem)) { bad++; printf("# %s\n", name); }
        }
    }
    printf("# %d tests: %d pass, %d want scripts or select's own steps, %d fail\n", n, n - bad - scripted, scripted,
           bad);
    EQ(bad, 0);
    OK(n > 1500);
    arena_free(&mem);
    buf_free(&archive);
}
MAIN
