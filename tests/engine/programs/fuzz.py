import sys, random, numpy as np, traceback
sys.path.insert(0, __file__.rpartition("/")[0])
import tinygrad_lite as tl
from programs import Program, execute
def check(seed, n=12):
    rnd = random.Random(seed)
    p = Program(lambda k: rnd.randrange(k) if k > 0 else 0)
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-1, 1, 3), rng.uniform(-1, 1, (2, 3))
    ok = p.build(x, y, n)
    if not ok: return None
    lines, names = p.lines, sorted(p.names)
    weights = {n: rng.uniform(0.5, 1.5, np.shape(p.env[n])) for n in names}
    states = []
    try: execute(lines, x.copy(), y.copy(), np.zeros, names, lambda k, env: states.append({n: np.array(env[n]) for n in names if n in env}))
    except Exception: return None
    def f(x, y, zeros=np.zeros, compare=None):
        env = execute(lines, x, y, zeros, names, compare)
        return sum([(weights[n] * env[n]).sum() for n in names])
    def compare(k, env):
        for n, expected in states[k].items():
            got = env[n]
            got = got.numpy().copy() if isinstance(got, tl.Tensor) and rnd.random() < 0.3 else np.array(got._value) if isinstance(got, tl.Tensor) else np.array(got)
            if got.shape != expected.shape or not np.allclose(got, expected, rtol=1e-12, atol=1e-12):
                raise AssertionError(f"line {k} {lines[k]!r}: {n} is {got}, should be {expected}")
    zeros = lambda shape: tl.tensor(np.zeros(shape))
    xs, ys = x.copy(), y.copy()
    v, (gx, gy) = tl.value_and_grad(lambda x, y: f(x, y, zeros, compare), (0, 1))(xs, ys)
    assert (xs == x).all() and (ys == y).all(), "caller's arrays changed"
    h = 1e-30
    for g, which in ((gx, 0), (gy, 1)):
        d = rng.standard_normal(g.shape)
        args = [x.astype(complex), y.astype(complex)]
        args[which] = args[which] + 1j * h * d
        want = f(*args, zeros=lambda s: np.zeros(s, complex)).imag / h
        got = (g * d).sum()
        if not np.isclose(want, got, rtol=1e-9, atol=1e-10 * max(1, np.abs(g).max())): raise AssertionError(f"gradient {which}: {got}, should be {want}")
    return True
a, b = int(sys.argv[1]), int(sys.argv[2])
good = bad = 0
for seed in range(a, b):
    try:
        import warnings; warnings.simplefilter("ignore")
        r = check(seed, 5 + seed % 14)
        good += r is True
    except Exception as e:
        bad += 1
        if bad <= 4:
            rnd = random.Random(seed); p = Program(lambda k: rnd.randrange(k) if k > 0 else 0); rng = np.random.default_rng(seed)
            p.build(rng.uniform(-1, 1, 3), rng.uniform(-1, 1, (2, 3)), 5 + seed % 14)
            print("SEED", seed, type(e).__name__, str(e)[:300]); print("   ", "\n    ".join(p.lines))
            if "-v" in sys.argv: traceback.print_exc()
print(good, "good", bad, "bad")
