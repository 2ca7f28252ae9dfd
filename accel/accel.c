/* accel.c - choose a device; the CPU as one.
 * SPDX-License-Identifier: Apache-2.0 */
#include "accel/accel.h"

#include "accel/cpu.h"
#include "core/arena.h"
#include "core/par.h"
#include "core/plugin.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* ---- the CPU ---- */

/* Rows of a matrix lie kilobytes apart: on pages of 2 MiB, where the system has them, a training step takes 2 to 3 %
 * less. */
static void *host_alloc(struct accel *a, size_t size)
{
    const uintptr_t huge = 2 << 20;
    (void)a;
    char *p = mem_lines(size, 1), *from = p + (huge - (uintptr_t)p % huge) % huge;
    if (size > 2 * huge) madvise(from, (size_t)(p + size - from) / huge * huge, MADV_HUGEPAGE);
    return memset(p, 0, size);
}
static void host_free(struct accel *a, void *p) { (void)a; free(p); }
static void host_put(struct accel *a, void *to, const void *from, size_t size)
{
    (void)a;
    if (size) memcpy(to, from, size);
}
static void zero_run(void *p, size_t chunk, size_t begin, size_t end, int worker)
{
    (void)chunk, (void)worker;
    memset((char *)p + begin, 0, end - begin);
}
static void host_zero(struct accel *a, void *p, size_t size) { par_for(a->threads, size, 1 << 20, zero_run, p); }
static bool host_sync(struct accel *a, struct err *e) { (void)a, (void)e; return true; }
static void host_close(struct accel *a) { free(a); }
static void host_gemm(struct accel *a, const struct gemm *g, const float *A, const float *B, float *C)
{
    gemm_cpu(a->threads, g, A, B, C);
}

struct accel *accel_cpu(int threads)
{
    struct accel *a = mem_alloc(1, sizeof *a);
    *a = (struct accel){
        .abi = ACCEL_ABI, .threads = threads, .name = "cpu",
        .alloc = host_alloc, .free = host_free, .put = host_put, .get = host_put, .zero = host_zero, .sync = host_sync,
        .close = host_close,
        .gemm = host_gemm, .nearest = cpu_nearest, .add = cpu_add, .scale = cpu_scale, .dot = cpu_dot,
        .bias = cpu_bias, .bias_back = cpu_bias_back, .gather = cpu_gather, .scatter = cpu_scatter,
        .layernorm = cpu_layernorm, .rmsnorm = cpu_rmsnorm, .rmsnorm_back = cpu_rmsnorm_back,
        .gelu = cpu_gelu, .gelu_back = cpu_gelu_back, .swiglu = cpu_swiglu, .swiglu_back = cpu_swiglu_back,
        .rope = cpu_rope, .attention = cpu_attention, .attention_back = cpu_attention_back, .xent = cpu_xent,
        .adamw = cpu_adamw,
    };
    return a;
}

/* ---- CUDA ---- */

typedef struct accel *entry_fn(int threads, char *why, size_t size);

static struct accel *open_cuda(int threads, struct err *e)
{
    static const char none[] = "there is no CUDA device to use";
    char why[200] = "";
    /* cuBLAS takes 150 MB to load: not without a driver */
    if (!getenv("TAMIS_ACCEL") && !dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL)) {
        err_set(e, ERR_SYSTEM, "%s: no driver, libcuda.so.1", none);
        return NULL;
    }
    void *so = plugin_open("accel-cuda.so", "TAMIS_ACCEL", none, e);
    if (!so) return NULL;
    entry_fn *entry = NULL;
    *(void **)&entry = plugin_find(so, "accel_cuda");
    struct accel *a = entry ? entry(threads, why, sizeof why) : NULL;
    if (a && a->abi == ACCEL_ABI) return a;
    if (a) err_set(e, ERR_SYSTEM, "%s: accel-cuda.so was built for another version", none);
    else err_set(e, ERR_SYSTEM, "%s: %s", none, entry ? why : "no accel_cuda in the library");
    return NULL;
}

struct accel *accel_open(const char *which, int threads, struct err *e)
{
    if (!strcmp(which, "cpu")) return accel_cpu(threads);
    if (!strcmp(which, "emulated")) return accel_emulated(threads);
    if (strcmp(which, "cuda") != 0 && strcmp(which, "auto") != 0) {
        err_set(e, ERR_USAGE, "device \"%s\" is not auto, cpu or cuda", which);
        return NULL;
    }
    struct err ignored = { 0 };
    struct accel *a = open_cuda(threads, !strcmp(which, "auto") ? &ignored : e);
    return a || strcmp(which, "auto") != 0 ? a : accel_cpu(threads);
}
