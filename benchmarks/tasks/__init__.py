"""The tasks. Each has a TITLE, CONTESTANTS by name, and races()."""

from types import ModuleType

from . import chain, growth, hessian, importing, jacobian, memory, mlp, scalars

TASKS: dict[str, ModuleType] = {
    "mlp": mlp,
    "memory": memory,
    "scalars": scalars,
    "chain": chain,
    "jacobian": jacobian,
    "hessian": hessian,
    "import": importing,
    "growth": growth,
}
