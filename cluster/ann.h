/* ann.h - nearest neighbours by FAISS, for sets too large to compare all pairs.
 * SPDX-License-Identifier: Apache-2.0
 *
 * FAISS is reached by its C API: libfaiss_c.so where the system has one, else faiss_c.so beside the program, which is
 * made from Debian's archive (cluster/faiss/faiss_c.cpp), or where $TAMIS_FAISS says. An index is trained and filled on
 * one thread, so that it and the answers do not depend on threads; each query is searched by one thread.
 */
#ifndef CLUSTER_ANN_H
#define CLUSTER_ANN_H
#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

struct ann;

/* index: a string of FAISS's index_factory ("HNSW32", "IVF1024,Flat"); parameters: "nprobe=16", or NULL. */
struct ann *ann_open(const char *index, const char *parameters, int threads, struct err *e) MUST_CHECK;
void ann_close(struct ann *a);

/* The k rows of x (n, d) with the greatest dot product with each row, itself among them: ids and dots are (n, k), best
 * first; -1 where
   the index found fewer. Holds a copy of x while it works. */
bool ann_search(struct ann *a, const float *x, size_t n, size_t d, size_t k, int64_t *ids, float *dots,
                struct err *e) MUST_CHECK;

#endif
