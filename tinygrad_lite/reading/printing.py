from .syntax import Expr


def latex_of(t: Expr) -> str:
    return repr(t)


def unicode_of(t: Expr) -> str:
    return repr(t)
