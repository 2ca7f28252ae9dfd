/* plugin.c - dlopen beside the program.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/plugin.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void beside_program(const char *name, char *to, size_t size)
{
    char self[4000];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = 0;
    char *slash = strrchr(self, '/');
    snprintf(to, size, "%.*s/%s", slash ? (int)(slash - self) : 0, self, name);
}

void *plugin_open(const char *name, const char *env, const char *what, struct err *e)
{
    char path[4100];
    const char *given = env ? getenv(env) : NULL;
    if (given) snprintf(path, sizeof path, "%s", given);
    else beside_program(name, path, sizeof path);
    void *so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!so) err_set(e, ERR_SYSTEM, "%s: %.300s", what, dlerror());
    return so;
}

void *plugin_find(void *so, const char *symbol) { return dlsym(so, symbol); }
