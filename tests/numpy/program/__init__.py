"""A program of several modules, written for NumPy and ``math`` by somebody who knows of no Tensor."""

from .model import energy as energy
