/* tokens.c - open, one worker a thread.
 * SPDX-License-Identifier: Apache-2.0 */
#include "embed/tokens.h"

#include "core/file.h"

#include <stdlib.h>

bool tokens_open(struct tokens *t, const char *folder, int threads, struct err *e)
{
    struct arena mem = { 0 };
    struct str path = str_printf(&mem, "%s/tokenizer.json", folder), other = str_printf(&mem, "%s/vocab.txt", folder);
    const char *name = str_c(&mem, file_exists(str_c(&mem, other)) ? other : path);
    *t = (struct tokens){ .model = tokenizer_open(name, e), .n = threads };
    arena_free(&mem);
    if (!t->model) return false;
    t->workers = mem_alloc((size_t)threads, sizeof *t->workers);
    for (int i = 0; i < threads; i++) t->workers[i] = tokenizer_worker_new(t->model);
    return true;
}

void tokens_close(struct tokens *t)
{
    for (int i = 0; t->workers && i < t->n; i++) tokenizer_worker_free(t->workers[i]);
    if (t->model) tokenizer_close(t->model);
    free(t->workers);
    *t = (struct tokens){ 0 };
}
