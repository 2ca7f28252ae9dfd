/* mem.h - mapped files, how much memory there is, and how much was used.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_MEM_H
#define CORE_MEM_H
#include "core/str.h"

struct map { const char *p; size_t n; };                         /* the whole of a file, read only, shared */

bool map_open(struct map *m, const char *path, struct err *e) MUST_CHECK;   /* an empty file maps to n == 0 */
void map_close(struct map *m);

/* Cleared memory for a large table that is read here and there: in pages of 2 MB where the system has them. */
void *mem_pages(size_t size);
void mem_pages_free(void *p, size_t size);

size_t mem_peak(void);                                           /* bytes, this process's largest resident set */
size_t mem_machine(void);                                        /* bytes of memory, or the cgroup's limit if lower */
double time_now(void);                                           /* seconds, monotonic */
double time_cpu(void);                                           /* seconds of CPU of all threads */

#endif
