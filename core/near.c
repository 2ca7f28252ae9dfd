/* near.c - Damerau's distance, by rows.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/near.h"

enum { LONGEST = 40 };

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Letters to change, add, take out or swap with their neighbour. Both at most LONGEST. */
static size_t distance(struct str a, struct str b)
{
    size_t row[3][LONGEST + 1], *before = row[0], *last = row[1], *now = row[2];
    for (size_t j = 0; j <= b.n; j++) last[j] = before[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        now[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (a.p[i - 1] != b.p[j - 1]));
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
        size_t *free = before;
        before = last;
        last = now;
        now = free;
    }
    return last[b.n];
}

void near_try(struct near *n, const char *name)
{
    const struct str other = str_of(name);
    if (!n->word.n || !other.n || n->word.n > LONGEST || other.n > LONGEST) return;
    const size_t d = distance(n->word, other);
    if (d > (n->word.n + 2) / 3 || (n->name && d >= n->distance)) return;
    n->name = name;
    n->distance = d;
}
