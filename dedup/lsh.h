/* lsh.h - a signature as band keys: documents that agree in a whole band are candidates.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   signature   | r minima | r minima | ... |      b bands of r rows
 *   band key         k1         k2                 equal key = candidate pair
 *
 * A pair of similarity s is a candidate with probability 1-(1-s^r)^b: lsh_curve. Candidates
 * are verified afterwards, so a false one costs time and no document; lsh_choose therefore takes
 * the longest rows (fewest false candidates) that still find the share `recall` of pairs at the
 * threshold. lsh_balance is the peers' rule (datasketch, RedPajama-v2): equal weight to both
 * areas of error. At 0.8 of 128 it finds 40 % of the pairs at the threshold (9 x 13), lsh_choose 98.6 % (18 x 7).
 */
#ifndef DEDUP_LSH_H
#define DEDUP_LSH_H
#include <stddef.h>
#include <stdint.h>

struct lsh { size_t bands, rows; };

double lsh_curve(struct lsh l, double similarity);
struct lsh lsh_choose(size_t permutations, double threshold, double recall);
struct lsh lsh_balance(size_t permutations, double threshold);
/* keys: l.bands; two bands never share keys on purpose */
void lsh_keys(struct lsh l, const uint64_t *minima, uint64_t *keys);

#endif
