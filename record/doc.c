/* doc.c - fields as spans of the line, edits as spans of the arena.
 * SPDX-License-Identifier: Apache-2.0 */
#include "record/doc.h"

#include <stdarg.h>
#include <stdio.h>

enum { ROOM = 16 };                                  /* fields that stages may add before the table grows */

bool doc_parse(struct doc *d, struct str line, struct arena *mem, const char *text_field, struct err *e)
{
    struct json_field *f;
    size_t n;
    if (!json_object(line, mem, &f, &n, e)) return false;
    doc_new(d, mem, text_field);
    d->line = line;
    d->n = n;
    d->cap = n + ROOM;
    d->fields = NEW(mem, struct doc_field, d->cap);
    for (size_t i = 0; i < n; i++) d->fields[i] = (struct doc_field){ f[i].key, f[i].value, f[i].value };
    return true;
}

void doc_new(struct doc *d, struct arena *mem, const char *text_field)
{
    *d = (struct doc){ .mem = mem, .text_field = text_field };
}

/* The last field of that name: with duplicate keys the last one is the value. */
static struct doc_field *find(const struct doc *d, struct str name)
{
    for (size_t i = d->n; i > 0; i--)
        if (str_eq(d->fields[i - 1].key, name)) return &d->fields[i - 1];
    return NULL;
}

struct str doc_get(const struct doc *d, const char *name)
{
    const struct doc_field *f = find(d, str_of(name));
    return f ? f->value : (struct str){ 0 };
}

struct str doc_path(const struct doc *d, struct str path)
{
    const struct doc_field *f = find(d, path);       /* a field whose own name holds dots goes first */
    if (f) return f->value;
    size_t n = 0;
    while (n < path.n && path.p[n] != '.' && path.p[n] != '[') n++;
    f = find(d, (struct str){ path.p, n });
    if (!f || n == path.n) return f ? f->value : (struct str){ 0 };
    n += path.p[n] == '.';
    return json_get(f->value, (struct str){ path.p + n, path.n - n });
}

bool doc_string(const struct doc *d, const char *name, struct str *out)
{
    struct str v = doc_get(d, name);
    return v.p && json_string(v, d->mem, out);
}

struct str doc_text(struct doc *d)
{
    if (!d->text.p) doc_string(d, d->text_field, &d->text);
    return d->text;
}

struct str doc_id(const struct doc *d)
{
    struct str v = doc_get(d, "id"), s;
    return v.p && json_string(v, d->mem, &s) ? s : v;
}

void doc_put_raw(struct doc *d, const char *name, struct str json)
{
    struct str key = str_of(name);
    struct doc_field *f = find(d, key);
    d->changed = true;
    if (f) {
        f->value = json;
        return;
    }
    if (d->n == d->cap) {
        struct doc_field *more = NEW(d->mem, struct doc_field, d->cap = d->n * 2 + ROOM);
        if (d->n) memcpy(more, d->fields, d->n * sizeof *more);
        d->fields = more;
    }
    d->fields[d->n++] = (struct doc_field){ str_copy(d->mem, key), json, { 0 } };
}

void doc_put_str(struct doc *d, const char *name, struct str s)
{
    struct buf b = { arena_alloc(d->mem, s.n * 6 + 2), 0, s.n * 6 + 2 };      /* the worst case is \u00XX */
    json_put_string(&b, s);
    d->mem->at = b.p + ((b.n + 15) & ~(size_t)15);                            /* give back what was not used */
    doc_put_raw(d, name, buf_str(&b));
}

void doc_put_int(struct doc *d, const char *name, int64_t x)
{
    doc_put_raw(d, name, str_printf(d->mem, "%lld", (long long)x));
}

void doc_put_real(struct doc *d, const char *name, double x)
{
    struct buf b = { arena_alloc(d->mem, 40), 0, 40 };
    json_put_number(&b, x);
    doc_put_raw(d, name, buf_str(&b));
}

void doc_put_text(struct doc *d, struct str text)
{
    doc_put_str(d, d->text_field, text);
    d->text = text;
}

void doc_drop(struct doc *d, const char *reason, const char *evidence, ...)
{
    char s[1000];
    va_list ap;
    va_start(ap, evidence);
    int n = vsnprintf(s, sizeof s, evidence, ap);
    va_end(ap);
    if (d->dropped || n < 0) return;                 /* the first reason stays */
    d->dropped = reason;
    d->evidence = (size_t)n < sizeof s ? str_copy(d->mem, (struct str){ s, (size_t)n })
                  : S("\"evidence\":\"too long\"");
}

/* The line with changed values spliced in, up to its closing brace; returns how many fields that were. */
static size_t splice(const struct doc *d, struct buf *to)
{
    const char *at = d->line.p, *end = at + d->line.n;
    size_t i = 0;
    for (; i < d->n && d->fields[i].was.p; i++) {
        const struct doc_field *f = &d->fields[i];
        if (f->value.p == f->was.p) continue;
        buf_put(to, str_span(at, f->was.p));
        buf_put(to, f->value);
        at = f->was.p + f->was.n;
    }
    while (end[-1] != '}') end--;
    buf_put(to, str_span(at, end - 1));
    return i;
}

void doc_write(const struct doc *d, struct buf *to)
{
    if (!d->changed && d->line.n) {
        buf_put(to, d->line);
        buf_putc(to, '\n');
        return;
    }
    size_t i = 0;
    if (d->line.n) i = splice(d, to);
    else buf_putc(to, '{');
    for (; i < d->n; i++) {
        if (i > 0) buf_putc(to, ',');
        buf_putc(to, '"');
        buf_put(to, d->fields[i].key);
        buf_put(to, S("\":"));
        buf_put(to, d->fields[i].value);
    }
    buf_put(to, S("}\n"));
}
