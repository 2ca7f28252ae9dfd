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
seconds = time.process_time() - begin
words = sum(len(line.split()) + 1 for line in lines)
print(f"kenlm: {seconds:.3f} s of scoring, {words / seconds / 1e6:.2f} million words/s, log10 {total:.1f}")
