# perplexity_peer.py - score every line by PyPI's kenlm; prints CPU seconds of the scoring alone.
# SPDX-License-Identifier: Apache-2.0
#
#   perplexity_peer.py MODEL LINES
import sys
import time

import kenlm

model = kenlm.Model(sys.argv[1])
lines = open(sys.argv[2], encoding="utf-8").read().split("\n")[:-1]
begin = time.process_time()
total = sum(model.score(line) for line in lines)
print(f"{time.process_time() - begin:.2f} s of scoring, log10 {total:.1f}")
