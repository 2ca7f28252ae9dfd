/* plugin.h - a shared library of ours that may be there: beside the program, or where an environment variable says.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_PLUGIN_H
#define CORE_PLUGIN_H
#include "core/err.h"

/* dlopen's handle; NULL with e set: "WHAT: why". env: a variable with another path; NULL: none. */
void *plugin_open(const char *name, const char *env, const char *what, struct err *e) MUST_CHECK;

/* A function of it, or NULL. Assign through a pointer: *(void **)&fn = plugin_find(so, "name"). */
void *plugin_find(void *so, const char *symbol);

#endif
