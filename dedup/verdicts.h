/* verdicts.h - who goes and for whom, as a file for the machines that hold the texts, and told to a document.
 * SPDX-License-Identifier: Apache-2.0
 *
 * NAME.groups, little-endian:
 *
 *   head     64 bytes: "TAMGRP1\n" | u64 documents | u64 slices | u64 place of the slices | u64 place of the rows | u64 old | zero
 *            old: how many of the slices, the first ones, are indexes of former runs
 *   names    a record for each document that goes: u32 size | the twin's id as JSON
 *   slices   u64 x slices: documents in each
 *   rows     16 bytes a document: u32 twin + 1, or 0 | f32 similarity, or u32 members | u64 place of its name, or 0
 */
#ifndef DEDUP_VERDICTS_H
#define DEDUP_VERDICTS_H
#include "dedup/star.h"
#include "record/doc.h"

bool verdicts_save(const char *path, const struct slice *slices, size_t n, size_t old, struct shelf *verdicts,
                   size_t memory, struct err *e) MUST_CHECK;

struct verdicts { int fd; uint64_t at, n, base, size; };  /* of one slice: its documents are base .. base + n */
bool verdicts_open(struct verdicts *v, const char *path, uint64_t slice, struct err *e) MUST_CHECK;
bool verdicts_read(const struct verdicts *v, uint64_t row, struct verdict *to, struct buf *name,
                   struct err *e) MUST_CHECK;
void verdicts_close(struct verdicts *v);

/* number: the document's own; name: its twin's. With annotate nothing goes: all of a group get "group", the number of
 * the one that stays. */
void verdict_apply(struct doc *d, struct verdict v, uint64_t number, struct str name, bool annotate);

#endif
