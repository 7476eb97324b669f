"""What a guide shows of what its own code makes: run while the manual is built, and put in its place as HTML."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
from typing import Any, Final

STEPS: Final = re.compile(r"^```pycon\n(?P<code>.*?)^```$|^<!-- shown: (?P<shown>.+?) -->$", re.DOTALL | re.MULTILINE)


def illustrated(text: str) -> str:
    """The page with, in the place of each ``<!-- shown: expression -->``, what a notebook would show of that there."""
    if "<!-- shown: " not in text:
        return text
    names: dict[str, Any] = {}

    def replaced(step: re.Match[str]) -> str:
        if step["shown"]:
            return str(eval(step["shown"], names)._repr_html_())
        for example in doctest.DocTestParser().get_examples(step["code"]):
            exec(compile(example.source, "<guide>", "single"), names)
        return step[0]

    with contextlib.redirect_stdout(io.StringIO()):
        return STEPS.sub(replaced, text)
