# kmeans_peer.py - FAISS beside tamis kmeans.
# SPDX-License-Identifier: Apache-2.0
"""FAISS k-means on a matrix: seconds, CPU seconds, objective after a last assignment. Arguments: MATRIX.npy K ITERATIONS spherical|euclidean."""
import sys
import time

import faiss
import numpy

path, k, iterations, kind = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
x = numpy.load(path).astype(numpy.float32)
begin, cpu = time.time(), time.process_time()
model = faiss.Kmeans(x.shape[1], k, niter=iterations, spherical=kind == "spherical", seed=1, max_points_per_centroid=10**9)
model.train(x)
seconds, cpu = time.time() - begin, time.process_time() - cpu
distance, _ = model.index.search(x, 1)
print(f"faiss {faiss.__version__} {kind}: {seconds:.2f} s, cpu {cpu:.2f} s, objective {1 - distance.mean() if kind == 'spherical' else distance.mean():.6f}")
