# jaccard.py - near-duplicates the slow way: word n-grams as sets, every pair that can reach a threshold.
# SPDX-License-Identifier: Apache-2.0
#
# Pairs are found by prefix filtering (Bayardo et al. 2007), which misses none: two sets with
# Jaccard similarity t share one of their |A| - ceil(t|A|) + 1 rarest members.
import collections, json, math, random, re, subprocess

WORD = re.compile(r"[^\W_]+")
PLAIN = re.compile(r"[\x00-\x7f]*\Z")


def shingles(text, n=5):
    """Of an ASCII text: what fuzzy calls words, lower-case letters and digits."""
    w = WORD.findall(text.lower())
    return frozenset(hash(tuple(w[i:i + n])) for i in range(max(1, len(w) - n + 1))) if w else frozenset()


def jaccard(a, b):
    both = len(a & b)
    return both / (len(a) + len(b) - both) if both else 0.0


def all_pairs(sets, t):
    """{(i, j): similarity} for i < j with similarity >= t."""
    df = collections.Counter(x for s in sets for x in s)
    index, found = collections.defaultdict(list), {}
    for j, s in enumerate(sets):
        prefix = sorted(s, key=lambda x: (df[x], x))[:len(s) - math.ceil(t * len(s)) + 1]
        candidates = set()
        for x in prefix:
            candidates.update(index[x])
            index[x].append(j)
        for i in candidates:
            if min(len(sets[i]), len(s)) >= t * max(len(sets[i]), len(s)):
                sim = jaccard(sets[i], s)
                if sim >= t:
                    found[i, j] = sim
    return found


def edit(text, rate, rng):
    """Deletes, inserts or swaps words, each with a third of the rate."""
    out = []
    for w in text.split():
        r = rng.random() * 3
        if r < rate:
            continue
        out.append(w)
        if r < 2 * rate and r >= rate:
            out.append(rng.choice(("zebra", "quartz", "ninth", "often", "blue")) + str(rng.randrange(1000)))
        elif 2 * rate <= r < 3 * rate and len(out) > 1:
            out[-1], out[-2] = out[-2], out[-1]
    return " ".join(out)


def corpus(path, every=1, copies=1000, seed=1, most=60000):
    """ASCII documents of a .jsonl.zst, and edited copies of some at 1 to 40 %."""
    lines = subprocess.run(["zstd", "-dc", path], capture_output=True, check=True).stdout.decode().split("\n")[:-1]
    texts = [t for t in (json.loads(l)["text"] for l in lines[::every]) if PLAIN.match(t)]
    rng, rates = random.Random(seed), [.01, .02, .03, .04, .05, .06, .08, .10, .15, .20, .30, .40]
    long = [t for t in texts if 500 < len(t) < most]
    edited = [edit(rng.choice(long), rates[i % len(rates)], rng) for i in range(copies)]
    texts += edited
    rng.shuffle(texts)
    return [{"id": str(i), "text": t} for i, t in enumerate(texts)]
