"""Random programs of reads, writes, views, aliases, in-place operators and reductions over a few arrays."""
import numpy as np

class Program:
    """Draws a program statement by statement while it runs in NumPy, so that every statement is valid."""
    def __init__(self, choose, statements=10):
        self.choose = choose
        self.lines = []
        self.env = {"np": np}
        self.names = []

    def pick(self, options): return options[self.choose(len(options))]

    def run(self, line):
        exec(line, self.env)

    def const(self): return self.pick(["0.5", "-1.25", "2.0", "0.0", "0.75"])

    def basic_index(self, shape, scalar=True):
        parts = []
        for n in shape:
            kind = self.choose(7)
            if kind == 0 and n and scalar: parts.append(str(self.choose(n) - self.pick([0, n])))
            elif kind == 1: parts.append("::-1")
            elif kind == 2: parts.append(f"{self.choose(max(n,1))}:")
            elif kind == 3: parts.append(f":{self.choose(n+1)}")
            elif kind == 4: parts.append("::2")
            elif kind == 5: parts.append(":")
            else:
                break
        if self.choose(6) == 0: parts.insert(self.choose(len(parts)+1), "None")
        if not parts or self.choose(8) == 0: parts.append("...")
        return ", ".join(parts)

    def fancy_index(self, shape):
        if not shape or not shape[0]: return None
        n = shape[0]
        kind = self.choose(4)
        if kind == 0: return str([self.choose(n) for _ in range(self.choose(4)+1)])
        if kind == 1 and len(shape) > 1 and shape[1]:
            k = self.choose(3)+1
            return f"{[self.choose(n) for _ in range(k)]}, {[self.choose(shape[1]) for _ in range(k)]}"
        if kind == 2 and len(shape) > 1: return f":, {[self.choose(shape[1]) for _ in range(self.choose(3)+1)]}" if shape[1] else None
        return f"np.array({[bool(self.choose(2)) for _ in range(n)]})"

    def statement(self):
        name = self.pick(self.names)
        a = self.env[name]
        new = f"v{len(self.lines)}"
        kind = self.choose(16)
        nd = isinstance(a, np.ndarray)
        if kind == 0 and nd and a.ndim: return f"{new} = {name}[{self.basic_index(a.shape)}]"
        if kind == 1 and nd and a.ndim:
            return f"{new} = " + self.pick([f"{name}.T", f"{name}.ravel()", f"{name}.reshape(-1)", f"np.expand_dims({name}, 0)", f"np.squeeze({name})", f"np.swapaxes({name}, 0, -1)", f"np.broadcast_to({name}, (2, *{name}.shape))", f"{name}.transpose()", f"{name}.copy()", f"{name}.flatten()", f"{name}", f"+{name}"] + ([f"np.diagonal({name})"] if a.ndim >= 2 else []))
        if kind == 2:
            b = self.pick(self.names)
            op = self.pick(["+", "*", "-"])
            return f"{new} = {name} {op} {b}"
        if kind == 3: return f"{new} = " + self.pick([f"np.sin({name})", f"{name} * {self.const()}", f"np.exp({name} * 0.1)", f"{name} * {name}"])
        if kind == 4 and nd and a.ndim: return f"{new} = " + self.pick([f"{name}.sum(axis=0)", f"{name}.sum(axis=-1, keepdims=True)", f"np.sum({name})", f"np.concatenate([{name}, {name}])", f"np.stack([{name}, {name}])"])
        if kind in (5, 6) and nd and a.ndim:
            i = self.basic_index(a.shape) if self.choose(3) else self.fancy_index(a.shape)
            if i is None: return None
            part = eval(f"{name}[{i}]", self.env)
            right = self.value_for(np.shape(part), name)
            return f"{name}[{i}] {self.pick(['=', '=', '+=', '*=', '-='])} {right}"
        if kind in (7, 8):
            b = self.value_for(np.shape(a), name)
            return f"{name} {self.pick(['+=', '*=', '-='])} {b}"
        if kind == 9 and nd and a.ndim:
            return f"{name}[{name} > {self.const()}] {self.pick(['=', '*=', '+='])} {self.const()}"
        if kind == 10 and nd and a.ndim: return f"for row in {name}: row {self.pick(['+=', '*='])} {self.pick(['row', 'row.sum()', self.const()])}" if a.ndim > 1 else f"for i in range(len({name})): {name}[i] {self.pick(['+=', '*='])} {name}[i-1]"
        if kind == 11 and nd and a.ndim: return f"{name}[...] = {self.value_for(a.shape, name)}"
        if kind == 12 and nd and a.ndim: return f"{new} = {name}[{self.fancy_index(a.shape) or '...'}]"
        if kind == 13 and nd and a.ndim > 1: return f"{name}.T[...] {self.pick(['+=', '*='])} {self.const()}"
        if kind == 14 and nd and a.ndim: return f"{name}.reshape(-1)[{self.choose(max(a.size,1))}:] = {self.const()}"
        if kind == 15: return f"{new} = {name}"
        return None

    def value_for(self, shape, name):
        options = [self.const()]
        for n in self.names:
            b = self.env[n]
            try:
                if np.broadcast_shapes(np.shape(b), shape) == tuple(shape): options += [n, f"{n} * {self.const()}"]
            except ValueError: pass
        return self.pick(options)

    def build(self, x, y, statements):
        self.env |= {"x": x.copy(), "y": y.copy()}
        start = ["a = x * 1.0", "b = y * 2.0", self.pick(["c = x * 0.0", "c = zeros((2, 3))", "c = np.outer(x, x)", "c = np.outer(x, x).T * 1.0"])]
        self.env["zeros"] = lambda shape: np.zeros(shape)
        for line in start:
            self.run(line); self.lines.append(line)
        self.names = ["a", "b", "c"] + (["x"] if self.choose(3) == 0 else [])
        tries = 0
        while len(self.lines) < statements and tries < 60:
            tries += 1
            before = {k: (v.copy() if isinstance(v, np.ndarray) else v) for k, v in self.env.items() if k in self.names}
            line = self.statement()
            if line is None: continue
            probe = {k: v for k, v in self.env.items()}
            try:
                with np.errstate(all="raise"):
                    import copy
                    # run in a copy in which aliases stay aliases
                    memo = {}
                    trial = copy.deepcopy({k: v for k, v in probe.items() if k in self.names or k in ("x", "y")}, memo)
                    exec(line, {"np": np, **self.views(line)})
            except Exception:
                # run for real decides; roll back is impossible for views, so only accept what works on fresh copies
                continue
            try:
                self.run(line)
            except Exception:
                return False
            self.lines.append(line)
            target = line.split(" = ")[0]
            if target.isidentifier() and target not in self.names: self.names.append(target)
            if any(np.size(self.env[n]) > 200 or not np.all(np.isfinite(self.env[n])) or np.max(np.abs(self.env[n]), initial=0) > 1e6 for n in self.names): return False
        return True

    def views(self, line):
        return {k: (v.copy() if isinstance(v, np.ndarray) else v) for k, v in self.env.items() if k in self.names or k in ("x", "y")} | {"zeros": np.zeros}

def execute(lines, x, y, zeros, names_at, after=None):
    env = {"np": np, "x": x, "y": y, "zeros": zeros}
    for k, line in enumerate(lines):
        exec(line, env)
        if after: after(k, env)
    return env
