#!/usr/bin/env python3
# test_rules.py - tamis rules against datatrove's verdicts, reasons and values, and dolma's taggers. Prints TAP.
# SPDX-License-Identifier: Apache-2.0
import json
import math
import os
import subprocess
import sys
import tempfile

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
archive = os.path.join(root, "..", "shared", "data", "signals", "golden.tar.zst")
tamis = os.path.join(os.environ.get("BIN", os.path.join(root, "bin")), "tamis")
if not os.path.exists(archive):
    print("1..0 # SKIP no ../shared/data/signals/golden.tar.zst")
    sys.exit()

VALUES = {
    "gopher": {"n_non_symbol_words": "gopher_words", "avg_word_len": "gopher_mean_word", "hash_ratio": "gopher_hashes", "ellipsis_ratio": "gopher_ellipses",
               "bullet_lines": "gopher_bullet_lines", "ellipsis_lines": "gopher_ellipsis_lines", "alpha_words": "gopher_alpha_words", "stop_words": "gopher_stop_words"},
    "gopher-repetition": {"dup_para_frac": "repeated_paragraphs", "dup_para_char_frac": "repeated_paragraph_chars", "dup_line_frac": "repeated_lines",
                          "dup_line_char_frac": "repeated_line_chars", **{"top_%d" % n: "top_%dgram" % n for n in (2, 3, 4)},
                          **{"dup_%d" % n: "duplicate_%dgrams" % n for n in range(5, 11)}},
    "fineweb": {"line_punct": "fineweb_punct_lines", "short_line": "fineweb_short_lines", "char_dup": "fineweb_repeated_chars", "list_ratio": "fineweb_newlines"},
}
FILES = {"gopher": "gopher_quality", "gopher-repetition": "gopher_repetition", "fineweb": "fineweb_quality"}
DOLMA = {"median_word_length": "median_word", "symbol_to_word_ratio": "symbols", "fraction_of_words_with_alpha_character": "alpha_words",
         "required_word_count": "required_words", "word_count": "words", "fraction_of_lines_starting_with_bullet_point": "bullet_lines",
         "fraction_of_lines_ending_with_ellipsis": "ellipsis_lines", "fraction_of_duplicate_lines": "repeated_lines",
         "fraction_of_characters_in_duplicate_lines": "repeated_line_chars",
         **{"fraction_of_characters_in_most_common_%dgrams" % n: "top_%dgram" % n for n in (2, 3, 4)},
         **{"fraction_of_characters_in_duplicate_%dgrams" % n: "duplicate_%dgrams" % n for n in range(5, 11)}}
CODE = {"max_line_length_doc": "code_longest_line", "avg_line_length_doc": "code_mean_line", "alnum_prop_doc": "code_alphanumeric",
        "alpha_token_prop_doc": "code_letters_per_token"}     # by dolma with the module regex, whose \\w takes combining marks; by RedPajama with re
n_tests = 0


def ok(good, what):
    global n_tests
    n_tests += 1
    print("%sok %d - %s" % ("" if good else "not ", n_tests, what))
    return good


def lines(*path):
    with open(os.path.join(*path), encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def rules(docs, *options):
    data = "".join(json.dumps({k: d[k] for k in ("id", "lang", "text")}, ensure_ascii=False) + "\n" for d in docs)
    out = subprocess.run([tamis, "rules", "-q", *options], input=data.encode(), stdout=subprocess.PIPE, check=True).stdout
    return {d["id"]: d for d in map(json.loads, out.decode().rstrip("\n").split("\n"))}


def close(a, b):
    if a is None or b is None:
        return a is None and b is None or b is not None and math.isnan(b)
    return abs(a - b) <= 1e-12 * max(1, abs(b))


def datatrove(g, docs):
    good = True
    for words, tokenizer in (("space", "whitespace"), ("punct", "wordpunct"), ("space", "spacy-en"), ("punct", "spacy-en")):
        for name, file in FILES.items():
            want = {r["id"]: r for r in lines(g, "datatrove", "dev", file + ".jsonl") if r["tokenizer"] == tokenizer}
            got = rules(docs, "--like", name, "--words", words, "--annotate")
            reasons = sum(got[i]["rules"][name]["reason"] == (r["reason"] if docs_by_id[i]["text"] or name != "gopher-repetition" else None) for i, r in want.items())
            values = [(i, k, got[i]["rules"][name].get(mine), r["metrics"].get(k)) for i, r in want.items() if r.get("metrics") for k, mine in VALUES[name].items() if k in r["metrics"]]
            off = [v for v in values if not close(v[2], v[3])]
            if tokenizer == "spacy-en":
                print("# %s by %s words, datatrove by spaCy's: %d of %d verdicts and reasons agree" % (name, words, reasons, len(want)))
                continue
            good &= ok(reasons == len(want), "%s by %s: %d of %d verdicts and reasons" % (name, tokenizer, reasons, len(want)))
            good &= ok(values and not off, "%s by %s: %d of %d values" % (name, tokenizer, len(values) - len(off), len(values)))
            for v in off[:5]:
                print("# ", v)
            for i in [i for i, r in want.items() if got[i]["rules"][name]["reason"] != r["reason"]][:5]:
                print("# ", i, got[i]["rules"][name]["reason"], want[i]["reason"])
    return good


def c4(g, docs):
    want = {r["id"]: r for r in lines(g, "datatrove", "dev", "c4_quality.jsonl")}
    good = True
    for name, pick in (("c4", lambda r: r), ("c4-nopunct", lambda r: r["no_punct_rule"])):
        kept = rules(docs, "--like", name)
        judged = rules(docs, "--like", name, "--annotate")
        same = [i for i in want if judged[i]["rules"][name]["reason"] == pick(want[i])["reason"]]
        both = [i for i in same if pick(want[i])["keep"]]
        texts = [i for i in both if kept[i]["text"] == pick(want[i])["text_after"]]
        good &= ok(both and len(texts) == len(both), "%s: the text that is left is the same in %d of %d kept documents" % (name, len(texts), len(both)))
        good &= ok(len(same) == len(want), "%s: %d of %d verdicts and reasons" % (name, len(same), len(want)))
    judged = rules(docs, "--like", "c4-sentences", "--annotate")
    kept = rules(docs, "--like", "c4-sentences")
    mode = {i: r["sentence_mode"] for i, r in want.items()}
    same = [i for i in mode if judged[i]["rules"]["c4-sentences"]["reason"] == mode[i]["reason"]]
    both = [i for i in same if mode[i]["keep"]]
    texts = [i for i in both if kept[i]["text"] == mode[i]["text_after"]]
    print("# c4-sentences: %d of %d texts that are left are the same" % (len(texts), len(both)))
    good &= ok(len(same) >= 145, "c4-sentences: %d of %d verdicts and reasons agree with spaCy's sentences" % (len(same), len(want)))
    return good


def lists(g, docs):
    got = rules(docs, "--like", "c4-paragraphs,c4-badwords", "--bad-words", os.path.join(g, "rpv2", "artifacts", "bad_words"), "--annotate")
    want = lines(g, "datatrove", "dev", "c4_paragraph.jsonl")
    good = ok(all(got[r["id"]]["rules"]["c4-paragraphs"]["keep"] == r["keep"] for r in want), "c4-paragraphs: %d verdicts" % len(want))
    want = lines(g, "datatrove", "dev", "c4_badwords.jsonl")
    off = [r for r in want if got[r["id"]]["rules"]["c4-badwords"]["keep"] != r["keep"]]
    good &= ok(not off, "c4-badwords: %d of %d verdicts" % (len(want) - len(off), len(want)))
    for r in off[:5]:
        print("# ", r)
    return good


def dolma(g, docs):
    return all([tagger(g, docs, "dolma", "gopher_v1", {k: "dolma_" + v for k, v in DOLMA.items()}),
                tagger(g, docs, "dolma-v2", "gopher_v2", {k: ("dolma2_" if "line" in v else "dolma_") + v for k, v in DOLMA.items()}),
                tagger(g, docs, "code", "code_redpajama_taggers_v1", CODE), c4_tagger(g, docs), pii_tagger(g, docs)])


def tagger(g, docs, name, theirs, names):
    """Every value of a tagger that gives each document one value a name."""
    got = rules(docs, "--like", name, "--annotate")
    total, off = 0, []
    for r in lines(g, "dolma", "dev", "taggers.jsonl"):
        tagged, mine = r["taggers"][theirs], got[r["id"]]["rules"][name]
        for their, ours in names.items():
            total += 1
            want = tagged[their][0][2] if their in tagged else None
            if not close(mine[ours], want):
                off.append((r["id"], their, mine[ours], want))
    for v in off[:8]:
        print("# ", v)
    return ok(total and not off, "dolma's %s: %d of %d values" % (theirs, total - len(off), total))


def c4_tagger(g, docs):
    """c4_v2 has a span a line and a flag a document: ours are shares of lines, and 0 or 1."""
    got = rules(docs, "--like", "dolma-c4", "--annotate")
    total, off = 0, []
    for r in lines(g, "dolma", "dev", "taggers.jsonl"):
        tagged, mine = r["taggers"]["c4_v2"], got[r["id"]]["rules"]["dolma-c4"]
        n = tagged["line_count"][0][2]
        want = {"unended_lines": len(tagged.get("lines_with_no_ending_punctuation", [])) / n, "short_lines": len(tagged.get("lines_with_too_few_words", [])) / n,
                "brace": float("has_curly_brace" in tagged), "javascript": float("has_javascript" in tagged), "lorem": float("has_lorem_ipsum" in tagged)}
        total += len(want)
        off += [(r["id"], k, mine["dolma_c4_" + k], v) for k, v in want.items() if not close(mine["dolma_c4_" + k], v)]
    for v in off[:8]:
        print("# ", v)
    return ok(total and not off, "dolma's c4_v2: %d of %d values" % (total - len(off), total))


def pii_tagger(g, docs):
    """pii_regex_with_counts_fast_v2 has a span for each: ours are counts by kind, and characters, and the masks lie where the spans are."""
    got, kept = rules(docs, "--like", "dolma-pii", "--annotate"), rules(docs, "--like", "dolma-pii")
    total, off, found = 0, [], 0
    for r in lines(g, "dolma", "dev", "taggers.jsonl"):
        tagged, mine, text = r["taggers"]["pii_regex_with_counts_fast_v2"], got[r["id"]]["rules"]["dolma-pii"], docs_by_id[r["id"]]["text"]
        spans = {k: tagged.get(k, []) for k in ("EMAIL_ADDRESS", "PHONE_NUMBER", "IP_ADDRESS")}
        count = sum(map(len, spans.values()))
        want = {"dolma_pii_emails": len(spans["EMAIL_ADDRESS"]), "dolma_pii_phones": len(spans["PHONE_NUMBER"]), "dolma_pii_ips": len(spans["IP_ADDRESS"]),
                "dolma_pii": tagged["doc_count"][0][2], "keep": count <= 5}
        if text:                       # doc_frac counts its own span, which is the whole text
            want["dolma_pii_chars"] = round((tagged["doc_frac"][0][2] - 1) * len(text))
        total, found = total + len(want) + 1, found + count
        off += [(r["id"], k, mine[k], v) for k, v in want.items() if mine[k] != v]
        masked, at = "", 0
        for begin, end, kind in sorted((s[0], s[1], k) for k, v in spans.items() for s in v):
            masked, at = masked + text[at:begin] + " |||%s||| " % kind, end
        if count <= 5 and kept[r["id"]]["text"] != masked + text[at:] or count > 5 and r["id"] in kept:
            off.append((r["id"], "text", kept.get(r["id"])))
    for v in off[:8]:
        print("# ", v)
    return ok(found and not off, "dolma's pii_regex_with_counts_fast_v2: %d of %d values, counts and masked texts, of %d finds" % (total - len(off), total, found))


with tempfile.TemporaryDirectory() as tmp:
    subprocess.run("zstd -qdc '%s' | tar xf - -C '%s'" % (archive, tmp), shell=True, check=True)
    golden = os.path.join(tmp, "golden")
    documents = lines(golden, "rpv2", "dev", "docs.jsonl")
    docs_by_id = {d["id"]: d for d in documents}
    results = [test(golden, documents) for test in (datatrove, c4, lists, dolma)]
print("1..%d" % n_tests)
sys.exit(not all(results))
