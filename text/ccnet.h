/* ccnet.h - cc_net's normalisation of a line before it is hashed for deduplication.
 * SPDX-License-Identifier: Apache-2.0
 *
 * strip; lower case; every decimal digit becomes 0; 34 Unicode punctuation marks and the control
 * characters go (ASCII punctuation stays). Wenzek et al. 2020 (CCNet), text_normalizer.py.
 */
#ifndef TEXT_CCNET_H
#define TEXT_CCNET_H
#include "core/str.h"

void ccnet_line(struct str line, struct buf *out);               /* line: valid UTF-8, no newline; appends */

#endif
