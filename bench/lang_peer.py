# lang_peer.py - fastText's predictions of every line by PyPI's fasttext-predict.
# SPDX-License-Identifier: Apache-2.0
#
#   lang_peer.py MODEL LINES
import sys

import fasttext

model = fasttext.load_model(sys.argv[1])
for line in open(sys.argv[2], encoding="utf-8"):
    model.predict(line.rstrip("\n"))
