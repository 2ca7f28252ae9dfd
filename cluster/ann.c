/* ann.c - FAISS's C API, found at run time.
 * SPDX-License-Identifier: Apache-2.0 */
#include "cluster/ann.h"

#include "core/mem.h"
#include "core/plugin.h"

#include <dlfcn.h>
#include <stdlib.h>

/* As faiss/c_api/ declares them; every int is 0 when all is well. */
typedef struct FaissIndex_H index_t;
typedef struct FaissParameterSpace_H space_t;
enum { INNER_PRODUCT = 0 };
struct api {
    int (*factory)(index_t **to, int d, const char *description, int metric);
    int (*train)(index_t *x, int64_t n, const float *rows);
    int (*add)(index_t *x, int64_t n, const float *rows);
    int (*search)(const index_t *x, int64_t n, const float *rows, int64_t k, float *dots, int64_t *ids);
    void (*free)(index_t *x);
    int (*space)(space_t **to);
    int (*set)(const space_t *s, index_t *x, const char *text);
    void (*space_free)(space_t *s);
    const char *(*error)(void);
    void (*omp_threads)(int n);                      /* of the OpenMP and BLAS that FAISS runs on */
    void (*blas_threads)(int n);
};
struct ann { struct api f; const char *index, *parameters; int threads; };

static const struct { const char *name; size_t at; } symbols[] = {
    { "faiss_index_factory", offsetof(struct api, factory) },
    { "faiss_Index_train", offsetof(struct api, train) },
    { "faiss_Index_add", offsetof(struct api, add) },
    { "faiss_Index_search", offsetof(struct api, search) },
    { "faiss_Index_free", offsetof(struct api, free) },
    { "faiss_ParameterSpace_new", offsetof(struct api, space) },
    { "faiss_ParameterSpace_set_index_parameters", offsetof(struct api, set) },
    { "faiss_ParameterSpace_free", offsetof(struct api, space_free) },
    { "faiss_get_last_error", offsetof(struct api, error) },
    { "omp_set_num_threads", offsetof(struct api, omp_threads) },
    { "openblas_set_num_threads", offsetof(struct api, blas_threads) },
};

struct ann *ann_open(const char *index, const char *parameters, int threads, struct err *e)
{
    void *so = getenv("TAMIS_FAISS") ? NULL : dlopen("libfaiss_c.so", RTLD_NOW | RTLD_LOCAL);
    if (!so && !(so = plugin_open("faiss_c.so", "TAMIS_FAISS", "there is no FAISS to use", e))) return NULL;
    struct ann *a = mem_zero(1, sizeof *a);
    *a = (struct ann){ .index = index, .parameters = parameters, .threads = threads };
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        void *found = plugin_find(so, symbols[i].name);
        *(void **)((char *)&a->f + symbols[i].at) = found;
        if (found || symbols[i].at == offsetof(struct api, blas_threads)) continue;      /* another BLAS */
        err_set(e, ERR_SYSTEM, "there is no FAISS to use: its library lacks %s", symbols[i].name);
        ann_close(a);
        return NULL;
    }
    return a;
}

void ann_close(struct ann *a) { free(a); }

static void use_threads(const struct ann *a, int n)
{
    a->f.omp_threads(n);
    if (a->f.blas_threads) a->f.blas_threads(n);
}

static bool set_parameters(const struct ann *a, index_t *x)
{
    space_t *s;
    if (!a->parameters) return true;
    if (a->f.space(&s)) return false;
    bool ok = !a->f.set(s, x, a->parameters);
    a->f.space_free(s);
    return ok;
}

bool ann_search(struct ann *a, const float *x, size_t n, size_t d, size_t k, int64_t *ids, float *dots, struct err *e)
{
    index_t *index = NULL;
    use_threads(a, 1);
    bool ok = !a->f.factory(&index, (int)d, a->index, INNER_PRODUCT) && !a->f.train(index, (int64_t)n, x)
              && !a->f.add(index, (int64_t)n, x) && set_parameters(a, index);
    use_threads(a, a->threads);
    ok = ok && !a->f.search(index, (int64_t)n, x, (int64_t)k, dots, ids);
    if (!ok) err_set(e, ERR_DATA, "FAISS, index %s of %zu rows: %.300s", a->index, n, a->f.error());
    if (index) a->f.free(index);
    return ok;
}
