/* err.c - the first error stays; context goes in front of it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/err.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool vset(struct err *e, enum err_kind kind, const char *tail, const char *fmt, va_list ap)
{
    if (e->kind != ERR_NONE) return false;
    e->kind = kind;
    int n = vsnprintf(e->msg, sizeof e->msg, fmt, ap);
    if (tail && n >= 0 && (size_t)n < sizeof e->msg) snprintf(e->msg + n, sizeof e->msg - (size_t)n, ": %s", tail);
    return false;
}

bool err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
    va_list ap; va_start(ap, fmt); vset(e, kind, NULL, fmt, ap); va_end(ap);
    return false;
}

bool err_sys(struct err *e, const char *fmt, ...)
{
    int no = errno;
    va_list ap; va_start(ap, fmt); vset(e, no == EPIPE ? ERR_PIPE : ERR_SYSTEM, strerror(no), fmt, ap); va_end(ap);
    return false;
}

bool err_in(struct err *e, const char *fmt, ...)
{
    char where[200];
    va_list ap; va_start(ap, fmt); vsnprintf(where, sizeof where - 2, fmt, ap); va_end(ap);
    strcat(where, ": ");
    size_t n = strlen(where), room = sizeof e->msg - n - 1, old = strlen(e->msg);
    if (old > room) old = room;
    memmove(e->msg + n, e->msg, old);
    memcpy(e->msg, where, n);
    e->msg[n + old] = 0;
    return false;
}
