"""The tasks. Each has a TITLE, CONTESTANTS by name, and races()."""

from types import ModuleType

from . import chain, conv2d, growth, hessian, importing, jacobian, memory, mlp, scalars

TASKS: dict[str, ModuleType] = {
    "mlp": mlp,
    "conv2d": conv2d,
    "memory": memory,
    "scalars": scalars,
    "chain": chain,
    "jacobian": jacobian,
    "hessian": hessian,
    "import": importing,
    "growth": growth,
}
