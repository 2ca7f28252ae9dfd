/* faiss_c.cpp - those functions of FAISS's C API that tamis calls, for Debian's archive, which lacks them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Names and laws are those of the headers in faiss/c_api. Built into faiss_c.so beside the program; a real
 * libfaiss_c.so comes before it. */
#include <faiss/AutoTune.h>
#include <faiss/Clustering.h>
#include <faiss/Index.h>
#include <faiss/c_api/AutoTune_c.h>
#include <faiss/c_api/Clustering_c.h>
#include <faiss/c_api/Index_c.h>
#include <faiss/c_api/error_c.h>
#include <faiss/c_api/index_factory_c.h>
#include <faiss/index_factory.h>

#include <exception>
#include <string>

static thread_local std::string last_error;

/* Runs f; 0, or -1 with the reason kept for faiss_get_last_error. */
template <class F> static int guarded(F f)
{
    try { f(); return 0; }
    catch (const std::exception &x) { last_error = x.what(); }
    catch (...) { last_error = "unknown error"; }
    return -1;
}

static faiss::Index *index_of(FaissIndex *x) { return reinterpret_cast<faiss::Index *>(x); }
static const faiss::Index *index_of(const FaissIndex *x) { return reinterpret_cast<const faiss::Index *>(x); }

#pragma GCC visibility push(default)

const char *faiss_get_last_error() { return last_error.c_str(); }

int faiss_index_factory(FaissIndex **to, int d, const char *description, FaissMetricType metric)
{
    return guarded([&] {
        const auto measure = static_cast<faiss::MetricType>(metric);
        *to = reinterpret_cast<FaissIndex *>(faiss::index_factory(d, description, measure));
    });
}

int faiss_Index_train(FaissIndex *x, idx_t n, const float *rows)
{
    return guarded([&] { index_of(x)->train(n, rows); });
}
int faiss_Index_add(FaissIndex *x, idx_t n, const float *rows) { return guarded([&] { index_of(x)->add(n, rows); }); }
void faiss_Index_free(FaissIndex *x) { delete index_of(x); }

int faiss_Index_search(const FaissIndex *x, idx_t n, const float *rows, idx_t k, float *distances, idx_t *labels)
{
    return guarded([&] { index_of(x)->search(n, rows, k, distances, labels); });
}

int faiss_ParameterSpace_new(FaissParameterSpace **to)
{
    return guarded([&] { *to = reinterpret_cast<FaissParameterSpace *>(new faiss::ParameterSpace); });
}
void faiss_ParameterSpace_free(FaissParameterSpace *p) { delete reinterpret_cast<faiss::ParameterSpace *>(p); }

int faiss_ParameterSpace_set_index_parameters(const FaissParameterSpace *p, FaissIndex *x, const char *text)
{
    return guarded([&] {
        reinterpret_cast<const faiss::ParameterSpace *>(p)->set_index_parameters(index_of(x), text);
    });
}

/* ---- k-means, for bench/ ---- */

void faiss_ClusteringParameters_init(FaissClusteringParameters *to)
{
    faiss::ClusteringParameters p;
    *to = { p.niter, p.nredo, p.verbose, p.spherical, p.int_centroids, p.update_index, p.frozen_centroids,
            p.min_points_per_centroid, p.max_points_per_centroid, p.seed, p.decode_block_size };
}

int faiss_Clustering_new_with_params(FaissClustering **to, int d, int k, const FaissClusteringParameters *o)
{
    return guarded([&] {
        faiss::ClusteringParameters p;
        p.niter = o->niter, p.nredo = o->nredo, p.verbose = o->verbose, p.spherical = o->spherical,
        p.int_centroids = o->int_centroids;
        p.update_index = o->update_index, p.frozen_centroids = o->frozen_centroids,
        p.min_points_per_centroid = o->min_points_per_centroid;
        p.max_points_per_centroid = o->max_points_per_centroid, p.seed = o->seed,
        p.decode_block_size = o->decode_block_size;
        *to = reinterpret_cast<FaissClustering *>(new faiss::Clustering(d, k, p));
    });
}

int faiss_Clustering_train(FaissClustering *c, idx_t n, const float *rows, FaissIndex *x)
{
    return guarded([&] { reinterpret_cast<faiss::Clustering *>(c)->train(n, rows, *index_of(x)); });
}

void faiss_Clustering_centroids(FaissClustering *c, float **to, size_t *size)
{
    auto &v = reinterpret_cast<faiss::Clustering *>(c)->centroids;
    *to = v.data();
    if (size) *size = v.size();
}

void faiss_Clustering_free(FaissClustering *c) { delete reinterpret_cast<faiss::Clustering *>(c); }

#pragma GCC visibility pop
