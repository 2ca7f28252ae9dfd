/* fetch.c - one thread, libcurl's multi interface, and a clock for those that wait.
 * SPDX-License-Identifier: Apache-2.0 */
#include "extract/fetch.h"
#include "core/mem.h"
#include "core/rng.h"
#include "text/curl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BACKOFF_MAX = 60, RETRY_AFTER_MAX = 600, SLOW = 1000, REDIRECTS = 5 };
static const uint64_t UNKNOWN = UINT64_MAX;

enum state { WAITING, RUNNING, DONE, FAILED };

struct job {
    struct fetch_item *item;
    enum state state;
    CURL *easy;
    struct curl_slist *headers;
    char *part, *etag;
    int fd;                          /* of the part */
    int misses;                      /* attempts in a row that brought nothing */
    double not_before;               /* seconds of time_now() */
    uint64_t have, begin;            /* bytes in the part now, and when this attempt began */
    uint64_t range_at, total;        /* Content-Range's start and the whole length; UNKNOWN */
    bool checked;                    /* the status was looked at: its body may be written */
    const char *refused;             /* why the body is not wanted */
    bool disk;                       /* writing failed: errno of it */
    int error;
    char message[CURL_ERROR_SIZE];
};

struct fetch {
    struct job *jobs;
    size_t n, running;
    CURLM *multi;
    const struct fetch_options *o;
    uint64_t fresh;
    double begun, told;
};

/* ---- what the server says ---- */

static char *copy(struct str s)
{
    char *to = mem_alloc(s.n + 1, 1);
    memcpy(to, s.p, s.n);
    to[s.n] = 0;
    return to;
}

/* "bytes 100-199/200", "bytes * /200" (without the space). */
static void content_range(struct job *j, const char *value)
{
    unsigned long long from, to, all;
    if (sscanf(value, "bytes %llu-%llu/%llu", &from, &to, &all) == 3) { j->range_at = from; j->total = all; }
    else if (sscanf(value, "bytes */%llu", &all) == 1) j->total = all;
}

static size_t on_header(char *p, size_t size, size_t n, void *job)
{
    struct job *j = job;
    struct str line = str_trim((struct str){ p, size * n }), name, value = line;
    if (str_starts(line, S("HTTP/"))) {              /* again for each redirect */
        j->range_at = j->total = UNKNOWN;
        j->checked = false;
        free(j->etag);
        j->etag = NULL;
    } else if (str_cut(&value, ':', &name) && value.p) {
        char text[200];
        value = str_trim(value);
        snprintf(text, sizeof text, "%.*s", (int)(value.n < 199 ? value.n : 199), value.p);
        if (str_eq_nocase(name, S("Content-Range"))) content_range(j, text);
        /* weak ones are no good for ranges */
        if (str_eq_nocase(name, S("ETag")) && text[0] == '"') j->etag = copy(str_of(text));
    }
    return size * n;
}

static bool cut_to(struct job *j, uint64_t size)
{
    j->have = size;
    j->disk = ftruncate(j->fd, (off_t)size) || lseek(j->fd, (off_t)size, SEEK_SET) < 0;
    j->error = errno;
    return !j->disk;
}

/* Before the first byte of a body: whether it belongs behind what the part has. */
static bool check(struct job *j)
{
    long status = 0;
    curl_off_t length = -1;
    curl_easy_getinfo(j->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(j->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    j->checked = true;
    j->refused = NULL;
    if (status == 206 && j->range_at == j->have) return true;
    if (status == 206) { j->refused = "the server sent another range"; return false; }
    if (status != 200) { j->refused = "status"; return false; }
    if (length >= 0) j->total = (uint64_t)length;
    j->begin = 0;
    return !j->have || cut_to(j, 0);                 /* the whole, from its start */
}

static size_t on_body(char *p, size_t size, size_t n, void *job)
{
    struct job *j = job;
    if (!j->checked) check(j);
    if (j->disk) return 0;
    if (j->refused) return size * n;                 /* an error's page: let it pass */
    for (size_t left = size * n; left; ) {
        ssize_t done = write(j->fd, p, left);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) { j->disk = true; j->error = errno; return 0; }
        p += done;
        left -= (size_t)done;
        j->have += (uint64_t)done;
    }
    return size * n;
}

/* ---- one attempt ---- */

static bool open_part(struct job *j, struct err *e)
{
    if (j->fd >= 0) return true;
    j->fd = open(j->part, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (j->fd < 0) return err_sys(e, "could not write file %s", j->part);
    off_t size = lseek(j->fd, 0, SEEK_END);
    j->have = size > 0 ? (uint64_t)size : 0;
    return true;
}

static bool start(struct fetch *f, struct job *j, struct err *e)
{
    if (!open_part(j, e)) return false;
    if (!j->easy && !(j->easy = curl_easy_init())) return err_set(e, ERR_SYSTEM, "could not start libcurl");
    curl_easy_reset(j->easy);
    curl_slist_free_all(j->headers);
    j->headers = NULL;
    j->begin = j->have;
    j->range_at = j->total = UNKNOWN;
    j->checked = false;
    j->refused = NULL;
    j->message[0] = 0;
    if (j->have) {
        char range[40];
        snprintf(range, sizeof range, "%llu-", (unsigned long long)j->have);
        curl_easy_setopt(j->easy, CURLOPT_RANGE, range);
        if (j->etag) {
            char if_range[260];
            snprintf(if_range, sizeof if_range, "If-Range: %s", j->etag);
            j->headers = curl_slist_append(NULL, if_range);
        }
    }
    curl_easy_setopt(j->easy, CURLOPT_URL, j->item->url);
    curl_easy_setopt(j->easy, CURLOPT_HTTPHEADER, j->headers);
    curl_easy_setopt(j->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(j->easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(j->easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(j->easy, CURLOPT_MAXREDIRS, (long)REDIRECTS);
    curl_easy_setopt(j->easy, CURLOPT_USERAGENT, "tamis/" TAMIS_VERSION);
    curl_easy_setopt(j->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(j->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(f->o->stall * 1000));
    curl_easy_setopt(j->easy, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW);
    curl_easy_setopt(j->easy, CURLOPT_LOW_SPEED_TIME, (long)(f->o->stall < 1 ? 1 : f->o->stall));
    curl_easy_setopt(j->easy, CURLOPT_ERRORBUFFER, j->message);
    curl_easy_setopt(j->easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(j->easy, CURLOPT_HEADERDATA, j);
    curl_easy_setopt(j->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(j->easy, CURLOPT_WRITEDATA, j);
    curl_easy_setopt(j->easy, CURLOPT_PRIVATE, j);
    if (curl_multi_add_handle(f->multi, j->easy)) return err_set(e, ERR_SYSTEM, "could not start a transfer");
    j->state = RUNNING;
    j->item->attempts++;
    f->running++;
    return true;
}

/* ---- its end ---- */

static void finish(struct fetch *f, struct job *j, enum state s)
{
    j->state = s;
    j->item->size = j->have;
    if (j->fd >= 0) close(j->fd);
    j->fd = -1;
    if (j->easy) curl_easy_cleanup(j->easy);
    j->easy = NULL;
    if (s == FAILED && !j->have) unlink(j->part);
    j->item->done = s == DONE;
    if (f->o->finished) f->o->finished(f->o->with, j->item);
}

static void retry(struct fetch *f, struct job *j, double least_wait, const char *why)
{
    if (why != j->item->why) snprintf(j->item->why, sizeof j->item->why, "%s", why);
    j->misses = j->have > j->begin ? 0 : j->misses + 1;
    if (j->misses >= f->o->tries) { finish(f, j, FAILED); return; }
    double wait = f->o->backoff * (double)(1u << (j->misses < 16 ? j->misses : 16));
    if (wait > BACKOFF_MAX) wait = BACKOFF_MAX;
    /* not all at once */
    wait *= 0.5 + rng_unit(rng_at(0, hash64(str_of(j->item->url), 0), (uint64_t)j->item->attempts));
    if (wait < least_wait) wait = least_wait;
    j->not_before = time_now() + wait;
    j->state = WAITING;
}

/* Begins again from nothing. */
static void spoilt(struct fetch *f, struct job *j, const char *why)
{
    free(j->etag);
    j->etag = NULL;
    cut_to(j, 0);
    j->begin = 0;
    retry(f, j, 0, why);
}

static bool looks_right(const struct job *j)
{
    unsigned char magic[2] = { 0 };
    if (!str_ends(str_of(j->item->path), S(".gz"))) return true;
    int fd = open(j->part, O_RDONLY | O_CLOEXEC);
    bool is = fd >= 0 && read(fd, magic, 2) == 2 && magic[0] == 0x1F && magic[1] == 0x8B;
    if (fd >= 0) close(fd);
    return is;
}

/* All bytes came: are they the right ones? Then the file gets its name. */
static bool complete(struct fetch *f, struct job *j, struct err *e)
{
    if (!looks_right(j)) { spoilt(f, j, "it does not begin like gzip"); return true; }
    if (fsync(j->fd) || rename(j->part, j->item->path)) return err_sys(e, "could not write file %s", j->item->path);
    finish(f, j, DONE);
    return true;
}

static bool transient(long status)
{
    return status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504);
}

static bool refused(struct fetch *f, struct job *j, long status, struct err *e)
{
    curl_off_t after = 0;
    curl_easy_getinfo(j->easy, CURLINFO_RETRY_AFTER, &after);
    if (after > RETRY_AFTER_MAX) after = RETRY_AFTER_MAX;
    snprintf(j->item->why, sizeof j->item->why, "the server answers %ld", status);
    if (status == 206) spoilt(f, j, "the server sends another range than asked for");
    else if (status == 416 && j->total == j->have) return complete(f, j, e);       /* there was nothing left to send */
    else if (status == 416) spoilt(f, j, "what was fetched before is longer than the file");
    else if (transient(status)) retry(f, j, (double)after, j->item->why);
    else finish(f, j, FAILED);
    return true;
}

static bool ended(struct fetch *f, struct job *j, CURLcode rc, struct err *e)
{
    long status = 0;
    curl_easy_getinfo(j->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(f->multi, j->easy);
    f->running--;
    if (j->have > j->begin) f->fresh += j->have - j->begin;
    if (rc == CURLE_OK && !j->checked) check(j);     /* an answer without a body */
    if (j->disk) { errno = j->error; return err_sys(e, "could not write file %s", j->part); }
    if (j->checked && j->refused) return refused(f, j, status, e);
    if (rc != CURLE_OK) { retry(f, j, 0, j->message[0] ? j->message : curl_easy_strerror(rc)); return true; }
    if (j->total != UNKNOWN && j->have > j->total) { spoilt(f, j, "more bytes came than the file has"); return true; }
    if (j->total != UNKNOWN && j->have < j->total) {
        retry(f, j, 0, "fewer bytes came than the file has");
        return true;
    }
    return complete(f, j, e);
}

/* ---- all of them ---- */

static void tell(struct fetch *f, bool last)
{
    double now = time_now();
    if (!f->o->tell || (!last && now < f->told + 1)) return;
    f->told = now;
    struct fetch_progress p = { .n = f->n, .fresh = f->fresh, .seconds = now - f->begun };
    uint64_t known = 0, n_known = 0;
    for (size_t i = 0; i < f->n; i++) {
        const struct job *j = &f->jobs[i];
        p.done += j->state == DONE;
        p.failed += j->state == FAILED;
        p.bytes += j->state == DONE ? j->item->size : j->have;
        if (j->state == RUNNING && j->have > j->begin) p.fresh += j->have - j->begin;
        uint64_t size = j->state == DONE ? j->item->size : j->state == RUNNING && j->total != UNKNOWN ? j->total : 0;
        known += size;
        n_known += size > 0;
    }
    p.expected = n_known ? (uint64_t)((double)known / (double)n_known * (double)f->n) : 0;
    f->o->tell(f->o->with, &p);
}

static bool start_ready(struct fetch *f, struct err *e)
{
    double now = time_now();
    for (size_t i = 0; i < f->n && f->running < (size_t)f->o->parallel; i++)
        if (f->jobs[i].state == WAITING && f->jobs[i].not_before <= now && !start(f, &f->jobs[i], e)) return false;
    return true;
}

static bool take_ended(struct fetch *f, struct err *e)
{
    int left;
    for (CURLMsg *m; (m = curl_multi_info_read(f->multi, &left)) != NULL; ) {
        if (m->msg != CURLMSG_DONE) continue;
        char *job;
        CURLcode rc = m->data.result;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &job);
        if (!ended(f, (struct job *)(void *)job, rc, e)) return false;
    }
    return true;
}

static bool any_left(const struct fetch *f)
{
    for (size_t i = 0; i < f->n; i++) if (f->jobs[i].state <= RUNNING) return true;
    return false;
}

static bool loop(struct fetch *f, struct err *e)
{
    enum { TICK = 100 };                             /* milliseconds: how late a retry may begin */
    int running;
    while (any_left(f)) {
        if (!start_ready(f, e)) return false;
        if (curl_multi_perform(f->multi, &running) || curl_multi_poll(f->multi, NULL, 0, TICK, NULL))
            return err_set(e, ERR_SYSTEM, "libcurl failed");
        if (!take_ended(f, e)) return false;
        tell(f, false);
    }
    return true;
}

static char *part_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t dir = slash ? (size_t)(slash + 1 - path) : 0, room = strlen(path) + 8;
    char *to = mem_alloc(room, 1);
    snprintf(to, room, "%.*s.%s.part", (int)dir, path, path + dir);
    return to;
}

static void prepare(struct fetch *f, struct job *j, struct fetch_item *item)
{
    struct stat st;
    *j = (struct job){ .item = item, .fd = -1, .part = part_of(item->path), .range_at = UNKNOWN, .total = UNKNOWN };
    if (stat(item->path, &st) || !S_ISREG(st.st_mode)) return;
    j->have = (uint64_t)st.st_size;
    finish(f, j, DONE);
}

bool fetch_all(struct fetch_item *items, size_t n, const struct fetch_options *o, struct err *e)
{
    struct fetch f = { .n = n, .o = o, .begun = time_now() };
    curl_global_init(CURL_GLOBAL_DEFAULT);
    f.multi = curl_multi_init();
    f.jobs = mem_zero(n, sizeof *f.jobs);
    for (size_t i = 0; i < n; i++) prepare(&f, &f.jobs[i], &items[i]);
    if (!f.multi) err_set(e, ERR_SYSTEM, "could not start libcurl");
    else if (loop(&f, e)) tell(&f, true);
    for (size_t i = 0; i < n; i++) {
        struct job *j = &f.jobs[i];
        if (j->easy) { curl_multi_remove_handle(f.multi, j->easy); curl_easy_cleanup(j->easy); }
        if (j->fd >= 0) close(j->fd);
        curl_slist_free_all(j->headers);
        free(j->part);
        free(j->etag);
    }
    free(f.jobs);
    curl_multi_cleanup(f.multi);
    return e->kind == ERR_NONE;
}
