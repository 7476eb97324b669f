"""A reader of HTML for the tests of the page and of its markup."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest

VOID = {"meta", "input", "link", "br", "wbr"}


class Page(HTMLParser):
    """Elements with their attributes, and texts; complains about elements that do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, Any]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.open):
            self.texts.append(data)

    def all(self, tag: str, class_: str = "") -> list[dict[str, Any]]:
        """The attributes of each such element."""
        return [a for t, a in self.elements if t == tag and class_ in ["", *(a.get("class") or "").split()]]

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())


@pytest.fixture(scope="session")
def read() -> type[Page]:
    """Reads a page."""
    return Page
