"""Hooks: functions of the user's that are called with a gradient when a backward pass has it.

A hook belongs to a node, so to the value that a Tensor had when it was registered, and lives as long as that. It stands
where the sweep looks for arrays that changed, which most nodes have none of: a graph without hooks pays nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, Final
from weakref import WeakSet, ref

from .graph import Node
from .watching import Detection

Hook = Callable[[Any], Any]

HOOKED: Final[WeakSet[Node]] = WeakSet()
"""The nodes with hooks."""

next_key: Final = count().__next__


class RemovableHandle:
    """What :meth:`Tensor.register_hook` returns; ``with`` removes the hook after the block."""

    def __init__(self, node: Node, hook: Hook) -> None:
        if not callable(hook):
            raise TypeError(f"register_hook: a hook is a function of the gradient, not {hook!r}")
        if not isinstance(node.watched, Detection):
            node.watched = Detection(node.watched or ())
        if not node.watched.hooks:
            node.watched.hooks = {}
        self.hooks = node.watched.hooks
        self.node = ref(node)
        self.key = next_key()
        self.hooks[self.key] = hook
        HOOKED.add(node)

    def remove(self) -> None:
        """Call the hook no more; a second time, nothing happens."""
        self.hooks.pop(self.key, None)
        if not self.hooks and (node := self.node()) is not None:
            HOOKED.discard(node)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()
