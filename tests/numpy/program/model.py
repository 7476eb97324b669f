"""What people write: closures, classes, caches, callbacks, global state."""

import functools
import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import Enum
from math import exp
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import numpy.linalg as LA  # noqa: N812
from numpy import array

from . import parts
from .parts import doubled, table

STATE = np.zeros(3)
VIEW = STATE[:2]
COUNT = 0
OPERATIONS = {"square": lambda t: np.array([t, t]).prod(), "double": doubled}
CHAIN = [math.sin, np.cos, doubled]
RNG = np.random.default_rng(3)


def traced(f):
    @functools.wraps(f)
    def wrapper(*args):
        out = np.zeros(1)
        out[0] = f(*args)
        return out[0]

    return wrapper


@traced
def decorated(x):
    return float(x[0]) ** 2


@functools.lru_cache(maxsize=None)  # noqa: UP033
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


@functools.lru_cache
def cached(t):
    return math.exp(t)


def caches(x):
    return cached(x[0]) + fibonacci(10) * x[1]


@dataclass
class Point:
    a: float
    rest: list = field(default_factory=list)

    def value(self):
        return math.sin(self.a) + np.array([self.a, 1.0]).sum()


@dataclass(slots=True)
class Slotted:
    a: float

    def value(self):
        return math.exp(self.a)


class Shape(ABC):
    @abstractmethod
    def area(self): ...


class Square(Shape):
    def __init__(self, side):
        self.side = side

    def area(self):
        return np.array([self.side, self.side]).prod()


class Base:
    factor = 2.0

    def __init__(self, x):
        self.x = x

    def value(self):
        return np.array([self.x * self.factor]).sum()


class Child(Base):
    def value(self):
        return super().value() + math.cos(self.x)

    @property
    def number(self):
        return float(self.x)

    @functools.cached_property
    def kept(self):
        return math.exp(self.x)

    @classmethod
    def make(cls, x):
        return cls(x)

    @staticmethod
    def exponential(x):
        return math.exp(x)


class Pair(NamedTuple):
    a: float
    b: float

    def value(self):
        return np.array([self.a, self.b]).prod()


class Color(Enum):
    RED = 1
    BLUE = 2


class Registered:
    def __init_subclass__(cls, key):
        cls.key = key


class Named(Registered, key="named"):
    def value(self, t):
        return t * t


T = TypeVar("T")


class Box(Generic[T]):
    def __init__(self, item: T):
        self.item = item

    def value(self):
        return math.exp(self.item)


def uncommon_classes(x):
    assert Color(1) is Color.RED
    assert Color.RED in Color
    return Pair(x[0], x[1]).value() + Pair(*x[:2]).a + Named().value(x[2]) + Box(x[0]).value()


def classes(x):
    return (
        Child.make(x[0]).value() + Child(x[1]).number + Child.exponential(x[2]) + Child(x[0]).kept
        + Point(x[0]).value() + Slotted(x[1]).value() + Square(x[2]).area()
    )  # fmt: skip


def kind(x, point):
    return math.exp(x[0]) if isinstance(point, Point) else x[0]


def energy(x, make=np.array, f=math.sin):
    global COUNT
    COUNT += 1
    y = make([x[0], x[1], 1.0])
    y[2] = f(x[2])
    return float((y * y).sum())


def number_in_state(x):
    STATE[0] = 5.0
    return VIEW[0] * x.sum()


def tensor_in_state(x):
    STATE[0] = x[0]
    return STATE.sum()


def recursive(x, n=3):
    return x[0] if n == 0 else math.sin(recursive(x, n - 1))


def even(t, n):
    return float(t) if n == 0 else odd(math.sin(t), n - 1)


def odd(t, n):
    return float(t) if n == 0 else even(math.cos(t), n - 1)


def mutual(x):
    return even(x[0], 4)


def applied(f, t):
    return f(t)


def callbacks(x):
    composed = functools.reduce(lambda t, f: f(t), CHAIN, x[0])
    return applied(lambda t: math.exp(float(t)), x[0]) + OPERATIONS["square"](x[1]) + composed


def generators(x):
    def terms():
        for t in x:
            yield math.exp(t)

    return sum(terms()) + max(math.sin(t) for t in x)


def nested(x):
    scale = np.array([2.0])

    def inner(t):
        b = np.zeros(2)
        b[0] = float(t)
        b[1] = t * t * scale[0]
        return b.sum()

    return sum([inner(t) for t in x]) + np.sum([inner(t) for t in x])


def type_checks(x):
    return x[0] ** 2 if isinstance(x[0], float) and type(2.0 * 3) is float and np.isscalar(x[0]) else 5 * x[0]


def texts(x):
    lines = ["%.3f %s" % (x[0], "a"), "%.2f" % x[1], "%(b).1f" % {"b": x[2]}, f"{x[0]:.3f}"]  # noqa: UP031
    assert lines == [f"{x[0]:.3f} a", f"{x[1]:.2f}", f"{x[2]:.1f}", format(x[0], ".3f")]
    print(*lines, x[0])  # noqa: T201
    return (x * x).sum()


def lambdas(x):
    return (lambda t: float(t) * 2)(x[0])


def imported(x):
    return norm_of(x) + LA.norm(array([x[0], 1.0])) + exp(x[0]) + table(x) + parts.doubled(x[2])


def norm_of(x):
    return LA.norm([x[0], x[1]])


def wholes(x):
    whole = math.floor(x[2]) + math.ceil(x[2]) + math.trunc(x[1])
    close = 1.0 if math.isclose(x[0], 0.3, rel_tol=1e-3) and not math.isnan(x[0]) else 0.0
    return whole * x.sum() + close * x[1] + x[math.floor(x[2])]


def mathematics(x):
    return (
        math.hypot(x[0], x[1], x[2]) + math.dist([x[0], 1.0], [x[1], 2.0]) + math.fsum([x[0], x[1]])
        + math.log(x[2], 3) + math.log(x[2]) + math.pow(x[2], 2) + math.atan2(x[0], x[1]) + math.erf(x[0])
        + math.prod(x)
    )  # fmt: skip


def outside_the_domain(x):
    try:
        return math.sqrt(x[1])
    except ValueError:
        return x[1]


def plain_builtins(x):
    return min(x[0], x[1]) + max(x) + sum(x) + abs(x[1]) + sorted(x)[0] + pow(x[2], 3) + round(x[2], 1)


def defaults(x, seen=[]):  # noqa: B006
    seen.append(1.0)
    return len(seen) * x.sum()


def noisy(x):
    n = RNG.normal(size=3)
    n += x
    return (n * x).sum()


def whole_number(x):
    return int(x[0]) * x.sum()


class Machine:
    def __init__(self, k):
        self.k = k
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        return float(np.array([x[0] * self.k, x[1]]).sum())

    def method(self, x):
        return math.exp(x[0]) * self.k


MACHINE = Machine(2.0)
PARTIAL = functools.partial(recursive, n=2)


def with_machine(x):
    return MACHINE(x) + PARTIAL(x)
