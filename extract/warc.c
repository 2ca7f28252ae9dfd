/* warc.c - one record after the other.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/warc.h"

#include <stdlib.h>

enum {
    HEADER_MAX = 1 << 20,            /* of a WARC record */
    LINE_MAX_ARC = 1 << 16,
    LOOK = 1 << 16,                  /* what resynchronising looks at beyond the bytes at hand */
    GLANCE = 64,                     /* enough to tell that a record begins */
    TAIL = 16,                       /* line ends behind a block, and the next version */
    REWINDS = 64,                    /* rereads of one file after a length that was too long */
    ARC_FIELDS = 32,
};

const char *const warc_type_name[WARC_TYPES] = {
    "response", "resource", "conversion", "revisit", "warcinfo", "request", "metadata", "continuation", "other",
};

struct warc { struct feed *feed; size_t max_block; bool arc, begun; int rewinds; };

struct warc *warc_open(struct feed *f, size_t max_block)
{
    struct warc *w = mem_zero(1, sizeof *w);
    *w = (struct warc){ .feed = f, .max_block = max_block };
    return w;
}

void warc_close(struct warc *w)
{
    if (!w) return;
    feed_close(w->feed);
    free(w);
}

struct feed *warc_feed(const struct warc *w)
{
    return w->feed;
}

bool warc_rewound(const struct warc *w)
{
    return w->rewinds > 0;
}

/* ---- numbers and lines ---- */

/* Digits only, below 2^53. */
static bool number(struct str s, uint64_t *x)
{
    *x = 0;
    if (!s.n || s.n > 15) return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') return false;
        *x = *x * 10 + (uint64_t)(s.p[i] - '0');
    }
    return true;
}

/* The next line without its end; false when none ends in s. */
static bool next_line(struct str *s, struct str *line)
{
    const char *nl = s->n ? memchr(s->p, '\n', s->n) : NULL;
    if (!nl) return false;
    *line = str_span(s->p, nl);
    while (line->n && line->p[line->n - 1] == '\r') line->n--;
    *s = str_span(nl + 1, s->p + s->n);
    return true;
}

/* Bytes up to and with the empty line; 0 when there is none in s. */
static size_t header_size(struct str s)
{
    struct str rest = s, line;
    while (next_line(&rest, &line))
        if (!line.n) return (size_t)(rest.p - s.p);
    return 0;
}

/* ---- WARC headers ---- */

static struct str angles_off(struct str s)
{
    if (s.n >= 2 && s.p[0] == '<' && s.p[s.n - 1] == '>') return (struct str){ s.p + 1, s.n - 2 };
    return s;
}

static enum warc_type type_of(struct str name)
{
    for (int i = 0; i < WARC_OTHER; i++)
        if (str_eq_nocase(name, str_of(warc_type_name[i]))) return (enum warc_type)i;
    return WARC_OTHER;
}

struct seen { struct str type, length; };

static void put_field(struct warc_record *r, struct seen *seen, struct str name, struct str value)
{
    const struct { struct str name; struct str *to; } table[] = {
        { S("WARC-Type"), &seen->type }, { S("Content-Length"), &seen->length }, { S("WARC-Record-ID"), &r->id },
        { S("WARC-Target-URI"), &r->url }, { S("WARC-Date"), &r->date }, { S("Content-Type"), &r->content_type },
        { S("WARC-Payload-Digest"), &r->digest }, { S("WARC-Refers-To"), &r->refers_id },
        { S("WARC-Refers-To-Target-URI"), &r->refers_url }, { S("WARC-Refers-To-Date"), &r->refers_date },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!table[i].to->p && str_eq_nocase(name, table[i].name)) { *table[i].to = value; return; }
}

/* Lines "name: value"; one that begins with white space goes on with the value before. Others are passed over. */
static void parse_fields(struct str header, struct arena *mem, struct warc_record *r, struct seen *seen)
{
    struct str line, name = { 0 }, value = { 0 };
    while (next_line(&header, &line)) {
        if (line.n && name.p && (line.p[0] == ' ' || line.p[0] == '\t')) {
            struct str more = str_trim(line);
            value = str_trim(str_printf(mem, "%.*s %.*s", (int)value.n, value.p, (int)more.n, more.p));
            continue;
        }
        if (name.p) put_field(r, seen, name, value);
        const char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
        name = colon ? str_trim(str_span(line.p, colon)) : (struct str){ 0 };
        value = colon ? str_trim(str_span(colon + 1, line.p + line.n)) : (struct str){ 0 };
    }
    if (name.p) put_field(r, seen, name, value);
}

/* The header's fields, in mem; NULL, or why it is none. */
static const char *parse_warc(struct str raw, struct arena *mem, struct warc_record *r)
{
    struct str header = str_copy(mem, raw), line;
    struct seen seen = { { 0 }, { 0 } };
    next_line(&header, &line);
    parse_fields(header, mem, r, &seen);
    r->id = angles_off(r->id);
    r->url = angles_off(r->url);
    r->refers_id = angles_off(r->refers_id);
    r->type = type_of(seen.type);
    if (!seen.length.p) return "no-content-length";
    if (!number(seen.length, &r->length)) return "bad-content-length";
    if (!seen.type.p) return "no-warc-type";
    return NULL;
}

/* ---- ARC headers ---- */

/* 20080613185437 as 2008-06-13T18:54:37Z; fewer digits: as far as they go. */
static struct str iso_date(struct str d, struct arena *mem)
{
    static const char mask[] = "0000-00-00T00:00:00";
    char *to = NEW(mem, char, sizeof mask + 1);
    size_t n = 0;
    for (size_t used = 0; mask[n] && used < d.n; n++) to[n] = mask[n] == '0' ? d.p[used++] : mask[n];
    if (mask[n] == 0) to[n++] = 'Z';
    return (struct str){ to, n };
}

static bool has_scheme(struct str url)
{
    size_t n = 0;
    while (n < url.n && ((url.p[n] | 32) >= 'a' && (url.p[n] | 32) <= 'z')) n++;
    return n >= 3 && n < url.n && url.p[n] == ':';
}

/* "URL IP date type length", with five more fields before the length in 1.1. The URL may hold spaces:
   the date is the first field after it that is 12 or 14 digits. */
static bool parse_arc(struct str line, struct arena *mem, struct warc_record *r)
{
    if (!has_scheme(line)) return false;
    struct str field[ARC_FIELDS], rest = line;
    size_t n = 0;
    while (n < ARC_FIELDS && str_cut(&rest, ' ', &field[n])) n++;
    uint64_t ignored;
    if (rest.p || n < 4 || !number(field[n - 1], &r->length)) return false;
    size_t date = 2;
    while (date < n - 1 && !((field[date].n == 14 || field[date].n == 12) && number(field[date], &ignored))) date++;
    if (date == n - 1) return false;
    r->arc = true;
    r->url = str_copy(mem, str_span(line.p, field[date - 2].p + field[date - 2].n));
    r->date = iso_date(field[date], mem);
    if (date + 1 < n - 1) r->content_type = str_copy(mem, field[date + 1]);
    r->type = str_starts(r->url, S("filedesc:")) ? WARC_INFO : str_starts(r->url, S("http")) ? WARC_RESPONSE
              : WARC_RESOURCE;
    return true;
}

/* ---- finding the next record ---- */

static size_t blank(struct str s)
{
    size_t n = 0;
    while (n < s.n && (s.p[n] == '\r' || s.p[n] == '\n')) n++;
    return n;
}

static bool is_version(struct str s)
{
    return s.n >= 8 && !memcmp(s.p, "WARC/", 5) && s.p[5] >= '0' && s.p[5] <= '9' && s.p[6] == '.';
}

static bool arc_line(struct str s)
{
    struct arena mem = { 0 };
    struct warc_record r = { 0 };
    struct str line;
    bool is = next_line(&s, &line) && line.n < LINE_MAX_ARC && parse_arc(line, &mem, &r);
    arena_free(&mem);
    return is;
}

/* Whether a record may begin at s. */
static bool begins(const struct warc *w, struct str s)
{
    return w->arc ? s.n && has_scheme((struct str){ s.p, s.n < 32 ? s.n : 32 }) && arc_line(s) : is_version(s);
}

/* Where in s, at the start of a line, a record begins; s.n when nowhere. */
static size_t find_record(const struct warc *w, struct str s)
{
    for (const char *p = s.p, *end = s.p + s.n; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; )
        if (begins(w, str_span(++p, end))) return (size_t)(p - s.p);
    return s.n;
}

/* Goes to the next record; past breaks. */
static void resync(struct warc *w, struct err *e)
{
    const char *p;
    for (;;) {
        size_t n = feed_peek(w->feed, LOOK, &p, e);
        if (e->kind) return;
        size_t at = n ? find_record(w, (struct str){ p, n }) : 0;
        bool last = n < LOOK;
        if (at < n) { feed_skip(w->feed, at); return; }
        /* a record may begin across the border */
        if (!last) { feed_skip(w->feed, n - (w->arc ? LOOK / 2 : 16)); continue; }
        feed_skip(w->feed, n);
        if (!feed_broken(w->feed)) return;
        feed_mend(w->feed);
        n = feed_peek(w->feed, LOOK, &p, e);
        if (begins(w, (struct str){ p, n })) return;
    }
}

static enum warc_got bad(struct warc *w, struct warc_record *r, const char *why, struct err *e)
{
    r->why = why;
    r->block = (struct str){ 0 };
    resync(w, e);
    return e->kind ? WARC_END : WARC_BAD;
}

/* ---- blocks ---- */

/* The length says more than there is: what it swallowed is looked through, from behind the header. */
static enum warc_got truncated(struct warc *w, struct warc_record *r, struct feed_place behind_header, bool at_hand,
                               struct err *e)
{
    const char *why = feed_broken(w->feed) ? feed_broken(w->feed) : "truncated";
    if (!at_hand && w->rewinds < REWINDS && ++w->rewinds && !feed_seek(w->feed, behind_header, e) && e->kind)
        return WARC_END;
    return bad(w, r, why, e);
}

static bool pass_over(struct warc *w, uint64_t n, struct err *e)
{
    const char *p;
    while (n) {
        size_t some = feed_peek(w->feed, 1, &p, e);
        if (!some) return false;
        if (some > n) some = (size_t)n;
        feed_skip(w->feed, some);
        n -= some;
    }
    return true;
}

/* A block that is not wanted, or too large to be held. */
static enum warc_got unread_block(struct warc *w, struct warc_record *r, struct err *e)
{
    struct feed_place behind_header = feed_place(w->feed);
    if (pass_over(w, r->length, e)) return WARC_RECORD;
    return e->kind ? WARC_END : truncated(w, r, behind_header, false, e);
}

/* What follows a block tells whether its length was right: nothing, or line ends and the next record. */
static bool ends_well(const struct warc *w, struct str after)
{
    size_t n = blank(after);
    struct str next = { after.p + n, after.n - n };
    return !next.n || w->arc || (next.n < 8 ? !memcmp(next.p, "WARC/", next.n < 5 ? next.n : 5) : is_version(next));
}

/* The file ends inside the block: what there is of it is a record, unless there are others inside or the stream
 * broke. */
static enum warc_got short_block(struct warc *w, struct warc_record *r, struct str block, struct err *e)
{
    if (feed_broken(w->feed) || find_record(w, block) < block.n) return truncated(w, r, feed_place(w->feed), true, e);
    r->block = block;
    r->length = block.n;
    r->cut = true;
    feed_skip(w->feed, block.n);
    return WARC_RECORD;
}

static enum warc_got read_block(struct warc *w, struct warc_record *r, struct err *e)
{
    const char *p;
    size_t length = (size_t)r->length, n = feed_peek(w->feed, length + 4, &p, e);
    if (e->kind) return WARC_END;
    if (n < length) return short_block(w, r, (struct str){ p, n }, e);
    bool plainly = n >= length + 4 && !memcmp(p + length, "\r\n\r\n", 4);
    if (!plainly) n = feed_peek(w->feed, length + TAIL, &p, e);
    if (e->kind) return WARC_END;
    r->block = (struct str){ p, length };
    if (plainly || ends_well(w, (struct str){ p + length, n - length })) {
        feed_skip(w->feed, length);
        return WARC_RECORD;
    }
    size_t inside = find_record(w, r->block);
    /* the block is whole, the garbage is the next record's */
    if (inside == length) { feed_skip(w->feed, length); return WARC_RECORD; }
    feed_skip(w->feed, inside);
    r->block = (struct str){ 0 };
    r->why = "content-length-too-long";
    return WARC_BAD;
}

static bool wanted(enum warc_type t)
{
    return t <= WARC_REVISIT;
}

static enum warc_got take_block(struct warc *w, struct warc_record *r, struct err *e)
{
    return wanted(r->type) && r->length <= w->max_block ? read_block(w, r, e) : unread_block(w, r, e);
}

/* ---- records ---- */

static enum warc_got next_warc(struct warc *w, struct str head, struct arena *mem, struct warc_record *r, struct err *e)
{
    size_t size = header_size(head);
    for (size_t want = LOOK; !size && want <= HEADER_MAX; want *= 4) {
        head.n = feed_peek(w->feed, want, &head.p, e);
        if (e->kind) return WARC_END;
        size = header_size(head);
        if (head.n < want) break;
    }
    if (!size) {
        feed_skip(w->feed, 1);
        return bad(w, r, feed_broken(w->feed) ? feed_broken(w->feed) : "header-without-end", e);
    }
    const char *why = parse_warc((struct str){ head.p, size }, mem, r);
    if (why && !strcmp(why, "no-warc-type")) r->type = WARC_OTHER;
    else if (why) { feed_skip(w->feed, size - 1); return bad(w, r, why, e); }
    feed_skip(w->feed, size);
    return take_block(w, r, e);
}

static enum warc_got next_arc(struct warc *w, struct str head, struct arena *mem, struct warc_record *r, struct err *e)
{
    struct str rest = head, line;
    if (!next_line(&rest, &line) || !parse_arc(line, mem, r)) {
        feed_skip(w->feed, 1);
        return bad(w, r, feed_broken(w->feed) ? feed_broken(w->feed) : "not-an-arc-record", e);
    }
    feed_skip(w->feed, (size_t)(rest.p - head.p));
    return take_block(w, r, e);
}

/* Passes over line ends between records; the bytes at hand that follow, GLANCE of them where there are so many. */
static struct str look(struct warc *w, struct err *e)
{
    const char *p;
    for (size_t n, skip; (n = feed_peek(w->feed, GLANCE, &p, e)) > 0; feed_skip(w->feed, skip)) {
        skip = blank((struct str){ p, n });
        if (!skip) return (struct str){ p, n };
    }
    return (struct str){ p, 0 };
}

/* Until s holds a whole line, or LINE_MAX_ARC bytes. */
static struct str whole_line(struct warc *w, struct str s, struct err *e)
{
    if (memchr(s.p, '\n', s.n) || !has_scheme(s)) return s;
    s.n = feed_peek(w->feed, LINE_MAX_ARC, &s.p, e);
    return s;
}

enum warc_got warc_next(struct warc *w, struct arena *mem, struct warc_record *r, struct err *e)
{
    *r = (struct warc_record){ .type = WARC_OTHER };
    struct str head = look(w, e);
    if (e->kind) return WARC_END;
    if (!w->begun) w->arc = str_starts(head, S("filedesc:"));
    w->begun = true;
    r->place = feed_place(w->feed);
    if (!head.n) return feed_broken(w->feed) ? bad(w, r, feed_broken(w->feed), e) : WARC_END;
    if (!is_version(head)) head = whole_line(w, head, e);
    if (e->kind) return WARC_END;
    /* an ARC without its first record, or read from its middle */
    if (!w->arc && !is_version(head) && arc_line(head)) w->arc = true;
    else if (w->arc && is_version(head)) w->arc = false;
    if (w->arc) return next_arc(w, head, mem, r, e);
    if (is_version(head)) return next_warc(w, head, mem, r, e);
    feed_skip(w->feed, 1);
    return bad(w, r, "not-a-record", e);
}
