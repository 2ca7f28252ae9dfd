/* kmeans_faiss.c - Debian's FAISS beside tamis kmeans, by its C API: seconds, and the objective after a last
 * assignment.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   kmeans_faiss bin/faiss_c.so MATRIX.npy K ITERATIONS spherical|euclidean   (float32) */
#include "core/mem.h"
#include "record/matrix.h"

#include <dlfcn.h>
#include <faiss/c_api/Clustering_c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *find(void *so, const char *name)
{
    void *p = so ? dlsym(so, name) : NULL;
    if (p) return p;
    fprintf(stderr, "kmeans_faiss: %s\n", dlerror());
    exit(1);
}

int main(int argc, char **argv)
{
    struct err e = { 0 };
    struct matrix x;
    if (argc != 6 || !matrix_open(&x, argv[2], &e) || x.type != MATRIX_F32)
        return fprintf(stderr, "kmeans_faiss: LIBRARY MATRIX.npy K ITERATIONS KIND\n"), 2;
    void *so = dlopen(argv[1], RTLD_NOW);
    bool spherical = !strcmp(argv[5], "spherical");
    int d = (int)x.cols, k = atoi(argv[3]);
    void (*init)(FaissClusteringParameters *);
    int (*factory)(FaissIndex **, int, const char *, int),
        (*make)(FaissClustering **, int, int, const FaissClusteringParameters *);
    int (*train)(FaissClustering *, idx_t, const float *, FaissIndex *),
        (*search)(const FaissIndex *, idx_t, const float *, idx_t, float *, idx_t *);
    *(void **)&init = find(so, "faiss_ClusteringParameters_init"), *(void **)&factory = find(so, "faiss_index_factory");
    *(void **)&make = find(so, "faiss_Clustering_new_with_params"),
        *(void **)&train = find(so, "faiss_Clustering_train");
    *(void **)&search = find(so, "faiss_Index_search");

    FaissClusteringParameters p;
    FaissIndex *index;
    FaissClustering *c;
    init(&p);
    p.niter = atoi(argv[4]), p.spherical = spherical, p.seed = 1, p.max_points_per_centroid = 1 << 30;
    if (factory(&index, d, "Flat", spherical ? 0 : 1) || make(&c, d, k, &p)) return 1;
    double begin = now();
    if (train(c, (idx_t)x.rows, x.data, index)) return 1;
    double seconds = now() - begin, sum = 0;
    float *far = mem_alloc(x.rows, sizeof *far);
    idx_t *label = mem_alloc(x.rows, sizeof *label);
    if (search(index, (idx_t)x.rows, x.data, 1, far, label)) return 1;
    for (size_t i = 0; i < x.rows; i++) sum += spherical ? 1 - (double)far[i] : (double)far[i];
    printf("faiss (Debian) %s: %.2f s, objective %.6f\n", argv[5], seconds, sum / (double)x.rows);
    return 0;
}
