"""Every example in a docstring runs and prints what it says; every public name has one."""

import doctest
import importlib
import inspect
import pkgutil

import numpy as np
import pytest

import tinygrad_lite as tl

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL
# the modules whose import is a command line
NOT_IMPORTED = {"tinygrad_lite.__main__"}


def modules():
    yield tl
    for info in pkgutil.walk_packages(tl.__path__, "tinygrad_lite."):
        if info.name not in NOT_IMPORTED:
            yield importlib.import_module(info.name)


def examples():
    """Name, docstring and namespace of everything in the package that is documented with an example."""
    found = {}
    finder = doctest.DocTestFinder(exclude_empty=True)
    for module in modules():
        for test in finder.find(module, globs={}):
            if test.examples:
                found[test.name] = (test.docstring, vars(module))
    return [pytest.param(name, *found[name], id=name) for name in sorted(found)]


@pytest.mark.parametrize(("name", "text", "names"), examples())
def test_example(name, text, names):
    if "symbols(" in text:
        pytest.importorskip("sympy")
    test = doctest.DocTestParser().get_doctest(text, {**names, "tl": tl, "np": np, "nn": tl.nn}, name, None, 0)
    output = []
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    runner.run(test, out=output.append)
    assert not runner.failures, "".join(output)


@pytest.mark.parametrize("name", tl.__all__)
def test_public_names_are_documented_with_an_example(name):
    value = getattr(tl, name)
    text = inspect.getdoc(value) or ""
    assert text, f"tl.{name} has no docstring"
    if not inspect.ismodule(value):  # what is in those is tested above
        assert ">>>" in text or issubclass(value, BaseException), f"tl.{name} has no example"
