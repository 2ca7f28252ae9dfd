/* late.h - a library that few commands need, loaded at its first use.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Linked in, libcurl and liblinear bring thirty others with them: 9 of the 14 ms that every command took to start. A
 * file
 * lists the functions that it wants and has them as members:
 *
 *     #define FUNCTIONS(X) X(curl_url) X(curl_url_set)
 *     struct api { FUNCTIONS(LATE_MEMBER) };
 *     #define FIND(f) LATE_FIND(api, so, f)
 *     void *so = late_open(LATE_CURL); FUNCTIONS(FIND)
 *
 * LATE_CURL, LATE_LINEAR: the names that the linker would have written down (Makefile). What is not there ends the
 * program, as a missing linked library would. */
#ifndef CORE_LATE_H
#define CORE_LATE_H

#define LATE_MEMBER(f) __typeof__(f) *f;
#define LATE_FIND(api, so, f) *(void **)&(api).f = late_find(so, #f);

void *late_open(const char *name);
void *late_find(void *so, const char *symbol);

#endif
