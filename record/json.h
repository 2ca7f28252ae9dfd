/* json.h - one JSON object, scanned without a tree.
 * SPDX-License-Identifier: Apache-2.0
 *
 * json_object() validates a whole line by RFC 8259 and notes where its top-level members
 * lie; nothing is decoded. Values are spans of the raw JSON text: json_string() decodes one
 * when asked. json_get() walks a dotted path into a value that was validated before.
 *
 * What RFC 8259 leaves open, decided here (tests/unit/test_json.c):
 *   - UTF-8 must be valid; a lone surrogate escape is valid JSON, decodes to U+FFFD;
 *   - duplicate keys: all pass through, the last one is the value;
 *   - keys are compared as written: one with an escape is found by that spelling only;
 *   - \u0000 is allowed; a raw NUL or other control character in a string is not;
 *   - nesting deeper than JSON_DEPTH is refused; numbers of any length are valid.
 */
#ifndef RECORD_JSON_H
#define RECORD_JSON_H
#include "core/str.h"

enum { JSON_DEPTH = 1024 };
/* key: raw, between its quotes; value: raw, without white space around */
struct json_field { struct str key, value; };

/* Scans the object in s; its members go to *fields (in mem), *n of them. s must hold one object and white space, no
 * newline needed. */
bool json_object(struct str s, struct arena *mem, struct json_field **fields, size_t *n, struct err *e) MUST_CHECK;
bool json_valid(struct str s, struct err *e) MUST_CHECK;                   /* any JSON value */

/* "a.b[0][2]"; null span when it is not there */
struct str json_get(struct str value, struct str path);
/* items of an array: start with rest = the array */
bool json_next(struct str *rest, struct str *item);
bool json_next_field(struct str *rest, struct json_field *f);              /* members of an object likewise */

bool json_is_string(struct str value);
/* false when it is no string; borrows value when it has no escape */
bool json_string(struct str value, struct arena *mem, struct str *out);
bool json_number(struct str value, double *out);                           /* false when it is no number */
bool json_integer(struct str value, int64_t *out);                         /* false when it is no integer in range */

/* quoted; minimal escapes; s must be valid UTF-8 */
void json_put_string(struct buf *to, struct str s);
/* the shortest digits that read back the same; 3 as 3, NaN and inf as null */
void json_put_number(struct buf *to, double x);
/* likewise but 3 as 3.0: RedPajama's and Python's floats */
void json_put_float(struct buf *to, double x);

#endif
