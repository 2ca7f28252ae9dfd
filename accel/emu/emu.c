/* emu.c - a CUDA block on the CPU: one fiber per thread, one block at a time.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A fiber runs until it meets a barrier or a shuffle; the scheduler then picks
 * another, in an order drawn from $EMU_SEED, so that code which is only right
 * for one order of threads gives another answer. This file is compiled without
 * sanitizers: only the kernels are watched. Under ThreadSanitizer every fiber
 * is a thread of its own and only barriers order them, so a missing
 * __syncthreads() is reported as a data race. The sanitizers' fiber calls are
 * weak symbols: one object serves every build.
 */
#include "accel/emu/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#define WEAK __attribute__((weak))
WEAK void __sanitizer_start_switch_fiber(void **, const void *, size_t);
WEAK void __sanitizer_finish_switch_fiber(void *, const void **, size_t *);
WEAK void *__tsan_get_current_fiber(void);
WEAK void *__tsan_create_fiber(unsigned);
WEAK void __tsan_destroy_fiber(void *);
WEAK void __tsan_switch_to_fiber(void *, unsigned);
WEAK void __tsan_acquire(void *);
WEAK void __tsan_release(void *);

enum { STACK = 256 << 10, MAX_THREADS = 1024, WARP = 32 };
enum state { RUN, AT_BLOCK_BARRIER, AT_WARP_BARRIER, DONE };
struct fiber { ucontext_t ctx; struct emu_pos tid; enum state state; void *asan, *tsan; };

static struct {
    struct fiber f[MAX_THREADS], *cur;
    int n;
    struct emu_pos block, block_dim, grid_dim;
    ucontext_t home; void *asan, *tsan; const void *home_stack; size_t home_size;
    uint32_t lane[MAX_THREADS];      /* what each thread offers in a shuffle */
    void *dynamic; char *stacks;
    void (*run)(void *); void *arg;
    uint64_t rng;
    char token, block_token, warp_token[MAX_THREADS / WARP];
} E;

struct emu_pos emu_thread(void) { return E.cur->tid; }
struct emu_pos emu_block(void) { return E.block; }
struct emu_pos emu_block_dim(void) { return E.block_dim; }
struct emu_pos emu_grid_dim(void) { return E.grid_dim; }
static int me(void) { return (int)(E.cur - E.f); }
int emu_lane(void) { return me() % WARP; }
void *emu_dynamic(void) { return E.dynamic; }

static void go_home(void)
{
    struct fiber *f = E.cur;
    if (__sanitizer_start_switch_fiber)
        __sanitizer_start_switch_fiber(f->state == DONE ? NULL : &f->asan, E.home_stack, E.home_size);
    if (__tsan_switch_to_fiber) __tsan_switch_to_fiber(E.tsan, 1);
    swapcontext(&f->ctx, &E.home);
    if (__sanitizer_finish_switch_fiber) __sanitizer_finish_switch_fiber(f->asan, &E.home_stack, &E.home_size);
}

static void start(void)
{
    if (__sanitizer_finish_switch_fiber) __sanitizer_finish_switch_fiber(NULL, &E.home_stack, &E.home_size);
    if (__tsan_acquire) __tsan_acquire(&E.token);
    E.run(E.arg);
    if (__tsan_release) __tsan_release(&E.token);
    E.cur->state = DONE;
    go_home();
}

static void resume(struct fiber *f)
{
    E.cur = f;
    if (__sanitizer_start_switch_fiber)
        __sanitizer_start_switch_fiber(&E.asan, E.stacks + (size_t)(f - E.f) * STACK, STACK);
    if (__tsan_switch_to_fiber) __tsan_switch_to_fiber(f->tsan, 1);
    swapcontext(&E.home, &f->ctx);
    if (__sanitizer_finish_switch_fiber) __sanitizer_finish_switch_fiber(E.asan, NULL, NULL);
}

static void wait_at(enum state s, char *token)
{
    if (__tsan_release) __tsan_release(token);
    E.cur->state = s;
    go_home();
    if (__tsan_acquire) __tsan_acquire(token);
}
void emu_sync_block(void) { wait_at(AT_BLOCK_BARRIER, &E.block_token); }
void emu_sync_warp(void) { wait_at(AT_WARP_BARRIER, &E.warp_token[me() / WARP]); }
uint32_t emu_shuffle(uint32_t v, int from)
{
    int i = me();
    E.lane[i] = v; emu_sync_warp();
    v = E.lane[i / WARP * WARP + (from & 31)]; emu_sync_warp();
    return v;
}

static unsigned pick(unsigned n)
{
    E.rng ^= E.rng << 13; E.rng ^= E.rng >> 7; E.rng ^= E.rng << 17;
    return (unsigned)(E.rng >> 33) % n;
}
static void fail(const char *why)
{
    fprintf(stderr, "emu: block (%u,%u,%u): %s\n", E.block.x, E.block.y, E.block.z, why);
    abort();
}
static int count(int lo, int hi, enum state s)
{
    int c = 0;
    for (int i = lo; i < hi; i++) c += E.f[i].state == s;
    return c;
}
static void release(int lo, int hi) { for (int i = lo; i < hi; i++) if (E.f[i].state != DONE) E.f[i].state = RUN; }

static void run_block(void)
{
    int order[MAX_THREADS];
    for (int i = 0; i < E.n; i++) order[i] = i;
    while (count(0, E.n, DONE) < E.n) {
        for (int i = E.n - 1; i > 0; i--) {
            int j = (int)pick((unsigned)i + 1), t = order[i];
            order[i] = order[j];
            order[j] = t;
        }
        for (int i = 0; i < E.n; i++) if (E.f[order[i]].state == RUN) resume(&E.f[order[i]]);
        int moved = 0;
        for (int lo = 0; lo < E.n; lo += WARP) {
            int hi = lo + WARP < E.n ? lo + WARP : E.n, w = count(lo, hi, AT_WARP_BARRIER);
            if (w && w + count(lo, hi, DONE) == hi - lo) { release(lo, hi); moved = 1; }
        }
        if (moved || !(E.n - count(0, E.n, DONE))) continue;
        if (count(0, E.n, AT_WARP_BARRIER)) fail("lanes of one warp wait at different barriers");
        if (count(0, E.n, DONE)) fail("some threads returned before __syncthreads()");
        release(0, E.n);
    }
}

void emu_launch(const unsigned g[3], const unsigned b[3], size_t dynamic, void (*run)(void *), void *arg)
{
    if (!E.stacks) {
        const char *s = getenv("EMU_SEED");
        E.rng = 0x9E3779B97F4A7C15u + (s ? strtoull(s, NULL, 10) : 0) * 2654435761u;
        E.stacks = mmap(NULL, (size_t)STACK * MAX_THREADS, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    }
    E.n = (int)(b[0] * b[1] * b[2]);
    if (E.n > MAX_THREADS) fail("more than 1024 threads in a block");
    E.grid_dim = (struct emu_pos){ g[0], g[1], g[2] }; E.block_dim = (struct emu_pos){ b[0], b[1], b[2] };
    E.run = run; E.arg = arg;
    E.tsan = __tsan_get_current_fiber ? __tsan_get_current_fiber() : NULL;
    for (unsigned i = 0; i < g[0] * g[1] * g[2]; i++) {
        E.block = (struct emu_pos){ i % g[0], i / g[0] % g[1], i / (g[0] * g[1]) };
        E.dynamic = malloc(dynamic ? dynamic : 1);
        memset(E.dynamic, 0xa5, dynamic);           /* shared memory starts as garbage */
        for (int t = 0; t < E.n; t++) {
            struct fiber *f = &E.f[t];
            f->tid = (struct emu_pos){ (unsigned)t % b[0], (unsigned)t / b[0] % b[1], (unsigned)t / (b[0] * b[1]) };
            f->state = RUN; f->asan = NULL;
            f->tsan = __tsan_create_fiber ? __tsan_create_fiber(0) : NULL;
            getcontext(&f->ctx);
            f->ctx.uc_stack.ss_sp = E.stacks + (size_t)t * STACK;
            f->ctx.uc_stack.ss_size = STACK;
            f->ctx.uc_link = NULL;
            makecontext(&f->ctx, start, 0);
        }
        if (__tsan_release) __tsan_release(&E.token);
        run_block();
        if (__tsan_acquire) __tsan_acquire(&E.token);
        for (int t = 0; t < E.n; t++) if (__tsan_destroy_fiber) __tsan_destroy_fiber(E.f[t].tsan);
        free(E.dynamic);
    }
}
