/* par.h - a loop over fixed chunks on several threads.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Chunk c covers [c*size, min(n, (c+1)*size)): its borders depend on n and size
 * only. Sums that are kept per chunk and added in chunk order are therefore the
 * same bits for any number of threads.
 *
 * The process keeps the threads that a loop began: a training step of a small model is two hundred
 * loops. Loops may run loops, and several threads may call at once; they share the helpers.
 */
#ifndef CORE_PAR_H
#define CORE_PAR_H
#include <stddef.h>

/* worker is 0 .. threads-1: each runs on one thread, so scratch may be kept per worker. */
typedef void par_fn(void *ctx, size_t chunk, size_t begin, size_t end, int worker);

void par_for(int threads, size_t n, size_t size, par_fn *fn, void *ctx);

#endif
