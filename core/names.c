/* names.c - see names.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/names.h"
#include "core/file.h"

#include <stdlib.h>

static const size_t LIST_MAX = (size_t)1 << 30;

static void add(struct names *l, struct str name)
{
    l->all = mem_grow(l->all, &l->cap, l->n + 2, sizeof *l->all);
    l->all[l->n++] = str_c(&l->mem, name);
    l->all[l->n] = NULL;
}

bool names_add(struct names *l, const char *name, struct err *e)
{
    if (name[0] != '@' || !name[1]) { add(l, str_of(name)); return true; }
    struct buf b = { 0 };
    bool ok = file_slurp(name + 1, &b, LIST_MAX, e);
    struct str rest = buf_str(&b), line;
    while (ok && str_cut(&rest, '\n', &line)) if (str_trim(line).n) add(l, str_trim(line));
    buf_free(&b);
    return ok;
}

bool names_split(struct names *l, const char *names, struct err *e)
{
    struct str rest = str_of(names), word;
    bool ok = true;
    while (ok && str_cut(&rest, ',', &word)) if (word.n) ok = names_add(l, str_c(&l->mem, word), e);
    return ok;
}

void names_free(struct names *l)
{
    free(l->all);
    arena_free(&l->mem);
}
