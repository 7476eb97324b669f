"""What PyTorch, tinygrad, JAX and HIPS autograd call otherwise, and what it is called here.

Names that mean the same stay errors, for there is one name for one thing; but the error says which. Every remedy is a
line of Python that runs, where ``t`` and ``u`` are Tensors, ``w`` is a leaf, ``f`` a function of one, ``net`` a module,
``mask`` and ``index`` are arrays of booleans and of integers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import update_wrapper
from typing import Any, Final, NoReturn

import numpy as np

from .doors import among, each
from .ducks import DuckArray, handed_back
from .naming_errors import name_operation
from .primitive import Primitive

SAME = {
    "acos": "tl.arccos(t)",
    "acosh": "tl.arccosh(t + 1)",
    "addmm": "t + u @ u",
    "asin": "tl.arcsin(t)",
    "asinh": "tl.arcsinh(t)",
    "atan": "tl.arctan(t)",
    "atan2": "tl.arctan2(t, u)",
    "atanh": "tl.arctanh(t)",
    "bmm": "t @ u",
    "cat": "tl.concatenate([t, u], axis=0)",
    "chunk": "tl.array_split(t, 2)",
    "clamp": "tl.clip(t, 0, 1)",
    "clamp_max": "tl.clip(t, max=1)",
    "clamp_min": "tl.clip(t, min=0)",
    "clone": "tl.copy(t)",
    "concat": "tl.concatenate([t, u], axis=0)",
    "cosine_similarity": "tl.nn.cosine_similarity(t, u)",
    "dist": "tl.norm(t - u)",
    "div": "t / u",
    "dropout": "tl.nn.Dropout(0.5)(t)",
    "eq": "t == u",
    "equal": "(t == u).all()",
    "expand": "tl.broadcast_to(t, (2, 3, 3))",
    "expand_as": "tl.broadcast_to(t, u.shape)",
    "eye": "tl.tensor(np.eye(3))",
    "frac": "t - tl.trunc(t)",
    "full": "tl.tensor(np.full((2, 3), 0.5))",
    "full_like": "tl.tensor(np.full(t.shape, 0.5))",
    "gather": "tl.take_along_axis(t, index, 1)",
    "ge": "t >= u",
    "gt": "t > u",
    "index_select": "tl.take(t, [0, 2], 0)",
    "inverse": "tl.inv(t)",
    "isfinite": "np.isfinite(t)",
    "isinf": "np.isinf(t)",
    "isnan": "np.isnan(t)",
    "le": "t <= u",
    "lerp": "t + 0.5 * (u - t)",
    "logit": "tl.log(t / (1 - t))",
    "lt": "t < u",
    "manual_seed": "tl.nn.Linear(3, 2, rng=0)  # seeds are handed to what draws; there is no global state",
    "masked_fill": "tl.where(mask, 0.0, t)",
    "masked_select": "t[mask]",
    "mm": "t @ u",
    "movedim": "tl.moveaxis(t, 0, 1)",
    "mul": "t * u",
    "mv": "t @ u",
    "narrow": "t[:, 0:2]",
    "ne": "t != u",
    "neg": "-t",
    "numel": "t.size",
    "one_hot": "tl.nn.one_hot([0, 2], 3)",
    "ones": "tl.tensor(np.ones((2, 3)))",
    "ones_like": "tl.tensor(np.ones(t.shape))",
    "permute": "tl.transpose(t, (1, 0))",
    "rand": "tl.tensor(np.random.default_rng(0).random((2, 3)))",
    "randint": "tl.tensor(np.random.default_rng(0).integers(10, size=(2, 3)))",
    "randn": "tl.tensor(np.random.default_rng(0).normal(size=(2, 3)))",
    "repeat_interleave": "tl.repeat(t, 2, 0)",
    "rsqrt": "1 / tl.sqrt(t)",
    "rsub": "u - t",
    "sgn": "tl.sign(t)",
    "sub": "t - u",
    "swapdims": "tl.swapaxes(t, 0, 1)",
    "swish": "tl.silu(t)",
    "t": "t.T",
    "tensor_split": "tl.array_split(t, 2)",
    "topk": "tl.take_along_axis(t, np.argsort(-t.data, axis=-1)[..., :2], -1)",
    "true_divide": "t / u",
    "unbind": "list(t)",
    "unsqueeze": "tl.expand_dims(t, 0)",
    "view": "tl.reshape(t, (-1, 3))",
    "zeros": "tl.tensor(np.zeros((2, 3)))",
    "zeros_like": "tl.tensor(np.zeros(t.shape))",
}
"""Functions elsewhere and methods elsewhere."""

METHODS: Final[dict[str, str]] = SAME | {
    "H": "t.T",
    "addcdiv": "t + 0.5 * (u / u)",
    "addcmul": "t + 0.5 * (u * u)",
    "allclose": "np.allclose(t.data, u.data)",
    "assign": "w.data = u.data",
    "at": "tl.where(mask, 0.0, t)  # a new Tensor with other entries",
    "avg_pool2d": "tl.avg_pool2d(t.reshape(1, 1, 3, 3), 2)",
    "base": "t.data.base",
    "bfloat16": "t.astype(np.float16)  # NumPy has no bfloat16",
    "binary_crossentropy": "tl.binary_cross_entropy(t, u)",
    "block_until_ready": "t  # it is computed already",
    "bool": "t.astype(bool)",
    "byte": "t.astype(np.uint8)",
    "byteswap": "t.data.byteswap()",
    "clamp": "t.clip(0, 1)",
    "clamp_max": "t.clip(max=1)",
    "clamp_min": "t.clip(min=0)",
    "contiguous": "t  # how it lies in memory makes no difference",
    "conv2d": "tl.conv2d(t.reshape(1, 1, 3, 3), u.reshape(1, 1, 3, 3))",
    "count_nonzero": "np.count_nonzero(t.data)",
    "cpu": "t  # it is in the computer's memory already",
    "cross_entropy": "tl.cross_entropy(t, [0, 2, 1])",
    "ctypes": "t.data.ctypes",
    "cuda": "t  # it stays in the computer's memory: everything is computed with NumPy",
    "data_ptr": "t.data.ctypes.data",
    "device": "t.data  # NumPy's array, in the computer's memory",
    "dim": "t.ndim",
    "double": "t.astype(np.float64)",
    "dump": "t.detach()  # which pickle.dumps takes",
    "dumps": "t.detach()  # which pickle.dumps takes",
    "einsum": 'tl.einsum("ij,jk->ik", t, u)',
    "element_size": "t.dtype.itemsize",
    "fix": "tl.trunc(t)",
    "fliplr": "tl.fliplr(t)",
    "flipud": "tl.flipud(t)",
    "float": "t.astype(np.float32)",
    "getfield": "t.data.getfield(np.float32)",
    "grad_fn": "t.made_by",
    "half": "t.astype(np.float16)",
    "int": "t.astype(np.int32)",
    "is_contiguous": "t.data.flags.c_contiguous",
    "is_cuda": "t.data  # NumPy's array, in the computer's memory",
    "is_floating_point": 't.dtype.kind == "f"',
    "kaiming_uniform": "tl.nn.init.he_uniform()  # how nn.Linear(3, 2, init=…) draws its weights",
    "lazydata": "t.data  # computed already",
    "linear": "tl.linear(t, u)",
    "long": "t.astype(np.int64)",
    "mH": "t.mT",
    "max_pool2d": "tl.max_pool2d(t.reshape(1, 1, 3, 3), 2)",
    "ndimension": "t.ndim",
    "nelement": "t.size",
    "new_ones": "tl.tensor(np.ones((2, 3), t.dtype))",
    "new_tensor": "tl.tensor([1.0, 2.0], dtype=t.dtype)",
    "new_zeros": "tl.tensor(np.zeros((2, 3), t.dtype))",
    "pad": "tl.pad(t, 1)",
    "pad2d": "tl.pad(t, 1)",
    "permute": "t.transpose(1, 0)",
    "realize": "t  # it is computed already",
    "reshape_as": "t.reshape(u.shape)",
    "resize": "tl.resize(t, (2, 2))  # another Tensor",
    "retain_grad": "tl.grad(lambda y: f(y))(t)  # a function of what the gradient is wanted for",
    "rot90": "tl.rot90(t)",
    "scatter": "tl.where(mask, 0.0, t)",
    "select": "t[:, 0]",
    "setfield": "t = t + u  # or, in place, t += u and t[...] = u; a leaf's value within no_grad()",
    "setflags": "t.detach()  # a constant; a leaf that requires a gradient is not written to outside no_grad()",
    "short": "t.astype(np.int16)",
    "sparse_categorical_crossentropy": "tl.cross_entropy(t, [0, 2, 1])",
    "stack": "tl.stack([t, u])",
    "storage": "t.data",
    "stride": "t.data.strides",
    "strides": "t.data.strides",
    "tensordot": "tl.tensordot(t, u, 1)",
    "to": "t.astype(np.float32)  # in the computer's memory, where everything is",
    "to_device": "t  # it is in the computer's memory already",
    "tobytes": "t.data.tobytes()",
    "tofile": "t.data.tobytes()  # to be written to a file",
    "tostring": "t.data.tobytes()",
    "type": "t.astype(np.float32)",
    "type_as": "t.astype(u.dtype)",
    "unfold": "tl.sliding_window_view(t, 2, axis=1)",
    "uniform": "tl.tensor(np.random.default_rng(0).uniform(size=(2, 3)))",
    "unsqueeze": "t.expand_dims(0)",
    "view": "t.reshape(-1, 3)  # of another shape; of another dtype, t.astype(np.float32), which converts the numbers",
    "view_as": "t.reshape(u.shape)",
    "where": "tl.where(mask, t, u)",
}
"""What a Tensor's method or attribute is called here."""

IN_PLACE = "t = t + u  # or, in place, t += u and t[...] = u; a leaf's value within no_grad()"

for name in (
    *("abs_", "add_", "bernoulli_", "ceil_", "clamp_", "clip_", "copy_", "div_", "exp_", "exponential_", "fill_"),
    *("floor_", "index_add_", "index_copy_", "index_fill_", "index_put_", "itemset", "log_", "masked_fill_"),
    *("mul_", "neg_", "normal_", "pow_", "random_", "relu_", "resize_", "round_", "scatter_", "scatter_add_"),
    *("sigmoid_", "softmax_", "sqrt_", "squeeze_", "sub_", "t_", "tanh_", "transpose_", "uniform_", "unsqueeze_"),
    "zero_",
):
    METHODS[name] = IN_PLACE
for name in (
    *("celu", "elu", "gelu", "glu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "logsigmoid"),
    *("mish", "relu6", "selu", "silu", "softplus", "softshrink", "softsign", "tanhshrink"),
):
    METHODS[name] = f"tl.{name}(t)"
METHODS["glu"] = "tl.glu(t[:, :2])"
METHODS["detach_"] = "t.detach()"
METHODS["requires_grad_"] = "w.requires_grad = True"

OWN_RULE = "tl.primitive(np.sin, x=lambda g, x: g * np.cos(x))  # or, above a function, @tl.primitive(x=…)"

FUNCTIONS: Final[dict[str, str]] = SAME | {
    "Adam": "tl.optim.Adam(net.parameters())",
    "F": "tl.nn.functional",
    "Function": OWN_RULE,
    "Linear": "tl.nn.Linear(3, 2)",
    "Module": "tl.nn.Module",
    "Parameter": "tl.nn.Parameter([1.0, 2.0])",
    "SGD": "tl.optim.SGD(net.parameters(), 0.1)",
    "Variable": "tl.tensor([1.0, 2.0], requires_grad=True)",
    "all": "np.all(t)",
    "any": "np.any(t)",
    "arange": "tl.tensor(np.arange(3.0))",
    "argmax": "np.argmax(t)",
    "argmin": "np.argmin(t)",
    "argsort": "np.argsort(t)",
    "array": "tl.tensor([1.0, 2.0])",
    "as_tensor": "tl.Tensor(np.ones(3))  # of the same memory",
    "asarray": "tl.Tensor(np.ones(3))  # of the same memory",
    "autograd": "tl.grad(f)(t)",
    "backward": "f(w).backward()",
    "check_grads": "tl.check_gradients(f, t)",
    "cuda": "t  # it stays in the computer's memory: everything is computed with NumPy",
    "custom_gradient": OWN_RULE,
    "custom_jvp": OWN_RULE,
    "custom_vjp": OWN_RULE,
    "defvjp": OWN_RULE,
    "device": "t  # it is in the computer's memory, where everything is",
    "elementwise_grad": "tl.grad(lambda x: tl.sum(tl.tanh(x)))(t)",
    "empty": "tl.tensor(np.zeros((2, 3)))",
    "enable_grad": "tl.no_grad()  # outside of which everything is recorded",
    "fit": "tl.training.fit",
    "FloatTensor": "tl.tensor([1.0, 2.0], dtype=np.float32)",
    "LongTensor": "np.array([0, 1])",
    "float32": "np.float32",
    "float64": "np.float64",
    "fori_loop": "[f(row) for row in t]  # Python's own branches and loops are recorded",
    "from_numpy": "tl.Tensor(np.ones(3))  # of the same memory",
    "func": "tl.grad(f)(t)",
    "functional": "tl.nn.functional",
    "grad_and_value": "tl.value_and_grad(f)(t)",
    "gradcheck": "tl.check_gradients(f, t)",
    "hessian_vector_product": "tl.hvp(f)(t, u)",
    "holomorphic_grad": "tl.jacobian(f)(t)",
    "inference_mode": "tl.no_grad()",
    "int32": "np.int32",
    "int64": "np.int64",
    "is_tensor": "isinstance(t, tl.Tensor)",
    "jacfwd": "tl.jacobian(f)(t)",
    "jacrev": "tl.jacobian(f)(t)",
    "jit": "f  # it runs as it is",
    "lax": "[f(row) for row in t]  # Python's own branches and loops are recorded",
    "linalg": "np.linalg.norm(t)",
    "load": "tl.saving.load",
    "long": "np.int64",
    "make_hvp": "tl.hvp(f)(t, u)",
    "make_jvp": "tl.jvp(f, (t,), (u,))",
    "make_vjp": "tl.vjp(f, t)",
    "mse_loss": "tl.nn.mse_loss(t, u)",
    "nll_loss": "tl.nn.nll_loss(t, [0, 2, 1])",
    "parameter": "tl.nn.parameter([1.0, 2.0])",
    "random": "tl.tensor(np.random.default_rng(0).normal(size=(2, 3)))",
    "save": "tl.saving.save",
    "scan": "[f(row) for row in t]  # Python's own branches and loops are recorded",
    "set_detect_anomaly": "tl.detect_anomaly()",
    "set_default_dtype": "tl.nn.Linear(3, 2, dtype=np.float64)  # a dtype is chosen where layers are made",
    "set_grad_enabled": "tl.no_grad()",
    "stop_gradient": "t.detach()",
    "utils": "tl.data.DataLoader",
    "vmap": "tl.stack([f(row) for row in t])",
}
"""What a function of a library is called here."""

KEYWORDS: Final[dict[str, str]] = {
    "axes": "axis",
    "correction": "ddof",
    "dim": "axis",
    "dim0": "axis1",
    "dim1": "axis2",
    "dims": "axis",
    "keep_dims": "keepdims",
    "keepdim": "keepdims",
    "num_classes": "classes",
    "p": "ord",
}
"""What a keyword is called here."""

TAKE_OUT: Final = ("choose", "clip", "dot", "round", "take")
"""Methods of ndarray's that take ``out=`` and no axis."""


MAY_BE_ELSEWHERE: Final = frozenset({DuckArray, tuple, list})
"""Types of results in which there may be arrays of other libraries as rules see them, which go back as they came."""

POSITIONS: Final[dict[str, tuple[str, ...]]] = {
    "choose": ("choices", "out", "mode"),
    "cumprod": ("axis", "dtype", "out"),
    "cumsum": ("axis", "dtype", "out"),
    "dot": ("b", "out"),
    "max": ("axis", "out"),
    "mean": ("axis", "dtype", "out"),
    "min": ("axis", "out"),
    "prod": ("axis", "dtype", "out"),
    "round": ("decimals", "out"),
    "std": ("axis", "dtype", "out", "ddof"),
    "sum": ("axis", "dtype", "out"),
    "take": ("indices", "axis", "out", "mode"),
    "trace": ("offset", "axis1", "axis2", "dtype", "out"),
    "var": ("axis", "dtype", "out", "ddof"),
}
"""The order of arguments of NumPy's methods, where some are taken by name alone here."""


def absent(where: str, name: str, remedies: Mapping[str, str]) -> AttributeError:
    """The error for a name that is not here: with the remedy, where it is known."""
    if name not in remedies:
        return AttributeError(f"{where} has no attribute {name!r}")
    return AttributeError(f"{where} has no {name}; here it is: {remedies[name]}")


def with_keywords_explained(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """A public function that says what a keyword from elsewhere is called here; itself where it has no such keyword.

    ``out=`` is written to, as by NumPy's methods.

    Asked only once Python has refused the call, so that a call that is right pays for a frame and nothing else.
    """
    if isinstance(function, Primitive):
        return function
    code = function.__code__
    taken = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    renamed = {other: ours for other, ours in KEYWORDS.items() if ours in taken and other not in taken}
    if not renamed and name not in TAKE_OUT:
        return function

    order = POSITIONS.get(name, ())

    def public(*args: Any, **kwargs: Any) -> Any:
        try:
            y = function(*args, **kwargs)
            return y if type(y) not in MAY_BE_ELSEWHERE or among((args, *kwargs.values())) else each(handed_back, y)
        except (ValueError, IndexError) as error:
            name_operation(error, name)
            raise
        except TypeError as error:
            if 1 < len(args) <= len(order) + 1 and (len(args) > code.co_argcount or "out" in kwargs):
                given = dict(zip(order, args[1:], strict=False)) | kwargs
                return public(args[0], **{key: value for key, value in given.items() if value is not None})
            if kwargs.get("out") is not None:
                out = kwargs.pop("out")
                result = function(*args, **kwargs)
                if np.shape(out) != np.shape(result):
                    raise ValueError(
                        f"{name}: a result of shape {np.shape(result)}, and out= of {np.shape(out)}"
                    ) from None
                np.copyto(out, result)
                return out
            for other in kwargs:
                if other in renamed:
                    raise TypeError(f"{name}: takes no {other}=; here it is {renamed[other]}=") from None
            name_operation(error, name)
            raise

    update_wrapper(public, function)
    public.__module__, public.__qualname__ = __name__.partition(".")[0], name  # where pickle finds it
    return public


# ---------------------------------------------------------------------------------------------------------------------
# As attributes


class NotHere:
    """A name of another library: asking for it raises AttributeError, which says what to write.

    A descriptor, for ``__getattr__`` would slow down every attribute.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type) -> NoReturn:
        raise absent("a Tensor", self.name, METHODS)


class OwnNames(type):
    """The type of classes that know names from elsewhere and do not list them."""

    def __dir__(cls) -> list[str]:
        return own_names(cls, super().__dir__())


class Elsewhere(metaclass=OwnNames):
    """Base class of Tensor: the names that its methods and attributes have elsewhere."""

    __slots__ = ()

    def __dir__(self) -> list[str]:
        return own_names(type(self), super().__dir__())


def own_names(cls: type, names: Iterable[str]) -> list[str]:
    """The names, but for those that a class knows from elsewhere."""
    known = {name: value for base in reversed(cls.__mro__) for name, value in vars(base).items()}
    return [name for name in names if not isinstance(known.get(name), NotHere)]


for name in METHODS:
    setattr(Elsewhere, name, NotHere(name))
