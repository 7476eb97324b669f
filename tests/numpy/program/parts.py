"""Another module of the program."""

import math as m

import numpy
from numpy import zeros as Z  # noqa: N812
from numpy.linalg import norm


def table(x):
    a = Z((2, 2))
    a[0, 0] = x[0]
    a[1, 1] = m.exp(x[1])
    return norm(a) + numpy.array([[x[0]]]).sum()


def doubled(t):
    return numpy.array([t, 2.0]).prod()
