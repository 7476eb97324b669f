"""The tasks. Each has a TITLE, CONTESTANTS by name, and races()."""

from types import ModuleType

from . import (
    chain,
    cluster,
    conv2d,
    decompositions,
    digits,
    fft,
    growth,
    hessian,
    importing,
    jacobian,
    memory,
    mlp,
    optimizer,
    scalars,
    tables,
    writing,
)

TASKS: dict[str, ModuleType] = {
    "mlp": mlp,
    "conv2d": conv2d,
    "optimizer": optimizer,
    "digits": digits,
    "table": tables,
    "memory": memory,
    "scalars": scalars,
    "writing": writing,
    "chain": chain,
    "linalg": decompositions,
    "fft": fft,
    "jacobian": jacobian,
    "hessian": hessian,
    "import": importing,
    "growth": growth,
    "cluster": cluster,
}
