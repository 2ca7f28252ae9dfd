/* sha1.h - SHA-1 (FIPS 180-4), only because RedPajama-v2 and cc_net name things by it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Uses the processor's SHA instructions where it has them; sha1_portable is the definition. */
#ifndef DEDUP_SHA1_H
#define DEDUP_SHA1_H
#include "core/str.h"

void sha1(struct str s, uint8_t digest[20]);
void sha1_portable(struct str s, uint8_t digest[20]);

#endif
