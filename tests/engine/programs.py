"""Random programs that read and write a few arrays in every way that NumPy has.

A program is drawn statement by statement while NumPy runs it, so that its statements fit the arrays that are there. One
in a while does not, on purpose: it raises, in NumPy and with Tensors, and the program goes on.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .choices import Choices


class Program(Choices):
    """Draws a program.

    Parameters
    ----------
    choose : for n, a number below n; 0 should stand for what is simplest
    statements : how many
    """

    def __init__(self, choose: Callable[[int], int], statements: int) -> None:
        super().__init__(choose)
        for _ in range(statements):
            self.accept(self.statement())

    def statement(self) -> str | None:
        kind = self.pick(
            self.write, self.update, self.write, self.read, self.view, self.through_out, self.writer, self.write,
            self.update, self.elementwise, self.reduction, self.loop, self.filled, self.made, self.alias, self.exchange,
            self.masked, self.flat, self.view, self.helper, self.plain, self.number,
        )  # fmt: skip
        line: str | None = kind()
        return line

    def write(self) -> str | None:
        name = self.array(1)
        if name is None:
            return None
        index = self.index(name)
        part = self.part(f"{name}[{index}]")
        operator = self.pick("=", "=", "+=", "*=", "-=", "/=")
        return f"{name}[{index}] {operator} {self.divisor() if operator == '/=' else self.value(part)}"

    def part(self, expression: str) -> tuple[int, ...]:
        """The shape of an expression; none where it is an error."""
        try:
            return np.shape(eval(expression, self.env))
        except Exception:
            return ()

    def divisor(self) -> str:
        return str(self.pick("2.0", "-1.5", f"(2.0 + np.cos({self.pick(*self.floats())}).sum() * 0.1)"))

    def update(self) -> str | None:
        """One of the in-place operators."""
        name = str(self.pick(*self.floats()))
        operator = self.pick("+=", "*=", "-=", "/=", "**=", "+=", "%=", "//=", "@=")
        shape = np.shape(self.env[name])
        if operator == "@=":
            square = len(shape) > 1 and shape[-1] < 5
            return (
                f"{name} @= np.eye({shape[-1]}) * 0.5 + {self.pick('0.1', f'{name}.sum() * 0.1')}" if square else None
            )
        right = {"/=": self.divisor(), "**=": "2", "%=": self.pick("1.7", "2.3"), "//=": "0.7"}.get(operator)
        return f"{name} {operator} {right or self.value(shape)}"

    def read(self) -> str | None:
        name = self.array(1)
        return None if name is None else f"{self.new()} = {name}[{self.index(name)}]"

    def view(self) -> str | None:
        name = self.array(1)
        if name is None:
            return None
        a = self.env[name]
        options = [
            f"{name}.T", f"{name}.ravel()", f"{name}.reshape(-1)", f"np.ravel({name})", f"np.expand_dims({name}, 0)",
            f"np.expand_dims({name}, -1)", f"np.squeeze({name})", f"np.swapaxes({name}, 0, -1)", f"{name}[...]",
            f"np.broadcast_to({name}, (2, *{name}.shape))", f"{name}.transpose()", f"np.flip({name})",
            f"np.atleast_2d({name})", f"np.moveaxis({name}, 0, -1)", f"np.reshape({name}, (-1, 1))", f"{name}[()]",
            f"{name}.reshape({(*a.shape[::-1],)})", f"{name}.T.reshape(-1)", f"{name}.reshape(-1, order='F')",
            f"np.atleast_1d({name})", f"windows({name})", f"np.asarray({name})", f"{name}.real",
        ]  # fmt: skip
        if a.ndim > 1:
            options += [
                f"np.einsum('ij...->j...i', {name})", f"np.transpose({name}, {(1, 0, *range(2, a.ndim))})",
                f"np.diagonal({name})", f"{name}.diagonal()", f"{name}.swapaxes(0, 1)", f"{name}[0].T", f"{name}.mT",
                f"np.diagonal({name}, 1)", f"{name}.T[::-1]", f"{name}.squeeze()", f"{name}[:, ::-1].ravel()",
            ]  # fmt: skip
            if a.shape[0] == 2:
                options += [f"list({name})[{self.choose(2)}]"]
        if a.shape[0] and a.shape[0] % 2 == 0 and self.chance(3):
            return f"p, q = {self.pick(f'np.split({name}, 2)', f'np.array_split({name}, 2)', f'np.split({name}, [1])')}"
        return f"{self.new()} = {self.pick(*options)}"

    def alias(self) -> str:
        name = self.pick(*self.floats())
        copies = [f"+{name}"]
        if np.ndim(self.env[name]):  # of a number NumPy makes an array without axes, and Tensors a number again
            copies += [
                f"{name}.copy()",
                f"np.copy({name})",
                f"np.array({name})",
                f"{name}.flatten()",
                f"{name}.copy('F')",
            ]
        if self.chance(5):
            doomed = [n for n in self.floats() if n.startswith("v")]
            return f"del {self.pick(*doomed)}" if doomed else f"w = {name}"
        if self.chance(3):
            return f"{self.new()} = {self.pick(*copies)}"
        return f"{self.new()} = {name}"

    def elementwise(self) -> str:
        name, other = self.array(), self.pick(*self.floats())
        others = [n for n in self.floats() if np.shape(self.env[n]) == np.shape(self.env[name])]
        options = (
            f"{name} + {other}", f"{name} * {other}", f"{name} - {other}", f"np.sin({name})", f"np.exp({name} * 0.1)",
            f"{name} * {self.factor()}", f"{name} * {name}", f"{name} / {self.divisor()}", f"np.sqrt({name} ** 2 + 1)",
            f"np.maximum({name}, {other})",
            f"np.abs({name})", f"np.clip({name}, -0.6, 0.9)", f"np.tanh({name}) * {other}", f"-{name}", f"{name} ** 2",
        )  # fmt: skip
        if np.ndim(self.env[name]):
            options += (f"np.where({self.mask_for(name)}, {name}, {self.pick('0.5', *others)})",)
        return f"{self.new()} = {self.pick(*options)}"

    def reduction(self) -> str | None:
        name = self.array(1)
        if name is None:
            return None
        axis = self.pick(0, -1, None)
        options = [
            f"{name}.sum()", f"{name}.sum(axis={axis})", f"np.sum({name}, axis={axis}, keepdims=True)",
            f"{name}.mean(axis={axis})", f"np.max({name}, axis={axis})", f"{name}.min(axis={axis})",
            f"np.cumsum({name}, axis={axis})", f"np.prod({name}, axis={axis})", f"np.sum({name} * {name})",
            f"np.dot({name}.ravel(), {name}.ravel())", f"{name} @ {name}.T", f"np.var({name}, axis={axis})",
            f"np.outer({name}, {name})", f"np.einsum('i...,i...->...', {name}, {name})", f"{name}.prod()",
        ]  # fmt: skip
        return f"{self.new()} = {self.pick(*options)}"

    def made(self) -> str | None:
        name = self.array(1)
        if name is None:
            return None
        shape = self.env[name].shape
        options = (
            f"np.zeros_like({name})", f"np.ones({shape})", f"np.full({shape}, 0.5)",
            f"np.concatenate([{name}, {name}])",
            f"np.stack([{name}, {name} * 2])", f"np.array([{name}.sum(), 1.0, {name}.mean()])", "np.eye(3)",
            f"np.full_like({name}, {name}.sum())", f"np.add({name}, [1.0])", f"np.full({shape}, {name}.mean())",
            f"np.sum([{name}, {name} * 2], axis=0)", f"np.dot([{name}.sum(), 1.0], [2.0, {name}.max()])",
            f"np.maximum([{name}.sum()], {name})", f"{name} * [{name}.min()]", f"[{name}.sum(), 2.0] + np.ones(2)",
            f"np.tile({name}, {self.choose(3)})", f"np.repeat({name}, {self.choose(3)}, axis=0)",
            f"np.roll({name}, {self.choose(2)})",
            f"np.linspace(0.0, 1.0, {shape[0]})", f"np.array([{name}, {name}])", f"np.vstack([{name}, {name}])",
            f"{name}.astype(single)", f"np.take({name}, [0, 0], axis=0)", "np.zeros((2, 3))",
            f"np.concatenate([{name}])", f"np.pad({name}, {self.choose(2)})", f"np.copy({name}, 'F')",
            f"np.take_along_axis({name}, np.argsort({name}, axis=0, kind='stable'), 0)",
            f"np.einsum('i...->...i', {name})", f"np.einsum('...->...', {name})", f"np.sum({name}, axis=())",
            f"np.array([[{name}.sum(), 1.0], [2.0, {name}.max()]])", f"np.array([row for row in {name}])",
        )  # fmt: skip
        return f"{self.new()} = {self.pick(*options)}"

    def through_out(self) -> str | None:
        """``out=`` and ``where=``."""
        name = self.array(1)
        if name is None:
            return None
        shape = self.env[name].shape
        right = self.value(shape)
        options = [
            f"np.multiply({name}, {right}, out={name})", f"np.add({right}, {name}, {name})",
            f"np.sin({name}, out={name})",
            f"np.subtract({name}, {right}, out={name}, where={self.mask_for(name)})",
            f"np.clip({name}, -0.5, 0.75, out={name})", f"np.negative({name}, out={name}, where={self.mask_for(name)})",
            f"np.add({name}, 1.0, where={self.mask_for(name)}, out={name})", f"np.maximum({name}, {right}, out={name})",
            f"np.multiply({name}, {right}, out=({name},))", f"np.sum({name}, axis=0, out={name}[:1][0, ...])",
            f"w = np.square({name}, out={name})", f"np.cumsum({name}, axis=0, out={name})",
            f"{name}.clip(-0.5, 0.75, out={name})", f"np.exp({name} * 0.1, {name})",
        ]  # fmt: skip
        for n in self.floats():
            mine = np.shape(self.env[n])
            if mine and mine == shape:
                options.append(f"np.multiply({name}, {name}, out={n})")
            if mine and mine == shape[1:]:
                options += [
                    f"np.sum({name}, axis=0, out={n})", f"{name}.mean(axis=0, out={n})", f"{name}.sum(0, out={n})",
                    f"np.add.reduce({name}, axis=0, out={n})", f"np.max({name}, axis=0, out={n})",
                    f"w = np.mean({name}, axis=0, out={n})",
                ]  # fmt: skip
            if len(mine) == 2 and mine == (shape[0], shape[0]) and len(shape) == 2:
                options += [f"np.matmul({name}, {name}.T, out={n})"]
            # to what is read-only NumPy writes all the same, and over what it reads
            free = isinstance(self.env[n], np.ndarray) and self.env[n].flags.writeable
            if mine == (2, *shape) and free and not np.shares_memory(self.env[n], self.env[name]):
                options += [f"np.stack([{name}, {name}], out={n})"]
        return str(self.pick(*options))

    def writer(self) -> str | None:
        """One of NumPy's functions that write."""
        name = self.array(1)
        if name is None:
            return None
        a = self.env[name]
        n = max(a.shape[0], 1)
        size = max(a.size, 1)
        mask = self.mask_for(name)
        two = self.value((2,))
        options = [
            f"np.put({name}, {self.numbers(size, 3)}, {self.value((3,))})", f"np.place({name}, {mask}, {two})",
            f"np.put({name}, {self.numbers(size, 3)}, {two})", f"np.putmask({name}, {mask}, {self.value(a.shape)})",
            f"np.putmask({name}, {mask}, {two})",
            f"np.put({name}, [0, {size + 1}], 0.5, mode='{self.pick('wrap', 'clip')}')",
            f"np.put_along_axis({name}, np.argmax({name}, axis=0, keepdims=True), {self.constant()}, 0)",
            f"np.put_along_axis({name}, np.argsort({name}, axis=-1, kind='stable'), {name} * 0.5, -1)",
        ]  # fmt: skip
        if a.flags.writeable:  # where it is not, some of NumPy's do not mind
            options += [
                f"np.copyto({name}, {self.value(a.shape)})",
                f"np.copyto({name}, {self.value(a.shape)}, where={mask})",
                f"np.add.at({name}, {self.numbers(n, 3)}, {self.value((3, *a.shape[1:]))})",
                f"np.multiply.at({name}, {self.numbers(n, 3)}, {self.constant()})",
                f"np.subtract.at({name}, {self.numbers(n, 2)}, {self.constant()})",
                f"np.negative.at({name}, {self.numbers(n, 2)})", f"np.maximum.at({name}, {self.numbers(n, 3)}, 0.25)",
            ]  # fmt: skip
        if a.ndim > 1 and a.flags.writeable:
            options += [
                f"np.fill_diagonal({name}, {self.constant()})", f"np.fill_diagonal({name}, {two}, wrap=True)",
                f"np.fill_diagonal({name}, {name}.sum())",
                f"np.add.at({name}, ({self.numbers(n, 3)}, {self.numbers(max(a.shape[1], 1), 3)}), {self.value((3,))})",
            ]  # fmt: skip
        return str(self.pick(*options))

    def filled(self) -> str | None:
        name = self.array(1)
        if name is None:
            return None
        shape = self.env[name].shape
        other = self.pick(*self.floats())
        options = [
            f"{name}[...] = {self.value(shape)}", f"{name}.fill({self.constant()})", f"{name}.sort()",
            f"{name}[:] = {self.value(shape)}", f"{name}.fill({other}.sum())", f"{name}.real = 2.0 * {other}.sum()",
            f"{name}.sort(axis=0)", f"{name}.T[...] {self.pick('=', '+=', '*=')} {self.value(shape[::-1])}",
            f"np.swapaxes({name}, 0, -1)[...] = {self.constant()}", f"{name}.reshape(-1)[1:] = {self.constant()}",
            f"{name}[::-1][:1] += {self.constant()}", f"{name}.ravel()[::2] *= {self.factor()}",
            f"{name}[1:] = {name}[:-1]", f"{name}[1:] += {name}[:-1]", f"{name}[:] = {name}[::-1]",
            f"{name}[0] = [{other}.sum()] * {shape[-1]}", f"{name}.flat = [{other}.sum(), 0.5]",
            f"{name}.flat[:2] = [0.5, {other}.mean()]", f"{name}[..., :2] += [{other}.max(), 1.0]",
            f"{name}[:-1] -= {name}[1:] * 0.5", f"{name}[[0, -1]] = {name}[[-1, 0]]",
            f"{name}.real[...] = {self.value(shape)}", f"np.reshape({name}, -1)[...] += {other}.sum()",
        ]  # fmt: skip
        return str(self.pick(*options))

    def masked(self) -> str | None:
        name = self.array(1)
        if name is None:
            return None
        mask = self.mask_for(name)
        options = (
            f"{name}[{mask}] = {self.constant()}", f"{name}[{mask}] *= {self.factor()}",
            f"{name}[{mask}] += {name}[{mask}]", f"{name}[{mask}] = np.sin({name}[{mask}])",
            f"{name}[{mask}] = {name}.sum()", f"{name}[np.where({mask})] -= {self.constant()}",
            f"{name}[np.nonzero({mask})] = {name}.mean()", f"{name}[~({mask})] = {self.constant()}",
            f"{self.new()} = {name}[{mask}]", f"{name}.reshape(-1)[np.flatnonzero({mask})] *= 0.5",
        )  # fmt: skip
        return str(self.pick(*options))

    def flat(self) -> str | None:
        name = self.array(1)
        if name is None:
            return None
        size = max(self.env[name].size, 1)
        options = (
            f"{name}.flat[{self.choose(size)}] = {self.value(())}", f"{name}.flat[1:] = {self.constant()}",
            f"{name}.flat[::2] *= {self.factor()}", f"{name}.flat = {self.value((2,))}",
            f"{self.new()} = {name}.flat[{self.choose(size)}]", f"{self.new()} = {name}.flat[::2]",
            f"{self.new()} = sum([e * e for e in {name}.flat])",
            f"{name}.flat[{self.numbers(size, 2)}] += {name}.sum()",
            f"{name}.flat[{self.numbers(size, 3)}] = {self.value((3,))}", f"{name}.T.flat[1] = {self.constant()}",
        )  # fmt: skip
        return str(self.pick(*options))

    def loop(self) -> str | None:
        name = self.array(1)
        if name is None:
            return None
        a = self.env[name]
        options = [
            f"for i in range(len({name})): {name}[i] {self.pick('=', '+=')} {name}[i - 1] * 0.5",
            f"for i in range(len({name})):\n    if {name}[i].sum() > 0: {name}[i] *= {self.factor()}",
            f"for i, e in enumerate({name}): {name}[-i] += e * 0.5",
            f"for i in range(len({name})): {self.array(1)}[...] += {name}[i].sum() * 0.1",
        ]
        if a.ndim > 1:
            options += [
                f"for row in {name}: row {self.pick('+=', '*=', '-=')} {self.pick('row', 'row.sum()', self.factor())}",
                f"for row in {name}: row /= 2.0 + row.sum() ** 2", f"for column in {name}.T: column -= column.mean()",
                f"for row, column in zip({name}, {name}.T): row[0] = column[-1] * 0.5",
                f"rows = [row for row in {name}]\nrows[0] *= 0.5\nrows[-1][...] = rows[0].sum()",
                f"for i, j in np.ndindex({a.shape[:2]}): {name}[i, j] = {name}[i, j - 1] * 0.5 + {name}[i - 1, j]",
            ]  # fmt: skip
        return str(self.pick(*options))

    def exchange(self) -> str | None:
        name = self.array(1)
        if name is None or len(self.env[name]) < 2:
            return None
        options = (
            f"{name}[0], {name}[1] = {name}[1], {name}[0]", f"{name}[[0, 1]] = {name}[[1, 0]]",
            f"{name}[0], {name}[1] = {name}[1].copy(), {name}[0].copy()", f"{name} = {name} * 0.5 + {self.factor()}",
            f"p, *q = {name}\np += 1.0", f"h = {name}[0]\n{name}[1] = h * h\nh += 0.5",
        )  # fmt: skip
        return str(self.pick(*options))

    def helper(self) -> str | None:
        """A function changes its argument."""
        name, other = self.array(1), self.array(1)
        if name is None or other is None:
            return None
        options = (
            f"doubled({name})", f"w = doubled({name}[1:])",
            f"shifted({name}, {self.value(self.env[name].shape[::-1])})",
            f"w = doubled({name}) * 0.5", f"[doubled(row) for row in {name}]", f"shifted({name}, {other}.sum())",
        )  # fmt: skip
        return str(self.pick(*options))

    def plain(self) -> str | None:
        """Arrays of integers and masks, which have no gradient, and which operations keep."""
        name = self.array(1)
        if name is None:
            return None
        options = [
            f"m = {self.mask_for(name)}",
            "k = np.array([0, 1, 1])",
            f"k = np.argsort({name}, axis=0, kind='stable')",
        ]
        options += [f"{k}[{self.choose(2)}:] {self.pick('=', '+=')} {self.choose(2)}" for k in self.integers()]
        options += [f"{k} {self.pick('+=', '*=', '-=')} {self.pick('1', '1', '0.5')}" for k in self.integers()]
        options += [f"w = {name}[0] * {k}" for k in self.integers()]
        for m in self.masks():
            options += [
                f"{m}[0] = {self.pick('True', 'False')}",
                f"np.logical_not({m}, out={m})",
                f"w = {name}.sum() * {m}",
            ]
            options += [f"w = np.where({m}, {self.pick(*self.floats())}, {name}.sum())", f"{m} ^= True"]
        return str(self.pick(*options))

    def number(self) -> str | None:
        """Numbers, which are bound anew where arrays are written to, and arrays without axes, which are not."""
        name = self.array(1)
        if name is None:
            return None
        entry = f"{name}[{', '.join(['0'] * self.env[name].ndim)}]"
        numbers = [n for n in self.floats() if not np.ndim(self.env[n])]
        options = [
            f"s = {entry}", f"s = {entry}\ns += 1.0", f"z = {entry.replace(']', ', ...]')}", f"{entry} += {entry}",
            f"{entry} = {self.value(())}", f"s = {entry}\n{entry} = 0.5\n{entry} += s", f"z = np.squeeze({name}[:1])",
        ]  # fmt: skip
        for n in numbers:
            if isinstance(self.env[n], np.ndarray):
                options += [f"{n}[...] = {entry}", f"{n}[()] += 0.5", f"np.add({n}, 1.0, out={n})", f"{n}.fill(0.5)"]
            options += [f"{n} += {self.pick(entry, '0.5')}", f"{n} *= {self.pick(entry, '0.5')}", f"{name}[...] *= {n}"]
            options += [f"w = {n} * {n}"]
        return str(self.pick(*options))
