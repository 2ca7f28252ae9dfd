/* str.h - a span of text that somebody else owns, and a buffer that grows.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A str is a pointer and a length; it never ends in NUL and is never freed.
 * A null span (p == NULL) says "there is none"; an empty one has p != NULL.
 *
 *     struct buf b = { 0 };
 *     buf_put(&b, S("{\"id\":"));
 *     buf_printf(&b, "%d}", 7);
 *     ... buf_str(&b) ...
 *     buf_free(&b);
 */
#ifndef CORE_STR_H
#define CORE_STR_H
#include "core/arena.h"
#include "core/err.h"

#include <stdint.h>
#include <string.h>

struct str { const char *p; size_t n; };
struct buf { char *p; size_t n, cap; };

#define S(literal) ((struct str){ "" literal, sizeof literal - 1 })

static inline struct str str_of(const char *s) { return (struct str){ s, s ? strlen(s) : 0 }; }
static inline struct str str_span(const char *p, const char *end) { return (struct str){ p, (size_t)(end - p) }; }
static inline bool str_eq(struct str a, struct str b) { return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n)); }
static inline bool str_starts(struct str s, struct str with) { return s.n >= with.n && !memcmp(s.p, with.p, with.n); }
static inline bool str_ends(struct str s, struct str with)
{
    return s.n >= with.n && !memcmp(s.p + s.n - with.n, with.p, with.n);
}
int str_cmp(struct str a, struct str b);                        /* by bytes, then the shorter first */
bool str_eq_nocase(struct str a, struct str b);                 /* ASCII case only */
struct str str_trim(struct str s);                              /* without ASCII white space at both ends */
struct str str_copy(struct arena *a, struct str s);
char *str_c(struct arena *a, struct str s);                     /* a copy that ends in NUL */
struct str str_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);
bool str_cut(struct str *rest, char at, struct str *head);      /* "a,b": head "a", rest "b"; false when rest is null */

void buf_room_slow(struct buf *b, size_t n);
static inline char *buf_room(struct buf *b, size_t n)           /* n bytes may be written at what is returned */
{
    if (b->cap - b->n < n) buf_room_slow(b, n);
    return b->p + b->n;
}
static inline void buf_putc(struct buf *b, char c) { *buf_room(b, 1) = c; b->n++; }
static inline void buf_put(struct buf *b, struct str s) { if (s.n) memcpy(buf_room(b, s.n), s.p, s.n); b->n += s.n; }
static inline struct str buf_str(const struct buf *b) { return (struct str){ b->p ? b->p : "", b->n }; }
static inline void buf_reset(struct buf *b) { b->n = 0; }
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
void buf_free(struct buf *b);

#endif
