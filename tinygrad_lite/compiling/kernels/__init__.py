"""Elementwise chains as one loop of machine code, by Numba: what computes them, written as text.

``precision`` has the numbers; ``exponentials``, ``logs``, ``angles``, ``bells`` and ``choices`` have functions of one
number without branches, so that compilers make vectors of them; ``translating`` writes them for one precision;
``forms`` says what stands for which of NumPy's functions; ``kernel_loops`` puts them into a loop, ``line_kernels`` into
several, with the sums of lines in ``line_folds`` between; ``laying`` lays out what does not lie as it is needed, and
``launching`` runs all that on all processors.
"""
