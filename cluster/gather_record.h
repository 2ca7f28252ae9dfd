/* gather_record.h - where things lie in a record of gather.h.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CLUSTER_GATHER_RECORD_H
#define CLUSTER_GATHER_RECORD_H
#include "cluster/gather.h"
#include "core/hash.h"

enum { AT_CLUSTER = 2, MEMBER_KEY = 6, AT_ROW = 6, AT_GLOBAL = 10, AT_RANK = 18, AT_PLACE = 22, MEMBER_HEAD = 30 };

static inline uint16_t member_cell(uint32_t cluster) { return (uint16_t)(hash_mix(cluster) % RUNS_CELLS); }
static inline void be16_put(char *to, uint16_t x) { to[0] = (char)(x >> 8); to[1] = (char)x; }
static inline uint16_t be16_get(const char *p) { return (uint16_t)((unsigned char)p[0] << 8 | (unsigned char)p[1]); }

#endif
