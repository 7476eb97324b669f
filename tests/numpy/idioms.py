"""Thirty idioms of NumPy programs, met in public programs: functions of an array of three numbers.

Each is right in plain NumPy, and most block or mislead a gradient that is taken of it.
"""

import math

import numpy as np


def rebind_argument(x):

    def g(a):
        a += 1.0

    y = x * 1.0
    g(y)
    return (y * y).sum()


def view_write(x):
    y = x * 1.0
    v = y[:2]
    v *= 3.0
    return (y * y).sum()


def row_write_loop(x):
    A = np.outer(x, x)
    for row in A:
        row /= row.sum()
    return (A * A).sum()


def array_iadd(x):
    a = np.zeros(3)
    a += x
    return (a * a).sum()


def array_entry(x):
    a = np.zeros(3)
    for i in range(3):
        a[i] = x[i] ** 2
    return a.sum()


def array_slice(x):
    a = np.zeros(3)
    a[1:] = x[1:]
    return (a * a).sum()


def array_of_list(x):
    return np.array([x[0], x[1] * 2]).sum()


def asarray(x):
    return (np.asarray(x) ** 2).sum()


def bare_except(x):
    try:
        return np.linalg.det(np.outer(x, x) + np.eye(3))
    except:  # noqa: E722 (as it was met)
        return (x * x).sum()


def item_inside(x):
    s = (x * x).sum().item()
    return s * x.sum()


def tolist_inside(x):
    return (np.array(x.tolist()) * x).sum()


def float_(x):
    return float((x * x).sum())


def math_exp(x):
    return math.exp(x[0])


def percent_print(x):
    s = (x * x).sum()
    "%f" % s  # noqa: UP031 (as it was met)
    return s


def array_dot(x):
    return np.eye(3).dot(x).sum()


def copy_method(x):
    y = x.copy()
    return (y * y).sum()


def np_copy(x):
    return (np.copy(x) ** 2).sum()


def setitem(x):
    y = x * 1.0
    y[0] = 0.0
    return (y * y).sum()


def maskset(x):
    y = x * 1.0
    y[y < 0] = 0.0
    return (y * y).sum()


def complex_const(x):
    return np.abs(((1 + 2j) * x).sum())


def max_of_list(x):
    return np.max([x[0], x[1]])


def dot_list(x):
    return np.dot(np.ones(3), [x[0], x[1], 1.0])


def concat_scalars(x):
    return np.concatenate(([x[0]], x[1:])).sum()


def c_(x):
    return (np.c_[x, x] ** 2).sum()


def append(x):
    return (np.append(x, 1.0) ** 2).sum()


def diag(x):
    return (np.diag(x) ** 2).sum()


def isscalar(x):
    return x[0] ** 2 if np.isscalar(x[0]) else 5 * x[0]


def fill_diag(x):
    A = np.outer(x, x)
    np.fill_diagonal(A, 0)
    return (A * A).sum()


def out_kw(x):
    y = x * 1.0
    np.multiply(y, 2, out=y)
    return (y * y).sum()


def np_array_scalar(x):
    return (np.array(x[0]) * np.ones(3)).sum()
