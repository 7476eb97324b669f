"""What a program asked for where it was refused, and what to write instead that keeps the gradient.

A refusal happens deep within NumPy, where ``np.array([t])``, ``c[0] = t``, ``c.dot(t)`` and ``math.exp(t)`` look alike.
The line of the program that is being run tells them apart: from its bytecode, and from its source where there is one.
"""

from __future__ import annotations

import ast
import builtins
import dis
import linecache
import sys
from itertools import islice
from os.path import dirname  # pathlib takes six milliseconds to import
from types import BuiltinFunctionType, FrameType, FunctionType, ModuleType
from typing import Any, Final, NamedTuple

import numpy as np

from .later import COMPOSED, counterpart, is_scipys, public_name
from .mathematics import SMOOTH, STEPWISE
from .registry import DISPATCH, REGISTRY

PACKAGE: Final = dirname(dirname(__file__))
LIBRARIES: Final = ("numpy", "scipy", "pandas", "xarray")

NAMESPACE: Final = "import tinygrad_lite.numpy in place of numpy, or use tl.adapt(program)"
DETACHED: Final = "t.detach() where no gradient should flow"
WAYS: Final = f"A function of the table keeps it, and so does a primitive with its own rule (tl.primitive); {DETACHED}"

UNRECORDED: Final = "cannot be recorded"
ASSIGNED: Final = (
    "A NumPy array cannot keep it: make the array as a Tensor of floats (tl.tensor(c), or zeros of tinygrad_lite.numpy)"
    f", or the whole of its parts with np.stack; for a program as it is, {NAMESPACE}; {DETACHED}"
)
STACKED: Final = (
    f"np.stack([…]) keeps it, and so do np.concatenate and np.where; for a program as it is, {NAMESPACE}; {DETACHED}"
)
MULTIPLIED: Final = f"Write a @ t, or np.dot(a, t), in place of a.dot(t); {DETACHED}"
MADE: Final = (
    f"np.stack([…]) of the parts keeps it, as t.copy() and t itself do; for a program as it is, {NAMESPACE}; {DETACHED}"
)
VECTORIZED: Final = "np.stack([f(entry) for entry in t]) keeps it, as f(t) does if f takes arrays"
ARRAYS: Final = frozenset[Any](
    {np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray, np.fromiter, np.require}
)

ELSEWHERE: Final = {"expit": "sigmoid"}
"""What SciPy's functions are called here, where it is otherwise."""


NOT_DISPATCHED: Final = {
    "as_strided": "np.lib.stride_tricks.sliding_window_view keeps it, of windows, and so do reshape and transpose",
    "kaiser": "tl.kaiser(M, beta) keeps it",
    "nditer": "a loop over np.ndindex(t.shape), whose entries are t[k], keeps it",
    "nested_iters": "loops over np.ndindex(t.shape), whose entries are t[k], keep it",
}
"""Functions that NumPy's protocols do not reach, and what keeps the gradient in their place."""


ITERATORS: Final = frozenset[Any]({np.nditer, np.nested_iters})
"""What puts a sentence of NumPy's own in place of any TypeError, whatever it says."""

ASKED_FOR_SOME: Final = frozenset[Any]({np.interp, np.pad, np.polyint, np.select, np.unwrap})
"""Functions of which NumPy asks some arguments alone whether they are Tensors, while the table's take them anywhere."""

POLYNOMIALS: Final = {
    "polyadd": "np.polyadd(c1[::-1], c2[::-1])[::-1]",
    "polyder": "np.polyder(c[::-1])[::-1]",
    "polyfit": "np.polyfit(x, y, deg)[::-1]",
    "polyfromroots": "np.poly(roots)[::-1]",
    "polygrid2d": "np.vander(x, len(c), True) @ c @ np.vander(y, c.shape[1], True).T",
    "polyint": "np.polyint(c[::-1])[::-1]",
    "polyline": "np.stack([off, scl])",
    "polymul": "np.polymul(c1[::-1], c2[::-1])[::-1]",
    "polymulx": "np.concatenate([[0.0], c])",
    "polypow": "functools.reduce(np.polymul, [c[::-1]] * pow)[::-1]",
    "polyroots": "np.sort(np.roots(c[::-1]))",
    "polysub": "np.polysub(c1[::-1], c2[::-1])[::-1]",
    "polyval": "np.polyval(c[::-1], x)",
    "polyval2d": "np.sum(np.vander(x, len(c), True) @ c * np.vander(y, c.shape[1], True), axis=-1)",
    "polyvalfromroots": "np.prod(x[:, None] - r, axis=-1)",
    "polyvander": "np.vander(x, deg + 1, True)",
}
"""Functions of ``np.polynomial.polynomial``, where the lowest power comes first, by NumPy's older ones."""

IN_NAMESPACE: Final = frozenset({
    *("polyadd", "polyder", "polygrid2d", "polygrid3d", "polyint", "polymul", "polysub", "polyval", "polyval2d"),
    *("polyval3d", "polyvalfromroots", "polyvander"),
})  # fmt: skip
"""Functions of ``np.polynomial.polynomial`` that take Tensors in ``tinygrad_lite.numpy``."""

OTHER_POLYNOMIALS: Final = "np.polyval and its kin keep it: their coefficients begin with that of the highest power"


def taken_for_a_number(frame: FrameType) -> str | None:
    """What is wrong where a function of ``np.polynomial`` has taken a Tensor with axes for a number; None elsewhere.

    They ask whether x is an ndarray before they give the coefficients axes for it. Of one polynomial's coefficients
    that makes no difference; of several, and of roots, the numbers would be those of other polynomials.
    """
    if not is_of_polynomials(frame):
        return None
    given = frame.f_locals
    x: Any = given.get("x")
    c, r = given.get("c"), given.get("r")
    if not hasattr(type(x), "__record__") or not x.ndim:
        return None
    is_wrong_of_roots = r is not None and (given.get("tensor") or x.ndim >= r.ndim)
    if not is_wrong_of_roots and (c is None or c.ndim < 2 or not given.get("tensor")):
        return None
    asked = frame
    while asked.f_back is not None and is_of_polynomials(asked.f_back):
        asked = asked.f_back
    name = asked.f_code.co_name
    if r is not None or asked is not frame:
        instead = f"{POLYNOMIALS[name]} keeps it, of vectors" if name in POLYNOMIALS else OTHER_POLYNOMIALS
    else:
        instead = f"np.stack([{name}(x, column) for column in c.T]) keeps it, of a matrix c"
    what = f"{asked.f_globals['__name__'].replace('numpy', 'np', 1)}.{name}"
    wrong = "takes a Tensor with axes for a number, and would give the values of other polynomials"
    return f"{what} {wrong}. {instead}; {DETACHED}"


def is_of_polynomials(frame: FrameType) -> bool:
    """Whether a frame runs a function of ``np.polynomial``."""
    return bool(frame.f_globals.get("__name__", "").startswith("numpy.polynomial."))


class Request(NamedTuple):
    """What the program's line asked for.

    Attributes
    ----------
    text : as the program writes it, "" where no source can be had
    function : what it calls, None if that cannot be told
    assigns : whether it assigns to an entry or a slice
    """

    text: str = ""
    function: Any = None
    assigns: bool = False

    @property
    def last(self) -> str:
        """The last of the names between dots: ``dot`` of ``A.dot``."""
        return self.text.rpartition(".")[2]

    @property
    def error(self) -> type[Exception]:
        """The type of the error that refuses it."""
        return ValueError if is_of(self.function, ITERATORS) else TypeError


def program_frame() -> FrameType:
    """The innermost frame outside this package, NumPy and its kin."""
    frame = sys._getframe(1)
    while frame.f_back is not None and (
        frame.f_code.co_filename.startswith(PACKAGE)
        or frame.f_globals.get("__name__", "").partition(".")[0] in LIBRARIES
    ):
        frame = frame.f_back
    return frame


def stacklevel() -> int:
    """The program's line, as ``warnings.warn`` counts for whoever calls this."""
    program, frame, level = program_frame(), sys._getframe(1), 1
    while frame is not program and frame.f_back is not None:
        frame, level = frame.f_back, level + 1
    return level


def program_line() -> str:
    """The line of the program that is being run."""
    frame = program_frame()
    return f"{frame.f_code.co_filename}, line {frame.f_lineno}, in {frame.f_code.co_name}"


def request() -> Request:
    """What the line of the program that is being run asks for, as far as that can be told."""
    frame = program_frame()
    code, at = frame.f_code, frame.f_lasti
    if at < 0:
        return Request()
    assigns = dis.opname[code.co_code[at]] in ("STORE_SUBSCR", "STORE_SLICE")
    node = expression(frame)
    if not isinstance(node, ast.Call):
        return Request(ast.unparse(node) if node is not None and not assigns else "", None, assigns)
    return Request(ast.unparse(node.func), value_of(node.func, frame), assigns)


def expression(frame: FrameType) -> ast.expr | None:
    """The expression that a frame is computing."""
    line, end, column, end_column = next(islice(frame.f_code.co_positions(), frame.f_lasti // 2, None))
    if line is None or end is None or column is None or end_column is None:
        return None
    lines = [text.encode() for text in linecache.getlines(frame.f_code.co_filename, frame.f_globals)[line - 1 : end]]
    if len(lines) != end - line + 1:
        return None
    lines[-1] = lines[-1][:end_column]
    lines[0] = lines[0][column:]
    try:
        return ast.parse(b"(" + b"".join(lines) + b")", mode="eval").body
    except (SyntaxError, ValueError):  # the file is another by now
        return None


def value_of(node: ast.expr, frame: FrameType) -> Any:
    """What a name stands for in a frame, or an attribute of a module there, or of something of SciPy's.

    None for anything else.
    """
    if isinstance(node, ast.Name):
        for names in (frame.f_locals, frame.f_globals, vars(builtins)):
            if node.id in names:
                return names[node.id]
    if isinstance(node, ast.Attribute):
        owner = value_of(node.value, frame)
        return getattr(owner, node.attr, None) if isinstance(owner, ModuleType) or is_scipys(owner) else None
    if isinstance(node, ast.Call):  # stats.norm(0, 1): a distribution's methods do not depend on its parameters
        called = value_of(node.func, frame)
        if called is np.vectorize:
            return called
        return called if is_scipys(called) and not isinstance(called, (BuiltinFunctionType, FunctionType)) else None
    return None


def name_of(function: Any) -> str:
    """A function's name as programs write it: ``np.linalg.norm``, ``scipy.special.erf``."""
    name = getattr(function, "__name__", str(function))
    module = getattr(function, "__module__", None)
    if module is None and isinstance(function, np.ufunc):
        for module in ("numpy", "scipy.special"):
            if getattr(sys.modules.get(module), name, None) is function:
                break
        else:  # of a ufunc within another of SciPy's functions what the program wrote
            return request().text or str(name) if name.startswith("_") else str(name)
    return f"{module}.{name}".replace("numpy", "np", 1) if module else str(name)


def wording(asked: Request) -> tuple[str, str]:
    """What was asked for, in the words of the program where they can be had, and what is wrong with it."""
    if asked.assigns:
        return "an assignment to entries of a NumPy array", UNRECORDED
    scipys = public_name(asked.function)
    if scipys is not None:
        return scipys, "has no derivative here"
    making = "making a NumPy array"
    text = asked.text if 0 < len(asked.text) <= 60 else ""
    return f"{making} (in {text})" if text else f"{making} (np.array, np.asarray, …)", UNRECORDED


def wording_of_number(asked: Request, kind: str) -> str:
    """What was asked for, where a Tensor was to become a Python number."""
    if asked.assigns:
        return wording(asked)[0]
    return f"{asked.text}()" if asked.function is not None else f"{kind}()"


def remedy_for(function: Any, name: str) -> str | None:
    """What keeps the gradient in place of a function; None if nothing here does."""
    for table in (SMOOTH, STEPWISE):
        try:
            instead = table.get(function)
        except TypeError:  # not hashable
            return None
        if instead is not None:
            own = next((key for key, entry in REGISTRY.items() if entry.function is instead), "")
            text = f"tl.{own}" if own else name_of(instead)
            return f"{text} in place of {name} takes Tensors (tl.adapt(program) puts it there); {DETACHED}"
    return None


def remedy(asked: Request) -> str:
    """What to write instead of what was asked for."""
    if asked.assigns:
        return ASSIGNED
    function, last = asked.function, asked.last
    known = remedy_for(function, asked.text)
    if known is not None:
        return known
    if last == "dot" and function is None:
        return MULTIPLIED
    if (getattr(function, "__module__", None) or "").startswith("numpy.polynomial"):
        keeps = f"{POLYNOMIALS[last]} keeps it" if last in POLYNOMIALS else OTHER_POLYNOMIALS
        return f"{keeps}{f'; for a program as it is, {NAMESPACE}' if last in IN_NAMESPACE else ''}; {DETACHED}"
    if last in NOT_DISPATCHED:
        return f"{NOT_DISPATCHED[last]}; {DETACHED}"
    if isinstance(function, (BuiltinFunctionType, type)) and function in (float, int, complex):
        return number_remedy(function.__name__)
    module = getattr(function, "__module__", None) or ""
    last = ELSEWHERE.get(last, last)
    if last in REGISTRY and last not in vars(np) and (module.startswith("scipy") or isinstance(function, np.ufunc)):
        return f"tl.{last}(t) keeps it; {DETACHED}"
    composed = COMPOSED.get((public_name(function) or "").removeprefix("scipy."))
    if composed is not None:
        return f"{composed} keeps it; {DETACHED}"
    ours = counterpart(function)
    if ours is not None:
        return f"{ours.name} in place of {asked.text} keeps it (tl.adapt(program) puts it there); {DETACHED}"
    if is_of(function, ARRAYS):
        return MADE
    if is_of(function, ASKED_FOR_SOME):
        return (
            f"tl.{function.__name__} keeps it, in any of its arguments; for a program as it is, {NAMESPACE}; {DETACHED}"
        )
    if function is np.vectorize or isinstance(function, np.vectorize):
        return f"{VECTORIZED}; for a program as it is, {NAMESPACE}; {DETACHED}"
    if last.endswith(" (vectorized)"):  # of np.frompyfunc
        return f"{VECTORIZED}, and so does vectorize of tinygrad_lite.numpy; {DETACHED}"
    if isinstance(function, type) and issubclass(function, np.generic):
        return f"t.astype({asked.text}) keeps it; for a program as it is, {NAMESPACE}; {DETACHED}"
    if is_of(function, DISPATCH) or module.partition(".")[0] in ("numpy", "tinygrad_lite"):
        return STACKED
    return WAYS


def number_remedy(kind: str) -> str:
    """What to write in place of ``float(t)`` and its kin."""
    if kind == "int":
        return (
            "A whole number has no gradient to keep: np.floor(t) and np.trunc(t) are Tensors, math.floor(t) and "
            f"math.trunc(t) numbers for counting; {DETACHED}, int(t.detach())"
        )
    return (
        f"t itself is a number where it has no axes (t.reshape(()) where it has): leave {kind}() out, or use "
        f"tl.adapt(program), which does; np.exp and its kin take Tensors; {DETACHED}, t.item() outside transforms"
    )


def is_of(function: Any, group: Any) -> bool:
    """Whether a function is in a set or a table."""
    try:
        return function in group
    except TypeError:
        return False


class OutlastingError(Exception):
    """Something would be made that is kept from call to call, which running the function as it is makes.

    Attributes
    ----------
    owner : what would keep it
    """

    def __init__(self, what: str, owner: Any) -> None:
        super().__init__(f"compile: {what} is made within the function, and would be made anew in each call.")
        self.owner = owner
