"""How things look: light and dark.

Colour only repeats what shape, border and brightness say. The hues are Okabe and Ito's, which colour-blind people can
tell apart (M. Okabe and K. Ito, "Color Universal Design", 2002); fills are pale, or dark, enough for their text.
"""

from __future__ import annotations

from typing import Final, NamedTuple

FONT: Final = "Helvetica,Arial,sans-serif"


SIZES: Final[dict[str, dict[str, int]]] = {
    "page": {"title": 12, "facts": 10, "value": 10, "gradient": 10, "derivative": 11, "note": 10},
    "slide": {"title": 20, "facts": 17, "value": 17, "gradient": 17, "derivative": 17, "note": 16},
}
"""The font sizes of the lines, in points: among the text of a page, and where the gaps may be narrow beside it."""


class Look(NamedTuple):
    """A kind of box: its fill, border and text colours; and its border's style and width."""

    fill: str
    line: str
    ink: str
    style: str = "filled"
    width: float = 1
    shape: str = "box"


class Theme(NamedTuple):
    """A set of looks, the colours of what is not a box, and the font sizes."""

    paper: str
    ink: str
    grey: str
    gradient: str
    edge: str
    frame: str
    frame_fill: str
    looks: dict[str, Look]
    fonts: dict[str, int] = SIZES["page"]


def theme(
    paper: str, ink: str, grey: str, gradient: str, edge: str, frame: str, frame_fill: str, /,
    **colours: tuple[str, str, str],
) -> Theme:  # fmt: skip
    """A theme from each kind's fill, border and text colours; shapes and borders are the same in all themes."""
    forms: dict[str, tuple[str, float, str]] = {
        "parameter": ("filled,rounded", 2, "box"),
        "input": ("filled", 1, "box"),
        "number": ("filled,dashed", 1, "box"),
        "intermediate": ("filled,rounded", 1, "box"),
        "output": ("filled,rounded", 2.5, "box"),
        "operation": ("filled,rounded", 1, "box"),
        "module": ("filled,rounded", 2, "box3d"),
        "fold": ("filled,dashed", 2, "box"),
        "gradient": ("filled,rounded", 1, "box"),
        "pullback": ("filled,rounded", 1, "box"),
        "sum": ("filled", 1, "circle"),
    }
    looks = {
        kind: Look(fill, line, text, style, width, shape)
        for kind, (fill, line, text) in colours.items()
        for style, width, shape in [forms[kind]]
    }
    return Theme(paper, ink, grey, gradient, edge, frame, frame_fill, looks)


def sized_theme(name: str, size: str) -> Theme:
    """A theme with the fonts of a size."""
    return THEMES[name]._replace(fonts=SIZES[size])


THEMES: Final[dict[str, Theme]] = {
    "light": theme(
        "#FFFFFF", "#17202A", "#5D6D7E", "#A33B00", "#6B7B8C", "#9AA8B5", "#F5F7F9",
        parameter=("#FCE8C8", "#B36B00", "#17202A"),
        input=("#DCEBF7", "#0072B2", "#17202A"),
        number=("#FFFFFF", "#8796A5", "#17202A"),
        intermediate=("#FFFFFF", "#8796A5", "#17202A"),
        output=("#CFEDE1", "#00704F", "#17202A"),
        operation=("#2F4154", "#2F4154", "#FFFFFF"),
        module=("#EADFF0", "#7D4A92", "#17202A"),
        fold=("#F0F0F0", "#5D6D7E", "#17202A"),
        gradient=("#FBE3D6", "#C04A00", "#17202A"),
        pullback=("#9C3D05", "#9C3D05", "#FFFFFF"),
        sum=("#FFFFFF", "#C04A00", "#9C3D05"),
    ),
    "dark": theme(
        "#11161C", "#E8EDF2", "#A3B1BF", "#FFB38A", "#8797A7", "#526070", "#171E26",
        parameter=("#3D2C0C", "#E69F00", "#E8EDF2"),
        input=("#0F2C40", "#56B4E9", "#E8EDF2"),
        number=("#11161C", "#8797A7", "#E8EDF2"),
        intermediate=("#1C2530", "#8797A7", "#E8EDF2"),
        output=("#0C3A2C", "#2FD0A0", "#E8EDF2"),
        operation=("#D5DEE7", "#D5DEE7", "#11161C"),
        module=("#33213D", "#CC9BDB", "#E8EDF2"),
        fold=("#232A32", "#A3B1BF", "#E8EDF2"),
        gradient=("#432010", "#FF8F50", "#E8EDF2"),
        pullback=("#FFA873", "#FFA873", "#2A1205"),
        sum=("#11161C", "#FF8F50", "#FFB38A"),
    ),
}  # fmt: skip

MEANINGS: Final[dict[str, str]] = {
    "parameter": "parameter",
    "input": "input",
    "number": "number",
    "intermediate": "result",
    "output": "output",
    "operation": "operation",
    "module": "module",
    "fold": "folded",
    "gradient": "gradient",
    "pullback": "derivative rule",
}
"""What the legend says."""
