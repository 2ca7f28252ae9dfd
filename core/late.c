/* late.c - dlopen, once.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/late.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static void *must(void *p)
{
    if (p) return p;
    fprintf(stderr, "tamis: %s\n", dlerror());
    exit(3);
}

void *late_open(const char *name) { return must(dlopen(name, RTLD_NOW | RTLD_LOCAL)); }

void *late_find(void *so, const char *symbol) { return must(dlsym(so, symbol)); }
