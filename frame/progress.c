/* progress.c - a line on the terminal while it runs, a line of report when it is done.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"
#include "frame/chain.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static const double EVERY = 0.25;                    /* seconds between two lines */

static void name_of(const struct chain *c, char *to, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n && n < room; i++)
        n += (size_t)snprintf(to + n, room - n, "%s%s", i ? " ! " : "", c->links[i].stage->name);
}

static void tell_running(struct chain *c, double now)
{
    char name[200];
    name_of(c, name, sizeof name);
    double seconds = now - c->began + 1e-9, mb = (double)c->bytes_in / 1e6;
    fprintf(stderr, "\r%s: %llu docs, %.0f docs/s, %.1f MB/s", name, (unsigned long long)c->n_seen,
            (double)c->n_seen / seconds, mb / seconds);
    if (c->bytes_all && c->bytes_in) {
        double share = (double)c->bytes_in / (double)c->bytes_all;
        if (share > 1) share = 1;
        fprintf(stderr, ", %.0f%%, %.0f s left", share * 100, seconds / share - seconds);
    }
    fputs("\033[K", stderr);
}

void progress_tell(struct chain *c, bool last)
{
    if (c->set.quiet || !(c->set.progress || isatty(2))) return;
    double now = time_now();
    if (!last) {
        if (now - c->told < EVERY) return;
        c->told = now;
        tell_running(c, now);
        return;
    }
    fputs("\r\033[K", stderr);
    const struct tally *first = &c->links[0].tally, *end = &c->links[c->n - 1].tally;
    uint64_t dropped = 0, rejected = 0;
    for (size_t i = 0; i < c->n; i++) { dropped += c->links[i].tally.dropped; rejected += c->links[i].tally.rejected; }
    char name[200];
    name_of(c, name, sizeof name);
    fprintf(stderr, "%s: %llu in, %llu out, %llu dropped, %llu rejected; %.2f s, %.2f s cpu, %zu MB\n", name,
            (unsigned long long)first->in, (unsigned long long)end->out, (unsigned long long)dropped,
            (unsigned long long)rejected,
            now - c->began, time_cpu(), mem_peak() >> 20);
}

/* ---- commands ---- */

static void put_left(double seconds)
{
    if (seconds >= 3600)
        fprintf(stderr, ", %.0f:%02.0f h left", floor(seconds / 3600), floor(fmod(seconds, 3600) / 60));
    else fprintf(stderr, ", %.0f:%02.0f min left", floor(seconds / 60), floor(fmod(seconds, 60)));
}

void run_tell(const struct run *r, struct run_line *l, double share, const char *what, ...)
{
    if (r->quiet || !(r->progress || isatty(2))) return;
    const double now = time_now();
    if (l->began <= 0) { l->began = now; l->from = share; }
    if (now - l->told < EVERY) return;
    l->told = now;
    l->written = true;
    va_list args;
    va_start(args, what);
    fprintf(stderr, "\r%s: ", r->stage);
    vfprintf(stderr, what, args);
    va_end(args);
    fprintf(stderr, ", %.0f%%", 100 * share);
    if (share > l->from) put_left((now - l->began) / (share - l->from) * (1 - share));
    fputs("\033[K", stderr);
}

void run_told(struct run_line *l)
{
    if (l->written) fputs("\r\033[K", stderr);
}
