/* charset.c - labels, and where pages say them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/charset.h"
#include "core/utf8.h"

#include <stdlib.h>
#include <uchardet/uchardet.h>

/* The standard looks for <meta> in the first 1024 bytes, and lets a later one change the encoding while
   the page is parsed. In effect that is one look at what comes before the text. */
enum { PRESCAN = 1 << 16, DETECT = 1 << 16 };

static const struct { const char *name, *labels; } table[CHARSETS] = {
    { "UTF-8", "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8" },
    { "IBM866", "866 cp866 csibm866 ibm866" },
    { "ISO-8859-2", "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2" },
    { "ISO-8859-3", "csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3" },
    { "ISO-8859-4", "csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4" },
    { "ISO-8859-5", "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988" },
    { "ISO-8859-6", "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 "
      "iso-8859-6-e iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 "
      "iso_8859-6:1987" },
    { "ISO-8859-7", "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 "
      "iso88597 iso_8859-7 iso_8859-7:1987 sun_eu_greek" },
    { "ISO-8859-8", "csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 "
      "iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 visual" },
    { "ISO-8859-8-I", "csiso88598i iso-8859-8-i logical" },
    { "ISO-8859-10", "csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6" },
    { "ISO-8859-13", "iso-8859-13 iso8859-13 iso885913" },
    { "ISO-8859-14", "iso-8859-14 iso8859-14 iso885914" },
    { "ISO-8859-15", "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9" },
    { "ISO-8859-16", "iso-8859-16" },
    { "KOI8-R", "cskoi8r koi koi8 koi8-r koi8_r" },
    { "KOI8-U", "koi8-ru koi8-u" },
    { "macintosh", "csmacintosh mac macintosh x-mac-roman" },
    { "windows-874", "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874" },
    { "windows-1250", "cp1250 windows-1250 x-cp1250" },
    { "windows-1251", "cp1251 windows-1251 x-cp1251" },
    { "windows-1252", "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 "
      "iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii windows-1252 "
      "x-cp1252" },
    { "windows-1253", "cp1253 windows-1253 x-cp1253" },
    { "windows-1254", "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 "
      "iso_8859-9:1989 l5 latin5 windows-1254 x-cp1254" },
    { "windows-1255", "cp1255 windows-1255 x-cp1255" },
    { "windows-1256", "cp1256 windows-1256 x-cp1256" },
    { "windows-1257", "cp1257 windows-1257 x-cp1257" },
    { "windows-1258", "cp1258 windows-1258 x-cp1258" },
    { "x-mac-cyrillic", "x-mac-cyrillic x-mac-ukrainian" },
    { "GBK", "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk" },
    { "gb18030", "gb18030" },
    { "Big5", "big5 big5-hkscs cn-big5 csbig5 x-x-big5" },
    { "EUC-JP", "cseucpkdfmtjapanese euc-jp x-euc-jp" },
    { "ISO-2022-JP", "csiso2022jp iso-2022-jp" },
    { "Shift_JIS", "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis" },
    { "EUC-KR", "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 "
      "ksc5601 ksc_5601 windows-949" },
    { "replacement", "csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr replacement" },
    { "UTF-16BE", "unicodefffe utf-16be" },
    { "UTF-16LE", "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le" },
    { "x-user-defined", "x-user-defined" },
};

const char *charset_name(enum charset c)
{
    return c == CHARSET_NONE ? "unknown" : table[c].name;
}

enum charset charset_label(struct str label)
{
    label = str_trim(label);
    for (int c = 0; c < CHARSETS && label.n; c++) {
        struct str rest = str_of(table[c].labels), one;
        while (str_cut(&rest, ' ', &one)) if (str_eq_nocase(one, label)) return (enum charset)c;
    }
    return CHARSET_NONE;
}

enum charset charset_bom(struct str s, size_t *size)
{
    *size = 0;
    if (str_starts(s, S("\xEF\xBB\xBF"))) { *size = 3; return CS_UTF_8; }
    if (str_starts(s, S("\xFE\xFF"))) { *size = 2; return CS_UTF_16BE; }
    if (str_starts(s, S("\xFF\xFE"))) { *size = 2; return CS_UTF_16LE; }
    return CHARSET_NONE;
}

/* ---- <meta>: the HTML standard's prescan ---- */

struct scan { const char *p, *end; };

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }
static bool is_letter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

/* The next attribute of a tag: false at its end. Spans are as written. */
static bool next_attribute(struct scan *s, struct str *name, struct str *value)
{
    *value = (struct str){ "", 0 };
    while (s->p < s->end && (is_space(*s->p) || *s->p == '/')) s->p++;
    if (s->p == s->end || *s->p == '>') return false;
    const char *from = s->p;
    while (s->p < s->end && !is_space(*s->p) && *s->p != '/' && *s->p != '>' && (*s->p != '=' || s->p == from)) s->p++;
    *name = str_span(from, s->p);
    while (s->p < s->end && is_space(*s->p)) s->p++;
    if (s->p == s->end || *s->p != '=') return true;
    s->p++;
    while (s->p < s->end && is_space(*s->p)) s->p++;
    if (s->p == s->end) return false;
    char quote = *s->p;
    if (quote == '"' || quote == '\'') {
        from = ++s->p;
        while (s->p < s->end && *s->p != quote) s->p++;
        *value = str_span(from, s->p);
        if (s->p == s->end) return false;            /* the value does not end here: not to be trusted */
        s->p++;
        return true;
    }
    from = s->p;
    while (s->p < s->end && !is_space(*s->p) && *s->p != '>') s->p++;
    *value = str_span(from, s->p);
    return s->p < s->end;
}

static const char *find_nocase(struct str s, struct str word)
{
    for (size_t i = 0; i + word.n <= s.n; i++)
        if (str_eq_nocase((struct str){ s.p + i, word.n }, word)) return s.p + i;
    return NULL;
}

/* "text/html; charset=x": x. */
static enum charset from_content(struct str s)
{
    for (const char *at, *end = s.p + s.n; (at = find_nocase(s, S("charset"))) != NULL; s = str_span(at, end)) {
        at += 7;
        while (at < end && is_space(*at)) at++;
        if (at == end || *at != '=') continue;
        at++;
        while (at < end && is_space(*at)) at++;
        if (at == end) break;
        if (*at == '"' || *at == '\'') {
            const char *close = memchr(at + 1, *at, (size_t)(end - at - 1));
            return close ? charset_label(str_span(at + 1, close)) : CHARSET_NONE;
        }
        const char *from = at;
        while (at < end && !is_space(*at) && *at != ';') at++;
        return charset_label(str_span(from, at));
    }
    return CHARSET_NONE;
}

/* UTF-16 that a <meta> could be read in is no UTF-16. */
static enum charset believable(enum charset c)
{
    if (c == CS_UTF_16BE || c == CS_UTF_16LE) return CS_UTF_8;
    return c == CS_X_USER_DEFINED ? CS_WINDOWS_1252 : c;
}

static enum charset from_meta(struct scan *s)
{
    struct str name, value;
    bool seen_http = false, seen_content = false, seen_charset = false, pragma = false, needs_pragma = false;
    enum charset found = CHARSET_NONE;
    while (next_attribute(s, &name, &value)) {
        if (str_eq_nocase(name, S("http-equiv")) && !seen_http) {
            seen_http = true;
            pragma = str_eq_nocase(value, S("content-type"));
        } else if (str_eq_nocase(name, S("content")) && !seen_content) {
            seen_content = true;
            enum charset c = from_content(value);
            if (c != CHARSET_NONE && found == CHARSET_NONE && !seen_charset) { found = c; needs_pragma = true; }
        } else if (str_eq_nocase(name, S("charset")) && !seen_charset) {
            seen_charset = true;
            found = charset_label(value);
            needs_pragma = false;
        }
    }
    if (s->p == s->end || (needs_pragma && !pragma)) return CHARSET_NONE;
    return believable(found);
}

static bool starts_nocase(const struct scan *s, struct str with)
{
    return (size_t)(s->end - s->p) >= with.n && str_eq_nocase((struct str){ s->p, with.n }, with);
}

static enum charset from_xml(struct str s)
{
    if (!str_starts(s, S("<?xml"))) return CHARSET_NONE;
    const char *close = memchr(s.p, '>', s.n);
    struct str declaration = str_span(s.p, close ? close : s.p + s.n);
    const char *at = find_nocase(declaration, S("encoding"));
    if (!close || !at) return CHARSET_NONE;
    for (at += 8; at < close && (is_space(*at) || *at == '='); at++) {}
    if (at == close || (*at != '"' && *at != '\'')) return CHARSET_NONE;
    const char *end = memchr(at + 1, *at, (size_t)(close - at - 1));
    return end ? believable(charset_label(str_span(at + 1, end))) : CHARSET_NONE;
}

/* Passes over what begins with "<" at s->p and is no <meta>. */
static void pass_tag(struct scan *s)
{
    struct str name, value;
    bool tag = s->p + 1 < s->end && (is_letter(s->p[1]) || (s->p[1] == '/' && s->p + 2 < s->end && is_letter(s->p[2])));
    if (tag) {
        while (s->p < s->end && !is_space(*s->p) && *s->p != '>') s->p++;
        while (next_attribute(s, &name, &value)) {}
    } else if (s->p + 1 < s->end && strchr("!/?", s->p[1])) {
        while (s->p < s->end && *s->p != '>') s->p++;
    }
}

enum charset charset_meta(struct str bytes)
{
    struct scan s = { bytes.p, bytes.p + (bytes.n < PRESCAN ? bytes.n : PRESCAN) };
    for (; s.p < s.end; s.p++) {
        if (*s.p != '<') continue;
        if (starts_nocase(&s, S("<!--"))) {
            const char *close = memmem(s.p + 2, (size_t)(s.end - s.p) - 2, "-->", 3);
            if (!close) break;
            s.p = close + 2;
        } else if (starts_nocase(&s, S("<meta")) && s.end - s.p > 5 && (is_space(s.p[5]) || s.p[5] == '/')) {
            s.p += 5;
            enum charset c = from_meta(&s);
            if (c != CHARSET_NONE) return c;
        } else pass_tag(&s);
    }
    return from_xml((struct str){ bytes.p, bytes.n < PRESCAN ? bytes.n : PRESCAN });
}

/* ---- by the bytes ---- */

static enum charset ask_uchardet(struct str s)
{
    uchardet_t u = uchardet_new();
    if (!u) return CHARSET_NONE;
    uchardet_handle_data(u, s.p, s.n);
    uchardet_data_end(u);
    struct str name = str_of(uchardet_get_charset(u));
    enum charset c = str_eq_nocase(name, S("UHC")) ? CS_EUC_KR
                     : str_eq_nocase(name, S("MAC-CYRILLIC")) ? CS_X_MAC_CYRILLIC : charset_label(name);
    uchardet_delete(u);
    return c;
}

static bool may_be_iso_2022_jp(struct str s)                     /* it holds ESC $ */
{
    const char *end = s.p + s.n;
    for (const char *p = s.p; (p = memchr(p, 0x1B, (size_t)(end - p))); p++)
        if (end - p > 1 && p[1] == '$') return true;
    return false;
}

enum charset charset_detect(struct str s)
{
    if (utf8_valid(s) && !may_be_iso_2022_jp(s)) return CS_UTF_8;
    const char *p = s.p, *end = s.p + s.n;
    /* what comes before tells nothing, except escapes */
    while (p < end && (unsigned char)*p < 0x80) p++;
    if (p > s.p + 64) p -= 64; else p = s.p;
    size_t n = (size_t)(end - p);
    enum charset c = ask_uchardet((struct str){ p, n < DETECT ? n : DETECT });
    return c == CHARSET_NONE || c == CS_UTF_8 || c == CS_REPLACEMENT ? CS_WINDOWS_1252 : c;
}

enum charset charset_pick(struct str bytes, struct str http_label, bool html)
{
    size_t size;
    enum charset c = charset_bom(bytes, &size);
    if (c == CHARSET_NONE) c = charset_label(http_label);
    if (c == CHARSET_NONE && html) c = charset_meta(bytes);
    return c == CHARSET_NONE ? charset_detect(bytes) : c;
}
