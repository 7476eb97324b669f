"""Elementwise chains as one loop of machine code, by Numba: what computes them, written as text.

``precision`` has the numbers; ``exponentials``, ``logs``, ``angles``, ``bells`` and ``choices`` have functions of one
number without branches, so that compilers make vectors of them; ``translating`` writes them for one precision;
``forms`` says what stands for which of NumPy's functions; ``kernel_loops`` puts them into a loop, and ``launching``
runs that on all processors.
"""
