/* file.h - files, plain or compressed, read by magic and written whole.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Reading: gzip (any number of members) and zstd (any number of frames, skippable
 * ones passed over) are known by their first bytes, whatever the name; all else is plain.
 * "-" is standard input.
 *
 * Writing: an output has a temporary name, ".NAME.tmp-HOST-PID", beside its own until
 * output_done() flushes, syncs and renames it. When the process ends in any other way
 * that it can see (error, out of memory, SIGINT, SIGTERM) temporary files are removed.
 * "-" is standard output. Compression is by suffix: .zst, .gz, else none.
 *
 * An output that may be gone on with after a kill is ".NAME.part" until then, stays whatever
 * happens, and is locked: no other process writes it meanwhile. output_mark says where it could
 * be cut, output_return cuts it there.
 *
 * A .zst that we write is a row of frames, one per output_frame() call, each ending
 * where a record ends, with the seek table of zstd's "seekable format" after the last:
 * any part can be read alone, and zstd -d reads the whole.
 */
#ifndef CORE_FILE_H
#define CORE_FILE_H
#include "core/mem.h"

/* ---- input ---- */
struct input;
struct input *input_open(const char *path, struct err *e) MUST_CHECK;         /* NULL with e set */
/* Up to n bytes; 0 at the end or, with e set, on an error (truncated and corrupt streams are ERR_DATA). */
size_t input_read(struct input *in, void *to, size_t n, struct err *e) MUST_CHECK;
/* passes over n bytes of what input_read gives; plain files by a seek */
bool input_skip(struct input *in, uint64_t n, struct err *e) MUST_CHECK;
uint64_t input_consumed(const struct input *in);                              /* bytes of the file itself read so far */
void input_close(struct input *in);

/* The frames of a .zst that we wrote. Read, not mapped, so that a large file does not count as memory. */
struct frames { int fd; struct file_frame { uint64_t at; uint32_t size, raw_size; } *all; size_t n; };
/* f->n == 0: not one of our .zst files */
bool frames_open(struct frames *f, const char *path, struct err *e) MUST_CHECK;
/* appends frame i, compressed */
bool frames_get(const struct frames *f, size_t i, struct buf *to, struct err *e) MUST_CHECK;
void frames_close(struct frames *f);

/* the whole, decompressed */
bool file_slurp(const char *path, struct buf *to, size_t limit, struct err *e) MUST_CHECK;
bool file_exists(const char *path);
/* as many open at once as the system lets us have */
void file_many(void);
bool file_size(const char *path, uint64_t *size, struct err *e) MUST_CHECK;
bool file_folder(const char *path, struct err *e) MUST_CHECK;                 /* made unless it is there */

/* ---- output ---- */
enum compression { PLAIN, GZIP, ZSTD };
enum { ZSTD_LEVEL = 3, GZIP_LEVEL = 6 };
struct output;
enum compression compression_of(const char *path);                            /* by suffix */
struct output *output_open(const char *path, struct err *e) MUST_CHECK;
/* on a duplicate of fd: a scratch file */
struct output *output_fd(int fd, enum compression c, struct err *e) MUST_CHECK;
/* compressed here, as one frame, if the name asks for it */
bool output_write(struct output *o, struct str bytes, struct err *e) MUST_CHECK;
/* packed by file_pack() already */
bool output_frame(struct output *o, struct str packed, size_t raw_size, struct err *e) MUST_CHECK;
/* overwrites; plain regular files only */
bool output_patch(struct output *o, uint64_t at, struct str bytes, struct err *e) MUST_CHECK;
/* flush, sync, rename; frees o either way */
bool output_done(struct output *o, struct err *e) MUST_CHECK;
void output_drop(struct output *o);                                           /* forget it: the temporary goes */
/* a whole file at once, by the same rules */
bool file_write(const char *path, struct str all, struct err *e) MUST_CHECK;

/* NULL without e: it is another's, or there are no locks here */
struct output *output_part(const char *path, struct err *e) MUST_CHECK;
/* now, on the disk; frames: for output_return */
bool output_mark(struct output *o, uint64_t *size, struct buf *frames, struct err *e) MUST_CHECK;
/* false without e: it is shorter */
bool output_return(struct output *o, uint64_t size, struct str frames, struct err *e) MUST_CHECK;
/* "dir/.NAME.SUFFIX"; the caller frees it */
char *file_hidden(const char *path, const char *suffix);

struct packer;                                                                /* one per thread */
struct packer *packer_open(enum compression c, int level);
/* appends one whole frame or member */
bool packer_pack(struct packer *p, struct str raw, struct buf *to, struct err *e) MUST_CHECK;
void packer_close(struct packer *p);

/* ---- by place ---- */
/* All n bytes, or an error. what: the contents, in the plural, for its words: "signatures". */
bool file_read_at(int fd, void *to, size_t n, uint64_t at, const char *what, struct err *e) MUST_CHECK;
bool file_write_at(int fd, struct str s, uint64_t at, const char *what, struct err *e) MUST_CHECK;

/* ---- scratch ---- */
int file_scratch(struct err *e);                                              /* an unlinked file in $TMPDIR, or -1 */
/* remove every temporary: at exit and on signals */
void file_cleanup(void);

#endif
