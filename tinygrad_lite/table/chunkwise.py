"""Dask's tasks of one chunk as one task: what a gradient does with a chunk is done where the chunk lies, in one go.

A gradient makes some thirty tasks of each chunk, and the scheduler needs about a millisecond for each. Those that need
nothing but one chunk are grouped here. Sums over chunks stay the trees that they are. What comes after a sum and needs
its chunk again (deviations from a mean) is another group, in the next phase.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Any, Final

import dask
import dask.array as da
from dask._task_spec import DataNode, GraphNode, Task, TaskRef, convert_legacy_graph, execute_graph
from dask.highlevelgraph import HighLevelGraph

Key = Any
Label = Any

COMMON: Final = "common"
"""The label of what needs no chunk: constants, such as the parameters."""

SEVERAL: Final = "several"
"""The label of what needs more than one."""


def computed_together(arrays: Sequence[Any]) -> Any:
    """The numbers of some of Dask's arrays, all computed at once, chunk by chunk."""
    keys = {key for x in arrays for key in dask.core.flatten(x.__dask_keys__())}
    # not Dask's own optimization, which computes again, in each of the tasks that it makes, what they have in common
    whole = HighLevelGraph.merge(*[x.__dask_graph__() for x in arrays]).cull(keys)
    graph = grouped(convert_legacy_graph(dict(whole)), keys)
    arrays = [da.Array(graph, x.name, x.chunks, meta=x._meta) for x in arrays]
    return dask.compute(*arrays, optimize_graph=False)


def grouped(graph: Mapping[Key, GraphNode], wanted: set[Key]) -> dict[Key, GraphNode]:
    """The graph with the tasks of each chunk, and phase, in one; those of the wanted keys are there as before."""
    labels = labels_of(graph)
    users: dict[Key, list[Key]] = defaultdict(list)
    for key, node in graph.items():
        for needed in node.dependencies:
            users[needed].append(key)
    members: dict[Label, list[Key]] = defaultdict(list)
    for key, label in labels.items():
        if label[0] not in (COMMON, SEVERAL) and not is_data(graph[key]):
            members[label].append(key)
    result = {key: node for key, node in graph.items() if labels[key][0] in (COMMON, SEVERAL) or is_data(node)}
    inside: dict[Key, GraphNode] = {}  # what takes one of a group's results, for the tasks that use it
    for label, group in members.items():
        outputs = [key for key in group if key in wanted or any(labels[user] != label for user in users[key])]
        if len(group) == 1 or not outputs:
            result.update({key: graph[key] for key in group})
            continue
        own = {key: graph[key] for key in group}
        needed = sorted({k for node in own.values() for k in node.dependencies} - own.keys(), key=str)
        name = ("chunkwise-" + dask.base.tokenize(*map(str, outputs)), 0)
        result[name] = Task(name, run_group, own, outputs, needed, *map(TaskRef, needed))
        for n, key in enumerate(outputs):
            inside[key] = Task(key, nth, TaskRef(name), n)
    for_one: dict[Key, list[GraphNode]] = defaultdict(list)
    for key, taking in inside.items():
        outside = [user for user in users[key] if labels[user] != labels[key]]
        if len(outside) == 1 and key not in wanted and type(result.get(outside[0])) is Task:
            for_one[outside[0]].append(taking)
        else:
            result[key] = taking
    for user, takings in for_one.items():
        result[user] = Task.fuse(result[user], *takings, key=user)
    return result


def is_data(node: GraphNode) -> bool:
    """Whether a node is a value, or lies on a worker: nothing is done there."""
    return isinstance(node, DataNode)


def labels_of(graph: Mapping[Key, GraphNode]) -> dict[Key, Label]:
    """For each task the chunk that it needs, and the phase: how many sums over chunks come before it."""
    labels: dict[Key, Label] = {}
    lengths = Counter([key[0] for key in graph if isinstance(key, tuple)])
    for key in TopologicalSorter({key: node.dependencies for key, node in graph.items()}).static_order():
        if key not in graph:
            continue
        node = graph[key]
        before = [labels[k] for k in node.dependencies if k in labels]
        chunks = {chunk for chunk, _ in before} - {COMMON}
        phase = max([phase for _, phase in before], default=0)
        late = max([p for chunk, p in before if chunk == SEVERAL], default=-1)
        if not chunks and late < 0 and isinstance(key, tuple) and lengths[key[0]] > 1:
            chunks = {place(key)}
        own = chunks - {SEVERAL}
        if not chunks:
            labels[key] = (COMMON, 0)
        elif len(own) == 1:
            labels[key] = (own.pop(), max(phase, late + 1))  # a chunk beside what was made of several: the next phase
        else:
            labels[key] = (SEVERAL, phase)
    return labels


def place(key: tuple[Any, ...]) -> Label:
    """Which chunk of an array it is: its place, without the zeros at the end, which are axes that are not cut."""
    last = max([n for n, k in enumerate(key[1:]) if k], default=0)
    return ("chunk", *key[1 : last + 2])


def run_group(own: Mapping[Key, GraphNode], outputs: Sequence[Key], needed: Sequence[Key], *values: Any) -> Any:
    """The results of a group's tasks that others need."""
    graph = {**own, **{key: DataNode(key, value) for key, value in zip(needed, values, strict=True)}}
    results = execute_graph(graph, keys=set(outputs))
    return tuple([results[key] for key in outputs])


def nth(results: tuple[Any, ...], n: int) -> Any:
    """One of a group's results."""
    return results[n]
