# test_weights.py - the arithmetic of DoReMi, DoGE and RegMix against numpy, given the same losses and gradients.
# SPDX-License-Identifier: Apache-2.0
import ctypes, glob, os, shlex, subprocess, sys, tempfile

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = glob.glob(os.path.join(root, "build/peers/lib/python3*/site-packages"))
try:
    import numpy as np
except ImportError as e:
    print(f"1..0 # SKIP {e}")
    sys.exit(0)

SOURCES = "proxy/simplex.c proxy/doremi.c proxy/doge.c proxy/regmix.c core/arena.c core/par.c core/str.c core/err.c core/hash.c".split()
number = failed = 0
rng = np.random.default_rng(1)


def ok(good, what):
    global number, failed
    number, failed = number + 1, failed + (not good)
    print("ok" if good else "not ok", number, "-", what)


def library(folder):
    path = os.path.join(folder, "weights.so")
    flags = ["-std=c17", "-O1", "-fPIC", "-shared", "-ffp-contract=off", "-D_GNU_SOURCE", "-I.", "-pthread"]
    subprocess.run([*shlex.split(os.environ.get("CC", "cc")), *flags, *SOURCES, "-lxxhash", "-lm", "-o", path], check=True, cwd=root)
    return ctypes.CDLL(path)


def at(array):
    return array.ctypes.data_as(ctypes.c_void_p)


class Rows(ctypes.Structure):
    _fields_ = [("domain", ctypes.c_void_p), ("rows", ctypes.c_size_t), ("length", ctypes.c_size_t), ("k", ctypes.c_size_t)]


class Fit(ctypes.Structure):
    _fields_ = [("k", ctypes.c_size_t), ("coefficient", ctypes.POINTER(ctypes.c_double))] + [(n, ctypes.c_double) for n in ("penalty", "error", "rank")]


def doremi(lib):
    """Algorithm 1 over 40 steps of random losses, some domains absent from some batches."""
    k, rows, length, steps, eta, c = 7, 9, 32, 40, 1.0, 1e-3
    ours, ours_excess, ours_mean = np.full(k, 1 / k), np.zeros(k), np.zeros(k)
    alpha, excess, mean = np.full(k, 1 / k), np.zeros(k), np.zeros(k)
    worst = 0.0
    for _ in range(steps):
        domain = rng.integers(0, k, rows).astype(np.uintp)
        proxy, reference = (rng.gamma(2, 1.5, (rows, length)).astype(np.float32) for _ in range(2))
        clipped = np.maximum(proxy.astype(float) - reference, 0)
        for d in range(k):
            if (domain == d).any():
                excess[d] = clipped[domain == d].mean()
        alpha = alpha * np.exp(eta * excess)
        alpha = (1 - c) * alpha / alpha.sum() + c / k
        mean += alpha / steps
        token = np.array([alpha[d] / (length * (domain == d).sum()) for d in domain])

        r, got = Rows(at(domain), rows, length, k), np.zeros((rows, length), np.float32)
        lib.doremi_excess(ctypes.byref(r), at(proxy), at(reference), at(ours_excess))
        lib.simplex_step(at(ours), at(ours_excess), ctypes.c_size_t(k), ctypes.c_double(eta), ctypes.c_double(c))
        lib.doremi_token_weights(ctypes.byref(r), at(ours), at(got))
        ours_mean += ours / steps
        worst = max(worst, abs(ours - alpha).max(), abs(ours_excess - excess).max(), abs(got - token[:, None]).max() * length)
    ok(worst < 1e-6 and abs(ours_mean - mean).max() < 1e-10, "DoReMi: excess losses, weights and token weights of 40 steps, and their mean")


def doge(lib):
    k, n, steps, rate, mu = 5, 30_000, 12, 1e-3, 0.05
    for own, target in ((True, np.ones(k, bool)), (False, np.ones(k, bool)), (False, np.array([0, 1, 0, 1, 0], bool))):
        ours, alpha, worst = np.full(k, 1 / k), np.full(k, 1 / k), 0.0
        for _ in range(steps):
            g = rng.normal(0, 0.02, (k, n)).astype(np.float32)
            G = g.astype(float)
            W = G @ G[target].sum(0) - (0 if own else (G * G).sum(1) * target)
            alpha = alpha * np.exp(rate * W / mu)
            alpha /= alpha.sum()

            pointers, align, mixed = (ctypes.c_void_p * k)(*(row.ctypes.data for row in g)), np.zeros(k), np.zeros(n, np.float32)
            lib.doge_align(2, pointers, at(target), ctypes.c_size_t(k), ctypes.c_size_t(n), ctypes.c_bool(own), at(align))
            lib.simplex_step(at(ours), at(align), ctypes.c_size_t(k), ctypes.c_double(rate / mu), ctypes.c_double(0))
            lib.doge_mix(2, pointers, at(ours), ctypes.c_size_t(k), ctypes.c_size_t(n), at(mixed))
            worst = max(worst, abs(align - W).max() / abs(W).max(), abs(ours - alpha).max(), abs(mixed - alpha @ G).max() * 10)
        ok(worst < 1e-5, f"DoGE: alignments, weights and the mixed gradient; own {own}, {target.sum()} targets")


def regmix(lib):
    n, k = 40, 6
    prior = rng.dirichlet(np.ones(k))
    w = np.zeros((n, k))
    for i in range(n):
        lib.regmix_draw(at(prior), ctypes.c_size_t(k), ctypes.c_uint64(3), ctypes.c_uint64(i), at(w[i]))
    loss = 3 - np.log(w + 0.05) @ rng.dirichlet(np.ones(k)) + 0.02 * rng.normal(size=n)
    fit = Fit()
    lib.regmix_fit(at(w), at(loss), ctypes.c_size_t(n), ctypes.c_size_t(k), ctypes.byref(fit))

    x = np.hstack([w, np.log(w + 0.01)])
    mean, scale = x.mean(0), x.std(0)
    z = (x - mean) / scale

    def ridge(rows, penalty):
        m = loss[rows].mean()
        zc = z[rows] - z[rows].mean(0)
        b = np.linalg.solve(zc.T @ zc + penalty * np.eye(2 * k), zc.T @ (loss[rows] - m))
        return b, m - z[rows].mean(0) @ b

    def left_out(penalty):                                   # by refitting: the definition
        return np.array([loss[i] - (lambda f: z[i] @ f[0] + f[1])(ridge(np.arange(n) != i, penalty)) for i in range(n)])

    ladder = [n * 10 ** (-4 + s / 2) for s in range(13)]
    errors = [np.sqrt((left_out(p) ** 2).mean()) for p in ladder]
    b, constant = ridge(np.arange(n) >= 0, fit.penalty)
    got = np.array(fit.coefficient[:2 * k + 1])
    ok(np.isclose(fit.penalty, ladder[int(np.argmin(errors))]) and np.isclose(fit.error, min(errors), rtol=1e-6), "RegMix: the penalty with the least leave-one-out error, by refitting")
    ok(np.allclose(got[:-1], b / scale, rtol=1e-6) and np.isclose(got[-1], constant - mean / scale @ b), "RegMix: the coefficients of ridge")
    said, rank = loss - left_out(fit.penalty), lambda v: np.argsort(np.argsort(v)).astype(float)
    ok(np.isclose(fit.rank, np.corrcoef(rank(said), rank(loss))[0, 1]), "RegMix: Spearman's rank correlation")


with tempfile.TemporaryDirectory() as tmp:
    lib = library(tmp)
    lib.regmix_draw.restype = None
    doremi(lib)
    doge(lib)
    regmix(lib)
print(f"1..{number}")
sys.exit(failed > 0)
