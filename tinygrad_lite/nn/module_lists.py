"""Modules that hold modules: ModuleList, Sequential, ModuleDict."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any, Self, overload

from .module import Module, hold


def held(module: Module) -> dict[str, Module]:
    """The modules that are attributes of a module, by name, in order."""
    return {name: x for name, x in vars(module).items() if isinstance(x, Module)}


def checked_modules(what: str, modules: Iterable[Any]) -> list[Module]:
    """A list of modules; raises TypeError for anything else."""
    modules = list(modules)
    for k, module in enumerate(modules):
        if not isinstance(module, Module):
            raise TypeError(f"{what}: takes modules; number {k} is of type {type(module).__name__}{hint_for(module)}")
    return modules


def hint_for(given: Any) -> str:
    """What to write in place of what is no module."""
    if isinstance(given, Iterable):
        return "; write a star before a list: nn.Sequential(*layers)"
    return "; activations are modules here, as nn.ReLU()" if callable(given) else ""


class ModuleList(Module):
    """A list of modules, whose parameters are named 0.weight, 1.weight, …

    A plain list that is an attribute of a module does as well; this one is a module itself.

    >>> layers = nn.ModuleList([nn.Linear(2, 3, rng=0), nn.Tanh()])
    >>> layers.append(nn.Linear(3, 1, rng=1))
    ModuleList(): 13 parameters
      (0) Linear(2, 3): weight (3, 2), bias (3,), 9 parameters
      (1) Tanh()
      (2) Linear(3, 1): weight (1, 3), bias (1,), 4 parameters
    >>> len(layers), type(layers[-1]).__name__, list(layers[1:].state_dict())
    (3, 'Linear', ['1.weight', '1.bias'])
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        self.extend(modules)

    def renew(self, modules: list[Module]) -> Self:
        """Hold these modules, numbered from 0, in place of others; returns itself."""
        checked_modules(type(self).__name__, modules)
        for name in held(self):
            delattr(self, name)
        return self.extend(modules)

    def extend(self, modules: Iterable[Module]) -> Self:
        """Hold more, at the end; returns itself."""
        first = len(self)
        more = {str(first + k): x for k, x in enumerate(checked_modules(type(self).__name__, modules))}
        taken = more.keys() & held(self).keys()
        if taken:
            raise ValueError(f"{type(self).__name__}: a part is named {min(taken)!r} already")
        for name, module in more.items():
            setattr(self, name, module)
        return self

    def append(self, module: Module) -> Self:
        """Hold one more, at the end; returns itself."""
        return self.extend([module])

    def insert(self, index: int, module: Module) -> Self:
        """Hold one more, before the one at ``index``; returns itself."""
        modules = list(self)
        modules.insert(index, module)
        return self.renew(modules)

    def pop(self, index: int = -1) -> Module:
        """Hold one less, the last or another; returns it."""
        taken = self[index]
        del self[index]
        return taken

    def __iter__(self) -> Iterator[Module]:
        return iter(held(self).values())

    def __len__(self) -> int:
        return len(held(self))

    @overload
    def __getitem__(self, index: int) -> Module: ...

    @overload
    def __getitem__(self, index: slice) -> Self: ...

    def __getitem__(self, index: int | slice) -> Module | Self:
        modules = list(self)[index]
        if isinstance(modules, Module):
            return modules
        part = type(self).__new__(type(self))
        part.training = self.training
        return part.extend(modules)

    def __setitem__(self, index: int, module: Module) -> None:
        checked_modules(type(self).__name__, [module])
        setattr(self, list(held(self))[index], module)

    def __delitem__(self, index: int | slice) -> None:
        modules = list(self)
        del modules[index]
        self.renew(modules)


class Sequential(ModuleList):
    """Modules one after the other; their parameters are named 0.weight, 1.weight, …

    >>> net = nn.Sequential(nn.Linear(3, 4, rng=0), nn.Tanh(), nn.Linear(4, 2, rng=1))
    >>> net
    Sequential(): 26 parameters
      (0) Linear(3, 4): weight (4, 3), bias (4,), 16 parameters
      (1) Tanh()
      (2) Linear(4, 2): weight (2, 4), bias (2,), 10 parameters
    >>> list(net.state_dict())
    ['0.weight', '0.bias', '2.weight', '2.bias']

    A dict in place of them gives names:

    >>> list(nn.Sequential({"first": nn.Linear(3, 4, rng=0), "sigma": nn.Tanh()}).state_dict())
    ['first.weight', 'first.bias']
    """

    def __init__(self, *layers: Module | Mapping[str, Module]) -> None:
        named = layers[0] if len(layers) == 1 else None
        if isinstance(named, Mapping):
            for name, module in zip(named, checked_modules("Sequential", named.values()), strict=True):
                hold(self, "Sequential", name, module, Module)
        else:
            super().__init__(layers)  # type: ignore[arg-type]

    def forward(self, x: Any) -> Any:
        for layer in self:
            x = layer(x)
        return x


class ModuleDict(Module):
    """Modules by name, whose parameters are named after them; in the order in which they came.

    Raises TypeError for what is no module, ValueError for a name with a dot, one that begins with an underscore, and
    one that a module has already (``forward``).

    >>> heads = nn.ModuleDict({"mean": nn.Linear(2, 1, rng=0)})
    >>> heads["spread"] = nn.Linear(2, 1, rng=1)
    >>> list(heads), "mean" in heads, list(heads.state_dict())
    (['mean', 'spread'], True, ['mean.weight', 'mean.bias', 'spread.weight', 'spread.bias'])
    """

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] = ()) -> None:
        self.update(modules)

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Hold more modules; of a name that it has, another."""
        for name, module in dict(modules).items():
            self[name] = module

    def pop(self, name: str) -> Module:
        """Hold one less; returns it."""
        taken = self[name]
        delattr(self, name)
        return taken

    def keys(self) -> KeysView[str]:
        """The names."""
        return held(self).keys()

    def values(self) -> ValuesView[Module]:
        """The modules."""
        return held(self).values()

    def items(self) -> ItemsView[str, Module]:
        """Names with modules."""
        return held(self).items()

    def __getitem__(self, name: str) -> Module:
        return held(self)[name]

    def __setitem__(self, name: str, module: Module) -> None:
        if not isinstance(module, Module):
            raise TypeError(f"ModuleDict: takes modules; {name!r} is of type {type(module).__name__}")
        hold(self, "ModuleDict", name, module, Module)

    def __delitem__(self, name: str) -> None:
        self.pop(name)

    def __contains__(self, name: object) -> bool:
        return name in held(self)

    def __iter__(self) -> Iterator[str]:
        return iter(held(self))

    def __len__(self) -> int:
        return len(held(self))
