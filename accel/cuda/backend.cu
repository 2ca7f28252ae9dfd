/* backend.cu - the device as a struct accel: memory, one stream, errors.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Everything runs on one stream, in order. Uploads pass through two pinned buffers: while one is on its
 * way the host fills the other, and kernels queued before are still at work. */
#include "accel/cuda/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(struct device *d, const char *what, cudaError_t e)
{
    if (e != cudaSuccess && !d->failed) { d->failed = what; d->why = e; }
}

static void *device_alloc(struct accel *a, size_t size)
{
    struct device *d = device_of(a);
    void *p = NULL;
    if (cudaMalloc(&p, size) != cudaSuccess) { cudaGetLastError(); return NULL; }
    fail(d, "memset", cudaMemsetAsync(p, 0, size, d->stream));
    return p;
}

static void device_free(struct accel *a, void *p)
{
    cudaStreamSynchronize(device_of(a)->stream);
    cudaFree(p);
}

static void device_put(struct accel *a, void *to, const void *from, size_t size)
{
    struct device *d = device_of(a);
    for (size_t at = 0, n; at < size; at += n) {
        int s = d->next;
        n = size - at < STAGE_SIZE ? size - at : STAGE_SIZE;
        fail(d, "upload", cudaEventSynchronize(d->staged[s]));
        memcpy(d->stage[s], (const char *)from + at, n);
        fail(d, "upload", cudaMemcpyAsync((char *)to + at, d->stage[s], n, cudaMemcpyHostToDevice, d->stream));
        fail(d, "upload", cudaEventRecord(d->staged[s], d->stream));
        d->next = (s + 1) % STAGES;
    }
}

static void device_get(struct accel *a, void *to, const void *from, size_t size)
{
    struct device *d = device_of(a);
    fail(d, "download", cudaMemcpyAsync(to, from, size, cudaMemcpyDeviceToHost, d->stream));
    fail(d, "download", cudaStreamSynchronize(d->stream));
}

static void device_zero(struct accel *a, void *p, size_t size)
{
    fail(device_of(a), "memset", cudaMemsetAsync(p, 0, size, device_of(a)->stream));
}

static bool device_sync(struct accel *a, struct err *e)
{
    struct device *d = device_of(a);
    fail(d, "kernel", cudaStreamSynchronize(d->stream));
    const char *what = d->failed;
    d->failed = NULL;
    if (!what || e->kind) return !what;
    e->kind = ERR_SYSTEM;
    snprintf(e->msg, sizeof e->msg, "the CUDA device failed in %s: %s", what, cudaGetErrorString(d->why));
    return false;
}

static void device_close(struct accel *a)
{
    struct device *d = device_of(a);
    cudaStreamSynchronize(d->stream);
    for (int s = 0; s < STAGES; s++) {
        cudaFreeHost(d->stage[s]);
        cudaEventDestroy(d->staged[s]);
    }
    cudaFree(d->scores);
    cublasDestroy(d->blas);
    cudaStreamDestroy(d->stream);
    free(d);
}

static const char *start(struct device *d)
{
    int n = 0;
    if (cudaGetDeviceCount(&n) != cudaSuccess || n < 1) return "none was found";
    if (cudaStreamCreate(&d->stream) != cudaSuccess) return "it could not be started";
    if (cublasCreate(&d->blas) != CUBLAS_STATUS_SUCCESS || cublasSetStream(d->blas, d->stream) != CUBLAS_STATUS_SUCCESS)
        return "cuBLAS could not be started";
    for (int s = 0; s < STAGES; s++)
        if (cudaMallocHost(&d->stage[s], STAGE_SIZE) != cudaSuccess || cudaEventCreate(&d->staged[s]) != cudaSuccess)
            return "there is no pinned memory";
    return NULL;
}

static struct accel table(int threads)
{
    struct accel a = {};
    a.abi = ACCEL_ABI, a.threads = threads;
    a.alloc = device_alloc, a.free = device_free, a.put = device_put, a.get = device_get, a.zero = device_zero,
    a.sync = device_sync, a.close = device_close;
    a.gemm = cuda_gemm, a.nearest = cuda_nearest;
    a.add = cuda_add, a.scale = cuda_scale, a.dot = cuda_dot, a.bias = cuda_bias, a.bias_back = cuda_bias_back,
    a.gather = cuda_gather, a.scatter = cuda_scatter;
    a.layernorm = cuda_layernorm, a.rmsnorm = cuda_rmsnorm, a.rmsnorm_back = cuda_rmsnorm_back;
    a.gelu = cuda_gelu, a.gelu_back = cuda_gelu_back, a.swiglu = cuda_swiglu, a.swiglu_back = cuda_swiglu_back;
    a.rope = cuda_rope, a.attention = cuda_attention, a.attention_back = cuda_attention_back;
    a.xent = cuda_xent, a.adamw = cuda_adamw;
    return a;
}

static struct accel *device_open(const char *name, int threads, char *why, size_t size)
{
    struct device *d = (struct device *)calloc(1, sizeof *d);
    const char *problem = d ? start(d) : "there is no memory";
    if (problem) {
        if (why) snprintf(why, size, "%s", problem);
        free(d);
        return NULL;
    }
    d->api = table(threads);
    d->api.name = name;
    return &d->api;
}

#ifdef __CUDACC__
extern "C" __attribute__((visibility("default"))) struct accel *accel_cuda(int threads, char *why, size_t size)
{
    return device_open("cuda", threads, why, size);
}
#else
struct accel *accel_emulated(int threads)
{
    return device_open("emulated", threads, NULL, 0);
}
#endif
