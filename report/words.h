/* words.h - a command line as a manifest has it, and its words.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H
#include "core/str.h"

/* Cuts as a POSIX shell does what frame/main.c joined: white space, '...', and \ before one character. NULL at the end,
 * *n words. */
char **words_of_command(struct arena *mem, struct str command, size_t *n);

#endif
