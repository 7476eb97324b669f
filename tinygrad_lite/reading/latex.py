from __future__ import annotations
from collections.abc import Collection, Sequence
from .syntax import Expr, Span, NOWHERE
class NotRead(ValueError):
    def __init__(self, why: str, span: Span = NOWHERE) -> None:
        super().__init__(why)
        self.span = span
def parse_latex(text: str, names: Collection[str] = ()) -> Expr: raise NotImplementedError
def parse_formulas(text: str, names: Collection[str] = ()) -> Sequence[Expr | NotRead]: raise NotImplementedError
