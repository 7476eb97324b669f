"""Operations that nothing depends on."""

from __future__ import annotations

from dataclasses import replace

from ..loops import memories_written
from ..methods_as_calls import check
from ..program import Memory, Operation, Program, Variable, variables_in


def without_dead_code(program: Program) -> Program:
    """The program without operations whose results, or whose writes, nobody sees."""
    live: set[Variable] = set(variables_in(program.outputs))
    seen: set[Memory] = {v.memory for v in (*live, *program.constants) if v in live or v.memory.origin == "state"}
    kept: list[Operation] = []
    for operation in reversed(program.operations):
        draws = operation.writes is not None and operation.writes.origin == "generator"  # and others what comes next
        is_seen = not seen.isdisjoint(memories_written(operation)) or operation.function is check or draws
        if not is_seen and not any(v in live for v in operation.results):
            continue
        results = tuple([v if v in live else None for v in operation.results])
        kept.append(replace(operation, results=results) if len(results) > 1 else operation)
        for v in operation.operands():
            live.add(v)
            seen.add(v.memory)
    return program.changed(operations=tuple(reversed(kept)))
