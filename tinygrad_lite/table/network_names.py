"""What PyTorch calls otherwise in networks, their training and their data; of functions of arrays, ``foreign`` says it.

Every remedy is a line of Python that runs, with the names that are explained there; ``optimizer`` is one of ``net``'s
parameters, ``X`` and ``y`` are arrays of samples.
"""

from __future__ import annotations

from typing import Final

NN: Final[dict[str, str]] = {
    "AdaptiveMaxPool1d": "tl.nn.MaxPool1d(2)  # of windows of a size, where they all fit",
    "AdaptiveMaxPool2d": "tl.nn.MaxPool2d(2)  # of windows of a size, where they all fit",
    "AlphaDropout": "tl.nn.Dropout(0.5)  # which does not keep the variance; AlphaDropout itself is not here",
    "ConstantPad1d": "tl.nn.functional.pad(t, (1, 1), value=0.5)",
    "ConstantPad2d": "tl.nn.functional.pad(t, (1, 1, 1, 1), value=0.5)",
    "CosineSimilarity": "tl.nn.cosine_similarity(t, u)",
    "DataParallel": "net  # it runs in this process",
    "EmbeddingBag": "tl.nn.Embedding(10, 3)([[0, 2]]).mean(axis=1)",
    "GRUCell": "tl.nn.GRU(3, 4)(t[None])  # of a series of one step",
    "LSTMCell": "tl.nn.LSTM(3, 4)(t[None])  # of a series of one step",
    "LazyLinear": "tl.nn.Linear(3, 2)  # the sizes are said where layers are made",
    "MultiHeadAttention": "tl.nn.MultiheadAttention(8, 2)",
    "MultiLabelMarginLoss": "tl.nn.MultiLabelSoftMarginLoss()  # another loss of several labels; this one is not here",
    "PairwiseDistance": "tl.nn.pairwise_distance(t, u)",
    "ParameterList": "[tl.nn.parameter([1.0, 2.0])]  # the parts of a list are found",
    "PixelShuffle": "np.ones((1, 4, 3, 3)).reshape(1, 1, 2, 2, 3, 3).transpose(0, 1, 4, 2, 5, 3).reshape(1, 1, 6, 6)",
    "RMSNorm": "t / np.sqrt((t * t).mean(axis=-1, keepdims=True) + 1e-7)",
    "RNNCell": "tl.nn.RNN(3, 4)(t[None])  # of a series of one step",
    "ReflectionPad2d": 'tl.nn.functional.pad(t.reshape(1, 1, 3, 3), (1, 1, 1, 1), "reflect")',
    "ReplicationPad2d": 'tl.nn.functional.pad(t.reshape(1, 1, 3, 3), (1, 1, 1, 1), "replicate")',
    "Softmax2d": "tl.nn.Softmax(1)",
    "Softmin": "tl.softmax(-t)",
    "Threshold": "np.where(t > 0.5, t, 0.0)",
    "Transformer": "tl.nn.MultiheadAttention(8, 2)  # which a transformer consists of, with LayerNorm and Linear",
    "TransformerEncoder": "tl.nn.MultiheadAttention(8, 2)  # which it consists of, with LayerNorm and Linear",
    "TransformerEncoderLayer": "tl.nn.MultiheadAttention(8, 2)  # which it consists of, with LayerNorm and Linear",
    "Upsample": "t.reshape(1, 1, 3, 3).repeat(2, 2).repeat(2, 3)  # each pixel twice",
    "UpsamplingNearest2d": "t.reshape(1, 1, 3, 3).repeat(2, 2).repeat(2, 3)  # each pixel twice",
    "ZeroPad2d": "tl.nn.functional.pad(t, (1, 1, 1, 1))",
    "state": "net.state_dict()",
    "utils": "tl.optim.clip_grad_norm(net.parameters(), 1.0)",
}
"""What a part of a network is called in ``tl.nn``."""

FUNCTIONAL: Final[dict[str, str]] = {
    "adaptive_max_pool2d": "tl.max_pool2d(t.reshape(1, 1, 3, 3), 2)  # of windows of a size, where they all fit",
    "alpha_dropout": "tl.nn.functional.dropout(t)  # which does not keep the variance; alpha_dropout is not here",
    "bilinear": 'tl.einsum("ni,oij,nj->no", t, np.ones((2, 3, 3)), u)',
    "cdist": "tl.norm(t[:, None] - u, axis=-1)",
    "embedding_bag": "tl.nn.functional.embedding([[0, 2]], t).mean(axis=1)",
    "gumbel_softmax": "tl.softmax(t + np.random.default_rng(0).gumbel(size=t.shape))",
    "interpolate": "t.reshape(1, 1, 3, 3).repeat(2, 2).repeat(2, 3)  # each pixel twice",
    "leaky_relu_": "tl.leaky_relu(t)",
    "multi_head_attention_forward": "tl.nn.MultiheadAttention(8, 2)",
    "pixel_shuffle": "np.ones((1, 4, 3, 3)).reshape(1, 1, 2, 2, 3, 3).transpose(0, 1, 4, 2, 5, 3).reshape(1, 1, 6, 6)",
    "relu_": "tl.relu(t)",
    "rms_norm": "t / np.sqrt((t * t).mean(axis=-1, keepdims=True) + 1e-7)",
    "softmax_": "tl.softmax(t)",
    "unfold": "tl.sliding_window_view(t.reshape(1, 1, 3, 3), (2, 2), (2, 3))",
    "upsample": "t.reshape(1, 1, 3, 3).repeat(2, 2).repeat(2, 3)  # each pixel twice",
}
"""What a function is called that ``tl.nn.functional`` has not."""

INIT: Final[dict[str, str]] = {
    "dirac_": "tl.nn.init.constant_(w, 0.0)  # and then 1 in the middle of the kernels that hand a channel on",
    "kaiming_normal": "tl.nn.init.he_normal()",
    "kaiming_uniform": "tl.nn.init.he_uniform()",
    "sparse_": "tl.nn.init.normal_(w, 0.0, 0.01)  # and then zeros where there shall be some",
}
"""What is called otherwise in ``tl.nn.init``."""

MODULES: Final[dict[str, str]] = {
    "bfloat16": "tl.nn.Linear(3, 2, dtype=np.float16)  # a dtype is chosen where layers are made",
    "compile": "net  # it runs as it is",
    "cpu": "net  # it is in the computer's memory already",
    "cuda": "net  # it stays in the computer's memory: everything is computed with NumPy",
    "double": "tl.nn.Linear(3, 2, dtype=np.float64)  # a dtype is chosen where layers are made",
    "extra_repr": "net.describe()",
    "float": "tl.nn.Linear(3, 2, dtype=np.float32)  # a dtype is chosen where layers are made",
    "get_buffer": "dict(net.named_buffers())",
    "get_parameter": "dict(net.named_parameters())['weight']",
    "get_submodule": "dict(net.named_modules())['']",
    "half": "tl.nn.Linear(3, 2, dtype=np.float16)  # a dtype is chosen where layers are made",
    "register_backward_hook": "t.register_hook(print)  # on what is computed from the input",
    "register_forward_hook": "net.forward = lambda x, forward=net.forward: [y := forward(x), print(y)][0]",
    "register_forward_pre_hook": "net.forward = lambda x, forward=net.forward: [print(x), forward(x)][1]",
    "register_full_backward_hook": "t.register_hook(print)  # on what is computed from the input",
    "share_memory": "net  # it runs in this process",
    "to": "net  # it stays in the computer's memory; a dtype is chosen where layers are made, as dtype=np.float64",
    "type": "tl.nn.Linear(3, 2, dtype=np.float64)  # a dtype is chosen where layers are made",
}
"""What a module's method is called here."""

OPTIM: Final[dict[str, str]] = {
    "ASGD": "tl.optim.SGD(net.parameters(), 0.1)  # the nearest; another rule is a subclass of tl.optim.Optimizer",
    "Adadelta": "tl.optim.RMSprop(net.parameters())  # the nearest; another rule is a subclass of tl.optim.Optimizer",
    "Adamax": "tl.optim.Adam(net.parameters())  # the nearest; another rule is a subclass of tl.optim.Optimizer",
    "ConstantLR": "tl.optim.Schedule(optimizer, tl.optim.constant())",
    "CosineAnnealingLR": "tl.optim.Schedule(optimizer, tl.optim.cosine(100))",
    "CosineAnnealingWarmRestarts": "tl.optim.Schedule(optimizer, lambda epoch: tl.optim.cosine(10)(epoch % 10))",
    "CyclicLR": "tl.optim.Schedule(optimizer, lambda epoch: 1 - abs(epoch % 10 - 5) / 5)",
    "ExponentialLR": "tl.optim.Schedule(optimizer, tl.optim.step_decay(1, 0.9))",
    "LBFGS": "tl.training.MLPRegressor(solver='lbfgs')",
    "LambdaLR": "tl.optim.Schedule(optimizer, lambda epoch: 0.9**epoch)",
    "LinearLR": "tl.optim.Schedule(optimizer, tl.optim.linear_decay(100))",
    "MultiStepLR": "tl.optim.Schedule(optimizer, lambda epoch: 0.1 ** sum(epoch >= m for m in (30, 80)))",
    "NAdam": "tl.optim.Adam(net.parameters())  # the nearest; another rule is a subclass of tl.optim.Optimizer",
    "OneCycleLR": "tl.optim.Schedule(optimizer, tl.optim.warm_up(10, tl.optim.cosine(90)))",
    "PolynomialLR": "tl.optim.Schedule(optimizer, lambda epoch: max(0, 1 - epoch / 100) ** 2)",
    "RAdam": "tl.optim.Adam(net.parameters())  # the nearest; another rule is a subclass of tl.optim.Optimizer",
    "ReduceLROnPlateau": "setattr(optimizer, 'lr', optimizer.lr / 10)  # where the loss falls no more",
    "Rprop": "tl.optim.RMSprop(net.parameters())  # the nearest; another rule is a subclass of tl.optim.Optimizer",
    "SequentialLR": "tl.optim.Schedule(optimizer, tl.optim.warm_up(10, tl.optim.cosine(90)))",
    "StepLR": "tl.optim.Schedule(optimizer, tl.optim.step_decay(10))",
    "clip_grad_norm_": "tl.optim.clip_grad_norm(net.parameters(), 1.0)",
    "clip_grad_value_": "tl.optim.clip_grad_value(net.parameters(), 1.0)",
    "lr_scheduler": "tl.optim.Schedule(optimizer, tl.optim.cosine(100))",
}
"""What is called otherwise in ``tl.optim``."""

DATA: Final[dict[str, str]] = {
    "BatchSampler": "tl.data.DataLoader((X, y), batch_size=2, sampler=[2, 0, 1])",
    "ConcatDataset": "(np.concatenate([X, X]), np.concatenate([y, y]))",
    "Subset": "(X[[0, 2]], y[[0, 2]])",
    "SubsetRandomSampler": "tl.data.DataLoader((X[[0, 2]], y[[0, 2]]), batch_size=2, shuffle=True)",
    "TensorDataset": "tl.data.DataLoader((X, y), batch_size=2)  # arrays are a data set as they are",
    "collate": "np.stack(list(X))",
    "default_collate": "np.stack(list(X))",
    "random_split": "tl.data.train_test_split(X, y, test_size=1)",
}
"""What is called otherwise in ``tl.data``."""

TRAINING: Final[dict[str, str]] = DATA | {
    "DataLoader": "tl.data.DataLoader((X, y), batch_size=2)",
}
"""What is called otherwise in ``tl.training``."""
