/* words.c - one pass, two states: inside quotes, outside.
 * SPDX-License-Identifier: Apache-2.0 */
#include "report/words.h"

char **words_of_command(struct arena *mem, struct str command, size_t *n)
{
    char **words = NEW(mem, char *, command.n / 2 + 2), *to = arena_alloc(mem, command.n + 1);
    bool quoted = false, inside = false;
    *n = 0;
    for (size_t i = 0; i < command.n; i++) {
        const char c = command.p[i];
        if (!inside && (c == ' ' || c == '\n')) continue;
        if (!inside) words[(*n)++] = to;
        inside = true;
        if (c == '\'') quoted = !quoted;
        else if (!quoted && c == '\\' && i + 1 < command.n) *to++ = command.p[++i];
        else if (quoted || (c != ' ' && c != '\n')) *to++ = c;
        else { *to++ = 0; inside = false; }
    }
    *to = 0;
    words[*n] = NULL;
    return words;
}
