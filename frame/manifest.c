/* manifest.c - beside every output, what made it: NAME.manifest.json.
 * SPDX-License-Identifier: Apache-2.0
 *
 * {"tamis": version, "command": "...", "inputs": [{"file", "size"}], "output": {"file", "size", "xxh3"},
 *  "stages": [{"stage", "in", "out", "dropped": {reason: n}, "rejected": {reason: n}}],
 *  "bytes_in", "bytes_out", "seconds", "cpu_seconds", "peak_memory", "threads", "seed", "manifest": its own path}
 *
 * extract adds "read": [{"file", "records", "first", "last"}], the places of each file's first and last record, which
 * --from takes. A run that --resume went on with has "resumed": the records before; its counts and times are of all its
 * parts, "read" of the last.
 *
 * A command that is no stream of documents (kmeans, order) has one stage without counts. */
#include "core/hash.h"
#include "core/mem.h"
#include "frame/chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void put_reasons(struct buf *b, const char *name, const struct tally_reason *r, size_t n)
{
    buf_printf(b, ",\"%s\":{", name);
    for (size_t i = 0; i < n; i++) {
        if (i) buf_putc(b, ',');
        json_put_string(b, str_of(r[i].reason));
        buf_printf(b, ":%llu", (unsigned long long)r[i].n);
    }
    buf_putc(b, '}');
}

static void put_stage(struct buf *b, const struct link *l)
{
    const struct tally *t = &l->tally;
    buf_printf(b, "\n  {\"stage\":\"%s\"", l->stage->name);
    if (l->stage->command) { buf_putc(b, '}'); return; }
    buf_printf(b, ",\"in\":%llu,\"out\":%llu", (unsigned long long)t->in, (unsigned long long)t->out);
    put_reasons(b, "dropped", t->drops, t->n_drops);
    put_reasons(b, "rejected", t->rejects, t->n_rejects);
    if (l->stage->tell) l->stage->tell(l->self, b);
    buf_putc(b, '}');
}

static void put_file(struct buf *b, const char *path, bool with_hash)
{
    uint64_t size = 0;
    struct err e = { 0 };
    uint64_t hash;
    buf_put(b, S("{\"file\":"));
    json_put_string(b, str_of(path));
    if (strcmp(path, "-") != 0 && file_size(path, &size, &e)) buf_printf(b, ",\"size\":%llu", (unsigned long long)size);
    if (with_hash && hash_file(path, &hash, &e)) buf_printf(b, ",\"xxh3\":\"%016llx\"", (unsigned long long)hash);
    buf_putc(b, '}');
}

static void put_all(struct buf *b, const struct chain *c, const char *self)
{
    buf_put(b, S("{\"tamis\":\"" TAMIS_VERSION "\",\"command\":"));
    json_put_string(b, str_of(c->set.command));
    buf_put(b, S(",\n \"inputs\":["));
    for (size_t i = 0; i < c->n_inputs; i++) {
        if (i) buf_put(b, S(",\n  "));
        put_file(b, c->inputs[i], false);
    }
    buf_put(b, S("],\n \"output\":"));
    put_file(b, c->set.output, true);
    buf_put(b, S(",\n \"stages\":["));
    for (size_t i = 0; i < c->n; i++) {
        if (i) buf_putc(b, ',');
        put_stage(b, &c->links[i]);
    }
    buf_put(b, S("],\n "));
    if (c->resumed) buf_printf(b, "\"resumed\":%llu,", (unsigned long long)c->seen_before);
    buf_printf(b, "\"bytes_in\":%llu,\"bytes_out\":%llu,\"seconds\":%.3f,\"cpu_seconds\":%.3f,\"peak_memory\":%zu,\"threads\":%ld,\"seed\":%ld,\"manifest\":",
               (unsigned long long)c->bytes_in, (unsigned long long)c->bytes_out, time_now() - c->began,
               c->cpu_before + time_cpu(), mem_peak(), c->set.threads, c->set.seed);
    json_put_string(b, str_of(self));
    buf_put(b, S("}\n"));
}

bool manifest_write(const struct chain *c, struct err *e)
{
    struct stat st;
    bool is_file = strcmp(c->set.output, "-") != 0 && !stat(c->set.output, &st) && S_ISREG(st.st_mode);
    if (!c->set.manifest && (c->set.no_manifest || !is_file)) return true;
    struct arena mem = { 0 };
    struct buf b = { 0 };
    const char *path = c->set.manifest ? c->set.manifest : str_printf(&mem, "%s.manifest.json", c->set.output).p;
    put_all(&b, c, path);
    struct output *o = output_open(path, e);
    bool ok = o && output_write(o, buf_str(&b), e);
    if (ok) ok = output_done(o, e);
    else output_drop(o);
    buf_free(&b);
    arena_free(&mem);
    return ok;
}
