"""Where the boxes, frames and arrows of a picture are: a layered drawing, a frame at a time, from the innermost out.

A frame is laid out like a picture of its own, and then is a box of the one around it; arrows pass its border above and
below. So no frame, box or title covers another, and no arrow runs through a box.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..picture.model import Edge, Picture
from .levels import MARGIN, Item, Layering, Link, Path, Point, Rect, Route, Sizes


class Arrangement(NamedTuple):
    """All places, measured from the top left corner: boxes, frames and the corners of their titles by key, arrows."""

    boxes: dict[str, Rect]
    frames: dict[str, Rect]
    titles: dict[str, Point]
    routes: list[Route]
    width: float
    height: float
    continued: Mapping[str, list[Rect]] = {}
    """Of frames that go on in further rows, their places there."""


def arrange(picture: Picture, sizes: Sizes, direction: str) -> Arrangement:
    """The places of everything, with the arrows pointing "down" or to the "right"."""
    if direction == "down":
        return arranged_downwards(picture, sizes, across=True)
    flat = Sizes(
        {key: size[::-1] for key, size in sizes.boxes.items()},
        {key: size[::-1] for key, size in sizes.titles.items()},
        [size[::-1] for size in sizes.labels],
        *sizes[3:],
    )
    boxes, frames, titles, routes, height, width, _ = arranged_downwards(picture, flat, across=False)
    turned = [Route(start[::-1], [tuple([point[::-1] for point in step]) for step in steps], label[::-1])
              for start, steps, label in routes]  # fmt: skip
    return Arrangement(
        {key: Rect(box.y, box.x, box.height, box.width) for key, box in boxes.items()},
        {key: Rect(box.y, box.x, box.height, box.width) for key, box in frames.items()},
        {key: corner[::-1] for key, corner in titles.items()},
        turned,
        width,
        height,
    )


def arranged_downwards(picture: Picture, sizes: Sizes, across: bool) -> Arrangement:
    """The places with the layers below each other; ``across`` says whether titles run along them."""
    sizes = sizes._replace(boxes=roomy_boxes(picture, sizes))
    levels = levels_of(picture)
    for path in sorted(levels, key=len, reverse=True):
        levels[path].settle(levels, sizes, across)
    boxes: dict[str, Rect] = {}
    frames: dict[str, Rect] = {}
    titles: dict[str, Point] = {}
    corner: dict[Path, Point] = {(): (0.0, 0.0)}
    for path, level in sorted(levels.items(), key=lambda item: len(item[0])):
        left, top = corner[path]
        if path:
            frames[path[-1]] = Rect(left + level.width / 2, top + level.height / 2, level.width, level.height)
            titles[path[-1]] = left + MARGIN, top + MARGIN / 2
        for item, (x, y, width, height) in level.places.items():
            if isinstance(item, str):
                boxes[item] = Rect(left + x, top + y, width, height)
            else:
                corner[item] = left + x - width / 2, top + y - height / 2
    routes = [whole_route(picture, edge, number, levels, corner) for number, edge in enumerate(picture.edges)]
    whole = levels[()]
    return Arrangement({key: boxes[key] for key in picture.vertices}, frames, titles, routes, whole.width, whole.height)


def roomy_boxes(picture: Picture, sizes: Sizes) -> dict[str, Point]:
    """The sizes of the boxes, with room for the labels of the arrows side by side."""
    needs: dict[str, list[float]] = {key: [] for key in picture.vertices}
    for edge, (width, _) in zip(picture.edges, sizes.labels, strict=True):
        needs[edge.head].append(width + 8 if width else 12)
    return {
        key: (max(width, sum(needs[key]) + 8 * (len(needs[key]) > 1)), height)
        for key, (width, height) in sizes.boxes.items()
    }


def levels_of(picture: Picture) -> dict[Path, Layering]:
    """The frames, with what each has in it, in the picture's order."""
    levels: dict[Path, Layering] = {(): Layering(())}
    for vertex in picture.vertices.values():
        path = vertex.frames
        for depth in range(1, len(path) + 1):
            if path[:depth] not in levels:
                levels[path[:depth]] = Layering(path[:depth])
                levels[path[: depth - 1]].add(path[:depth])
        levels[path].add(vertex.key)
    for a, b in picture.pairs:
        level = levels[picture.vertices[a].frames]
        level.beside[level.items[b]] = level.items[a]
    for number, edge in enumerate(picture.edges):
        tail, head = frames_of_ends(picture, edge)
        same = shared_length(tail, head)
        here = levels[tail[:same]]
        here.links.append(Link(item_within(edge.tail, tail, same), item_within(edge.head, head, same), number))
        if edge.style == "again" or edge.tail == edge.head:
            here.loops.add(number)
        for depth in range(same + 1, len(tail) + 1):
            levels[tail[:depth]].links.append(Link(item_within(edge.tail, tail, depth), None, number))
        for depth in range(same + 1, len(head) + 1):
            levels[head[:depth]].links.append(Link(None, item_within(edge.head, head, depth), number))
    return levels


def frames_of_ends(picture: Picture, edge: Edge) -> tuple[Path, Path]:
    """The frames around an arrow's tail and around its head."""
    return picture.vertices[edge.tail].frames, picture.vertices[edge.head].frames


def shared_length(a: Path, b: Path) -> int:
    """How many frames are around both."""
    return next((k for k, (one, other) in enumerate(zip(a, b, strict=False)) if one != other), min(len(a), len(b)))


def item_within(key: str, path: Path, depth: int) -> Item:
    """What a box is seen as in the frame of some depth around it: itself, or the frame it is in there."""
    return key if len(path) == depth else path[: depth + 1]


def whole_route(
    picture: Picture, edge: Edge, number: int, levels: Mapping[Path, Layering], corner: Mapping[Path, Point]
) -> Route:
    """An arrow's way out of the frames of its tail and into those of its head, put together from its parts in each."""
    tail, head = frames_of_ends(picture, edge)
    same = shared_length(tail, head)
    paths = [tail[:depth] for depth in range(len(tail), same, -1)]
    paths += [head[:depth] for depth in range(same, len(head) + 1)]
    parts: list[Route] = []
    for path in paths:
        left, top = corner[path]
        start, steps, label = levels[path].parts[number]
        moved = [tuple([(x + left, y + top) for x, y in step]) for step in steps]
        parts.append(Route((start[0] + left, start[1] + top), moved, (label[0] + left, label[1] + top)))
    labelled = parts[len(tail) - same] if number in levels[tail[:same]].loops else parts[-1]
    return Route(parts[0].start, [step for part in parts for step in part.steps], labelled.label)
