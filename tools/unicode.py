#!/usr/bin/env python3
# unicode.py - write text/unicode_tables.c from the interpreter's own Unicode tables, which must be version 14.0.
# SPDX-License-Identifier: Apache-2.0
#
#     tools/unicode.py charsets.json >text/unicode_tables.c      (CPython 3.11; charsets: golden.tar.zst, unicode/)
#
# The classes are what CPython answers, because RedPajama, datatrove and dolma ask CPython. Newer versions know more
# characters and so answer otherwise: the generated file is committed, nobody needs this to build.
import sys
import unicodedata as u

BLOCK = 128


def read_sets(path):
    """Two sets that datatrove defines by lists: its punctuation and its terminal punctuation."""
    import json
    sets = json.load(open(path))
    return [{int(h, 16) for h in sets[k]} for k in ("datatrove_punctuation_set", "datatrove_terminal_punctuation")]


def final_sigma(before):                         # is a capital sigma after this text lowered to the final form?
    return (before + "\u03a3").lower().endswith("\u03c2")


def decompose(c):
    return u.normalize("NFD", c)


def class_of(c, punct, terminal):
    o = ord(c)
    cased = final_sigma(c)
    changes = c.lower() != c or decompose(c) != c or u.combining(c) != 0 or o == 0x3A3
    facts = [c.isspace(), c.isalnum() or c == "_", c.isupper(), c.islower(), u.category(c) == "Lt", c.isnumeric(), c.isalpha(),
             u.category(c) == "Nd", u.category(c) == "Mn", o not in punct, o in terminal, cased, not cased and final_sigma("A" + c),
             len(("x" + c + "x").splitlines()) == 2, c.isascii() and c.isalpha(), changes]
    return sum(1 << i for i, f in enumerate(facts) if f)


def rows(values, per, form):
    for i in range(0, len(values), per):
        print("    " + " ".join(form % v + "," for v in values[i:i + per]))


def two_stage(values):
    blocks, index = {}, []
    for i in range(0, len(values), BLOCK):
        index.append(blocks.setdefault(tuple(values[i:i + BLOCK]), len(blocks)))
    return index, [v for b in blocks for v in b]


def main():
    assert u.unidata_version == "14.0.0", "needs Unicode 14.0: CPython 3.11"
    if len(sys.argv) != 2:
        sys.exit("usage: tools/unicode.py CHARSETS.json >text/unicode_tables.c")
    punct, terminal = read_sets(sys.argv[1])
    chars = [chr(o) for o in range(0x110000)]
    usable = [not 0xD800 <= o < 0xE000 for o in range(0x110000)]
    index, values = two_stage([class_of(c, punct, terminal) if ok else 0 for c, ok in zip(chars, usable)])
    print("/* unicode_tables.c - Unicode 14.0, made by tools/unicode.py: do not edit.\n * SPDX-License-Identifier: Apache-2.0 */")
    print('#include "text/unicode.h"\n')
    print("const uint16_t unicode_block[%d] = {" % len(index))
    rows(index, 32, "%d")
    print("};\n\nconst uint16_t unicode_classes[%d] = {" % len(values))
    rows(values, 16, "0x%04X")
    print("};\n")
    lower = [(o, ord(c.lower())) for o, c in enumerate(chars) if usable[o] and o >= 128 and len(c.lower()) == 1 and c.lower() != c and o != 0x3A3]
    print("const struct unicode_pair unicode_lowers[] = {")
    rows(lower, 8, "{0x%X, 0x%X}")
    print("};\nconst size_t unicode_n_lowers = %d;\n" % len(lower))
    pool, first = [], []
    for o, c in enumerate(chars):
        if usable[o] and not 0xAC00 <= o <= 0xD7A3 and decompose(c) != c:
            d = [ord(x) for x in decompose(c)]
            first.append((o, len(pool), len(d)))
            pool += d
    print("const struct unicode_decomposition unicode_decompositions[] = {")
    rows(first, 8, "{0x%X, %d, %d}")
    print("};\nconst size_t unicode_n_decompositions = %d;\n" % len(first))
    print("const uint32_t unicode_pool[] = {")
    rows(pool, 16, "0x%X")
    print("};\n")
    combining = []
    for o, c in enumerate(chars):
        k = u.combining(c) if usable[o] else 0
        if k and combining and combining[-1][1] == o - 1 and combining[-1][2] == k:
            combining[-1] = (combining[-1][0], o, k)
        elif k:
            combining.append((o, o, k))
    print("const struct unicode_combining unicode_combinings[] = {")
    rows(combining, 8, "{0x%X, 0x%X, %d}")
    print("};\nconst size_t unicode_n_combinings = %d;" % len(combining))


main()
