/* weights.c - see weights.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "record/weights.h"

#include "core/file.h"
#include "record/json.h"

#include <math.h>
#include <stdlib.h>

enum { FILE_LIMIT = 1 << 26 };

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct weight *)a)->name, ((const struct weight *)b)->name);
}

static struct str object_of(struct str all)
{
    const struct str inner = json_get(all, S("weights"));
    return str_starts(inner, S("{")) ? inner : all;
}

static bool add(struct weights *w, size_t *cap, struct json_field f, struct err *e)
{
    const struct str quoted = { f.key.p - 1, f.key.n + 2 };
    struct weight new;
    if (!json_string(quoted, &w->mem, &new.name) || !json_number(f.value, &new.x) || !(new.x >= 0) || isinf(new.x))
        return err_set(e, ERR_DATA, "the weight of %.*s is no number from 0 up", (int)quoted.n, quoted.p);
    new.name = str_copy(&w->mem, new.name);
    if (w->n == *cap) w->of = mem_grow(w->of, cap, w->n + 1, sizeof *w->of);
    w->of[w->n++] = new;
    return true;
}

static bool read_object(struct weights *w, struct str object, struct err *e)
{
    size_t cap = 0;
    if (!str_starts(object, S("{"))) return err_set(e, ERR_DATA, "weights are an object, {\"domain\": 0.5}");
    for (struct json_field f; json_next_field(&object, &f); ) if (!add(w, &cap, f, e)) return false;
    if (w->n) qsort(w->of, w->n, sizeof *w->of, by_name);
    for (size_t i = 1; i < w->n; i++)
        if (str_eq(w->of[i - 1].name, w->of[i].name))
            return err_set(e, ERR_DATA, "\"%.*s\" has two weights", (int)w->of[i].name.n, w->of[i].name.p);
    return true;
}

bool weights_read(struct weights *w, const char *path, struct err *e)
{
    struct buf b = { 0 };
    *w = (struct weights){ 0 };
    const bool ok = file_slurp(path, &b, FILE_LIMIT, e)
                    && ((json_valid(buf_str(&b), e) && read_object(w, object_of(str_trim(buf_str(&b))), e))
                        || err_in(e, "%s", path));
    buf_free(&b);
    return ok;
}

double weights_of(const struct weights *w, struct str name)
{
    const struct weight key = { name, 0 }, *found = w->n ? bsearch(&key, w->of, w->n, sizeof key, by_name) : NULL;
    return found ? found->x : 0;
}

void weights_free(struct weights *w)
{
    arena_free(&w->mem);
    free(w->of);
    *w = (struct weights){ 0 };
}
