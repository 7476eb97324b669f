"""Training on Dask's chunks: the same as in memory, whoever computes it, and whoever dies meanwhile."""

import builtins
import json
import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn, optim
from tinygrad_lite.training import Callback, DivergedError, fit, predict

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")
da = pytest.importorskip("dask.array")

from tinygrad_lite.training import chunking, travelling  # noqa: E402

from .interruptions import Stop  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:Running on a single-machine scheduler")  # as Dask of 2025 says

RNG = np.random.default_rng(0)
X = RNG.standard_normal((96, 4)).astype(np.float32)
Y = (X[:, 0] + X[:, 1] ** 2 > 0.7).astype(int)
W = RNG.uniform(0.5, 2, 96)


@pytest.fixture(autouse=True)
def here():
    """Tasks run one after the other in this process, unless a test asks for workers."""
    with dask.config.set(scheduler="synchronous"):
        yield


@pytest.fixture(scope="module")
def workers():
    """Two processes, of which a nanny makes another when one dies."""
    with (
        dask.config.set({"distributed.comm.retry.count": 3, "distributed.worker.memory.terminate": False}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", memory_limit=0
        ) as local,
        distributed.Client(local) as client,
    ):
        yield client


def network(seed=0, **options):
    return nn.MLP([4, 8, 2], "tanh", rng=seed, **options)


def with_dropout():
    return nn.Sequential(nn.Linear(4, 8, rng=0), nn.Dropout(0.3, rng=5), nn.Tanh(), nn.Linear(8, 2, rng=1))


def normalized():
    return nn.Sequential(nn.Linear(4, 8, rng=0), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, 2, rng=1))


def quietly(model, x=X, y=Y, **options):
    settings = {"progress": False, "rng": 0, "epochs": 3, "batch_size": 24, "shuffle": False}
    return fit(model, x, y, **{**settings, **options})


def in_pieces(rows, *arrays):
    return [da.from_array(a, chunks=(rows, *a.shape[1:])) for a in arrays]


def state(model):
    return {name: x.tobytes() for name, x in model.state_dict().items()}


def figures(history):
    found = history.to_dict()
    del found["seconds"]
    return found


def generators(model):
    return [repr(g.bit_generator.state) for _, g in model.named_generators()]


def assert_same(make, x=X, y=Y, rows=24, weights=None, **options):
    """In chunks as in memory, bit for bit."""
    ours, theirs = make(), make()
    extra = {} if weights is None else {"sample_weight": weights}
    expected = quietly(ours, x, y, **extra, **options)
    found = quietly(theirs, *in_pieces(rows, x, y), **extra, **options)
    assert state(theirs) == state(ours)
    assert generators(theirs) == generators(ours)
    if weights is None:
        assert figures(found) == figures(expected)
    return found


def assert_near(make, rows, **options):
    ours, theirs = make(), make()
    expected = quietly(ours, **options)
    found = quietly(theirs, *in_pieces(rows, X, Y), **options)
    for a, b in zip(theirs.state_dict().values(), ours.state_dict().values(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.loss, expected.loss, rtol=1e-5)
    return theirs, ours


# ---------------------------------------------------------------------------------------------------------------------
# As in memory


SETTINGS = {
    "defaults": {},
    "parts of chunks": {"batch_size": 8},
    "uneven": {"batch_size": 10, "rows": 60},
    "as printed": {"update": "epoch"},
    "penalty": {"alpha": 0.1},
    "clipped": {"clip_norm": 0.05},
    "patience": {"patience": 1, "lr": 3.0, "epochs": 9},
    "schedule": {"schedule": optim.warm_up(2, optim.cosine(3))},
    "mean squares": {"loss": "mse"},
    "own loss": {"loss": lambda outputs, y: nn.cross_entropy(outputs, y, label_smoothing=0.1)},
    "weights": {"weights": W},
    "weights of zero": {"weights": np.where(np.arange(96) % 3, W, 0), "batch_size": 16},
    "validation": {"validation": (X[:20], Y[:20]), "patience": 2},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_batch_in_one_chunk_is_that_in_memory_bit_for_bit(name):
    assert_same(network, **SETTINGS[name])


@pytest.mark.parametrize("make", [with_dropout, normalized], ids=["dropout", "batch normalization"])
@pytest.mark.parametrize("rows", [24, 7], ids=["one chunk", "joined"])
def test_layers_with_state(make, rows):
    """A batch that cannot be taken apart is brought together."""
    assert_same(make, rows=rows)


def test_float64_and_other_optimizers():
    def make():
        return network(dtype=np.float64)

    ours, theirs = make(), make()
    for model, data in ((ours, (X, Y)), (theirs, in_pieces(24, X, Y))):
        quietly(model, *data, optimizer=optim.SGD(model.parameters(), 0.1, momentum=0.9, weight_decay=0.01))
    assert state(ours) == state(theirs)


@pytest.mark.parametrize("options", [{}, {"alpha": 0.1, "batch_size": 48}, {"sample_weight": W}, {"batch_size": 96}])
def test_a_batch_in_several_chunks_is_the_mean_of_theirs(options):
    theirs, ours = assert_near(network, 7, **options)
    assert state(theirs) != state(ours)  # else the chunks were joined


def test_what_comes_apart():
    few = X[:16], Y[:16], None
    model = network()
    goals = {
        "mean": lambda a, y: nn.cross_entropy(a, y),
        "sum": lambda a, y: nn.cross_entropy(a, y, reduction="sum"),
        "pairs": lambda a, y: np.square(a[:, None] - a[None]).mean(),
    }

    def apart(model, loss, rows=few):
        goal = tl.training.objective.objective(model, loss)
        return travelling.takes_apart(travelling.Work(model, goal, loss, []), rows)

    assert {name: apart(model, loss) for name, loss in goals.items()} == {"mean": True, "sum": False, "pairs": False}
    assert not apart(with_dropout(), goals["mean"])
    assert not apart(normalized(), goals["mean"])
    assert not apart(model, goals["mean"], (np.ones_like(few[0]), *few[1:]))  # of which any part is as the whole
    assert all(p.grad is None for p in model.parameters())


def test_a_module_of_ones_own_that_notes_what_it_saw():
    class Noting(nn.Module):
        def __init__(self):
            self.inner = nn.Linear(4, 2, rng=0)
            self.seen, self.largest = 0, np.zeros(4, np.float32)

        def forward(self, x):
            self.seen += len(x)
            self.largest = np.maximum(self.largest, np.max(np.asarray(x), axis=0))
            return self.inner(x)

    ours, theirs = Noting(), Noting()
    quietly(ours)
    quietly(theirs, *in_pieces(24, X, Y))
    assert theirs.seen == ours.seen
    np.testing.assert_array_equal(theirs.largest, ours.largest)
    assert state(theirs) == state(ours)


def test_parameters_that_the_loss_alone_has():
    found = []
    for data in ((X, Y), in_pieces(24, X, Y)):
        model, heat = network(), nn.parameter(np.ones(1, np.float32))
        optimizer = optim.SGD([*model.parameters(), heat], 0.1)
        quietly(model, *data, optimizer=optimizer, loss=lambda a, y, heat=heat: nn.cross_entropy(a * heat, y))
        found.append((state(model), heat.data.item()))
    assert found[0] == found[1]
    assert found[0][1] != 1


def test_frozen_and_unused_parameters_stay():
    model = network()
    next(model.parameters()).requires_grad = False
    model.unused = nn.parameter(np.ones(3, np.float32))
    before = state(model)
    quietly(model, *in_pieces(7, X, Y))
    after = state(model)
    assert [name for name in before if before[name] == after[name]] == ["unused", "layers.0.weight"]


def test_callbacks_see_the_run_and_can_stop_it():
    seen = []

    class Watch(Callback):
        def on_batch(self, run):
            seen.append((run.epoch, run.batch, run.batches, run.samples, len(run.train)))
            if len(seen) == 5:
                run.stop = "enough"

    history = quietly(network(), *in_pieces(24, X, Y), callbacks=[Watch()])
    assert history.stopped == "enough"
    assert seen == [
        (0, 1, 4, 24, 96),
        (0, 2, 4, 48, 96),
        (0, 3, 4, 72, 96),
        (0, 4, 4, 96, 96),
        (1, 1, 4, 120, 96),
    ]


def test_series_and_images_and_rows_of_targets():
    images = RNG.standard_normal((40, 1, 6, 6)).astype(np.float32)
    rows = RNG.standard_normal((40, 3)).astype(np.float32)

    def make():
        return nn.Sequential(nn.Conv2d(1, 2, 3, rng=0), nn.ReLU(), nn.Flatten(), nn.Linear(32, 3, rng=1))

    assert_same(make, images, rows, rows=20, batch_size=20)
    model = make()
    quietly(model, da.from_array(images, chunks=(9, 1, 3, 6)), da.from_array(rows, chunks=(40, 1)), batch_size=20)


# ---------------------------------------------------------------------------------------------------------------------
# In an order that is drawn


def test_shuffled_it_is_the_run_in_memory_on_rows_in_that_order():
    drawn = []

    class Orders(Callback):
        def on_begin(self, run):
            inner = run.train.cuts

            def cuts(places, order, seeds):
                numbers = [chunking.drawn_order(seeds[k], 24) + 24 * k for k in order]
                drawn.append(np.concatenate(numbers))
                return inner(places, order, seeds)

            run.train.cuts = cuts

    theirs = network()
    options = {"batch_size": 8, "schedule": optim.constant(), "lr": None}
    quietly(theirs, *in_pieces(24, X, Y), shuffle=True, callbacks=[Orders()],
            optimizer=optim.Adam(theirs.parameters(), 0.01), **options)  # fmt: skip
    ours = network()
    optimizer = optim.Adam(ours.parameters(), 0.01)
    for order in drawn:
        assert sorted(order) == [*range(96)]
        quietly(ours, X[order], Y[order], optimizer=optimizer, epochs=1, **options)
    assert len(drawn) == 3
    assert not np.array_equal(drawn[0], drawn[1])
    assert state(ours) == state(theirs)


def test_a_seed_gives_the_same_run_and_another_another():
    def run(seed, rows=24):
        model = network()
        quietly(model, *in_pieces(rows, X, Y), shuffle=True, rng=seed)
        return state(model)

    assert run(1) == run(1) != run(2)
    assert run(1, rows=40) == run(1, rows=40)


def test_chunks_that_batches_do_not_fill_come_last():
    chunks = chunking.chunked_samples("fit", network(), *in_pieces(40, X, Y), None, None)
    places = tl.training.samples.stretches(96, 20)
    for seed in range(5):
        batches = [*chunks.shuffled(places, 20, np.random.default_rng(seed))]
        assert [len(cuts) for cuts in batches] == [1] * 5
        assert batches[-1][0].chunk == 2


# ---------------------------------------------------------------------------------------------------------------------
# Validation


@pytest.mark.parametrize("weights", [None, W, np.where(np.arange(96) % 3, W, 0)], ids=["none", "some", "zeros"])
def test_a_fraction_of_each_chunk_is_held_out(weights):
    parts = []

    class Look(Callback):
        def on_begin(self, run):
            for chunks in (run.train, run.validation):
                cuts = [chunking.ChunkPart(k, 0, chunk.size) for k, chunk in enumerate(chunks.chunks)]
                parts.append([dask.compute(dask.delayed(chunking.cut_rows)(c, *chunks.block(c)))[0] for c in cuts])

    history = quietly(network(), *in_pieces(32, X, Y), sample_weight=weights, validation=0.25, callbacks=[Look()])
    assert len(history.val_loss) == len(history.val_accuracy) == 3
    train, held_out = parts
    n = 96 if weights is None else np.count_nonzero(weights)
    assert [sum(len(x) for x, *_ in part) for part in parts] == [n - n // 4, n // 4]
    rows = np.concatenate([x for part in parts for x, *_ in part])
    assert len(np.unique(rows, axis=0)) == n
    for (_, y, _), (_, mine, _) in zip(train, held_out, strict=True):
        assert abs(np.mean(y) - np.mean(mine)) < 0.1  # each class its share


def test_validation_in_chunks_is_measured_as_in_memory():
    ours, theirs = network(), network()
    many, labels = np.tile(X, (25, 1))[: 2 * 1024 + 100], np.tile(Y, 25)[: 2 * 1024 + 100]
    expected = quietly(ours, validation=(many, labels))
    found = quietly(theirs, *in_pieces(24, X, Y), validation=tuple(in_pieces(1024, many, labels)))
    assert figures(found) == figures(expected)


def test_what_is_held_out_is_measured_without_dropout():
    model = with_dropout()
    history = quietly(model, *in_pieces(24, X, Y), validation=tuple(in_pieces(9, X[:20], Y[:20])), epochs=1)
    outputs = predict(model, X[:20])
    assert history.val_loss == pytest.approx([tl.cross_entropy(outputs, Y[:20]).item()], rel=1e-6)
    assert model.training


# ---------------------------------------------------------------------------------------------------------------------
# Checkpoints


@pytest.mark.parametrize("settings", [{}, {"update": "epoch"}, {"validation": 0.25, "patience": 3}], ids=str)
@pytest.mark.parametrize("batches", [2, 7])
def test_it_goes_on_from_a_checkpoint_bit_for_bit(tmp_path, settings, batches):
    def run(model, path, *callbacks):
        return quietly(model, *in_pieces(32, X, Y), shuffle=True, batch_size=16, rng=3, checkpoint=path,
                       checkpoint_every=1, callbacks=callbacks, **settings)  # fmt: skip

    whole, first, second = with_dropout(), with_dropout(), with_dropout()
    expected = run(whole, tmp_path / "whole.safetensors")
    path = tmp_path / "run.safetensors"
    with pytest.raises(KeyboardInterrupt):
        run(first, path, Stop(batches))
    assert figures(run(second, path)) == figures(expected)
    assert state(second) == state(whole)


def test_a_checkpoint_of_other_samples_is_refused(tmp_path):
    path = tmp_path / "run.safetensors"
    quietly(network(), *in_pieces(24, X, Y), checkpoint=path)
    with pytest.raises(ValueError, match="on other samples"):
        quietly(network(), *in_pieces(24, X + 1, Y), checkpoint=path)


# ---------------------------------------------------------------------------------------------------------------------
# What is refused


def unknown_sizes():
    (x,) = in_pieces(24, X)
    return x[x[:, 0] > -9]


def sparse_samples():
    return pytest.importorskip("scipy.sparse").csr_matrix(X)


class Caching(nn.Module):
    def __init__(self):
        self.inner = nn.Linear(4, 2, rng=0)
        self.outputs = None

    def forward(self, x):
        self.outputs = [self.inner(x)]
        return self.outputs[0]


class Drawing(nn.Module):
    def __init__(self):
        self.inner, self.draw = nn.Linear(4, 2, rng=0), np.random.default_rng(0).random

    def forward(self, x):
        return self.inner(x) * self.draw()


def hooked():
    model = network()
    next(model.parameters()).register_hook(lambda g: 0 * g)
    return model


def chunks(x=X, y=Y):
    return in_pieces(24, x, y)


def unpickled():
    lock = threading.Lock()
    return lambda a, y: nn.cross_entropy(a, y) if lock else None


REFUSED = {
    "unknown sizes": (network, lambda: (unknown_sizes(), Y), {}, r"ValueError: .* compute_chunk_sizes\(\)"),
    "a value": (network, lambda: (dask.delayed(list)(), Y), {}, "TypeError: .* not Delayed"),
    "sparse": (network, lambda: (sparse_samples(), chunks()[1]), {}, "TypeError: .* in one piece"),
    "lengths": (network, lambda: chunks(X, Y[:90]), {}, "ValueError: .* same number of samples"),
    "texts": (network, lambda: chunks(X, Y.astype(str)), {}, "TypeError: .*np.unique"),
    "labels": (
        network,
        lambda: chunks(X, np.where(np.arange(96) == 80, 2, Y)),
        {},
        "ValueError: .* must lie in 0 … 1, got 0 … 2",
    ),
    "weights": (network, chunks, {"sample_weight": -W}, "ValueError: .* none below 0"),
    "no weights": (network, chunks, {"sample_weight": 0 * W}, "ValueError: .* not all zero"),
    "weights as texts": (
        network,
        chunks,
        {"sample_weight": da.from_array(W.astype(str))},
        "TypeError: .*holds numbers",
    ),
    "weights in rows": (network, chunks, {"sample_weight": da.ones((96, 2))}, "ValueError: .* for each of 96"),
    "all held out": (network, chunks, {"validation": 1.0}, "ValueError: .* leaves one part empty"),
    "validation": (network, chunks, {"validation": "some"}, "TypeError: .* is a fraction"),
    "validation alone": (network, lambda: (X, Y), {"validation": chunks()}, r"TypeError: .* validation.compute\(\)"),
    "a hook": (hooked, chunks, {}, "TypeError: .* has a hook"),
    "a list as attribute": (Caching, chunks, {}, "TypeError: .* Caching sets its attribute 'outputs'"),
    "a generator of nobody": (Drawing, chunks, {}, "TypeError: .* no attribute of a module"),
    "what cannot be pickled": (network, chunks, {"loss": unpickled()}, "TypeError: .* cannot be pickled"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_before_anything_is_changed(name):
    make, data, options, said = REFUSED[name]
    kind, _, sentence = said.partition(": ")
    model = make()
    before = [p.data.copy() for p in model.parameters()]
    with pytest.raises(getattr(builtins, kind), match=sentence):
        quietly(model, *data(), **options)
    for p, values in zip(model.parameters(), before, strict=False):
        np.testing.assert_array_equal(p.data, values)


@pytest.mark.parametrize("rows", [24, 7])
def test_a_loss_that_is_not_finite_says_where_it_began(rows):
    wrong = X.copy()
    wrong[70, 2] = np.nan
    with pytest.raises(DivergedError, match=r"in epoch 1, batch 3 of 4; .* the input, entry \[\d+, 2\]") as caught:
        quietly(network(), *in_pieces(rows, wrong, Y))
    assert len(caught.value.history) == 0


def test_a_last_batch_of_one_is_joined():
    with pytest.warns(UserWarning, match="the last batch, of 1, is joined"):
        quietly(normalized(), *in_pieces(24, X, Y), batch_size=19, epochs=1)


# ---------------------------------------------------------------------------------------------------------------------
# DataFrames, arrays beside chunks, predictions, estimators


def test_data_frames():
    dd, pd = pytest.importorskip("dask.dataframe"), pytest.importorskip("pandas")
    table = pd.DataFrame(X, columns=[*"abcd"]).assign(y=Y)
    frame = dd.from_pandas(table, npartitions=4)
    ours, theirs = network(), network()
    quietly(ours)
    quietly(theirs, frame[[*"abcd"]], frame["y"])
    assert state(theirs) == state(ours)


def test_targets_may_be_arrays_and_empty_chunks_are_passed_over():
    x = da.concatenate([da.from_array(X[:24]), da.empty((0, 4), dtype=np.float32), da.from_array(X[24:], chunks=24)])
    ours, theirs = network(), network()
    quietly(ours)
    quietly(theirs, x, Y)
    assert state(theirs) == state(ours)


def test_chunks_may_be_sparse():
    sparse = pytest.importorskip("scipy.sparse")
    (x,) = in_pieces(24, np.where(X > 0.5, X, 0))
    ours, theirs = network(), network()
    quietly(ours, x.compute())
    quietly(theirs, x.map_blocks(sparse.csr_matrix), Y)
    assert state(theirs) == state(ours)


def test_predictions_are_computed_when_they_are_asked_for():
    model = network()
    (x,) = in_pieces(25, X)
    outputs = predict(model, x)
    assert isinstance(outputs, da.Array)
    assert (outputs.shape, outputs.dtype, outputs.chunks[0]) == ((96, 2), np.float32, x.chunks[0])
    np.testing.assert_allclose(outputs.compute(), predict(model, X), rtol=1e-6)


def test_predictions_are_those_of_the_model_as_it_was():
    model = with_dropout()
    (x,) = in_pieces(25, X)
    outputs, wanted = predict(model, x), predict(model, X)
    quietly(model)
    with dask.config.set(scheduler="threads", num_workers=4):
        np.testing.assert_allclose(outputs.compute(), wanted, rtol=1e-5)
    assert model.training


def test_predictions_for_chunks_without_rows():
    (x,) = in_pieces(24, X)
    few = x[x[:, 0] > np.sort(X[:, 0])[-3]].compute_chunk_sizes()
    assert 0 in few.chunks[0]
    assert predict(network(), few).compute().shape == (2, 2)


def test_a_chunk_of_more_rows_than_its_array_says_is_refused():
    (x,) = in_pieces(48, X)
    longer = da.map_blocks(lambda chunk: np.concatenate([chunk, chunk]), x, chunks=x.chunks, dtype=x.dtype)
    with pytest.raises(ValueError, match="a chunk has 96 samples and 48 targets"):
        quietly(network(), longer, Y)


@pytest.mark.parametrize("library", ["arrays", "frames"])
def test_standardizing_in_chunks(library):
    (x,) = in_pieces(24, X)
    if library == "frames":
        pd, dd = pytest.importorskip("pandas"), pytest.importorskip("dask.dataframe")
        x = dd.from_pandas(pd.DataFrame(X, columns=[*"abcd"]), npartitions=3)
    standardize = tl.data.Standardizer().fit(x)
    found = standardize(x)
    assert isinstance(found, da.Array)
    assert type(standardize.mean) is type(standardize.std) is type(standardize(X)) is np.ndarray
    np.testing.assert_allclose(found.compute(), tl.data.Standardizer().fit(X)(X), atol=1e-5)


BRINGING_ALL_HERE = {
    "train_test_split": lambda x, y: tl.data.train_test_split(x, y),
    "batches": lambda x, y: next(tl.data.batches(x, y)),
    "DataLoader": lambda x, y: tl.data.DataLoader((x, y)),
}


@pytest.mark.parametrize("name", BRINGING_ALL_HERE)
def test_what_would_bring_all_samples_here_is_refused(name):
    with pytest.raises(TypeError, match=rf"{name}: .*Dask's chunks.* x.compute\(\)"):
        BRINGING_ALL_HERE[name](*in_pieces(24, X, Y))


class TestEstimators:
    names = np.array(["no", "yes"])[Y]

    @pytest.fixture
    def kinds(self):
        pytest.importorskip("sklearn")
        from tinygrad_lite.training.estimators import MLPClassifier, MLPRegressor

        return MLPClassifier, MLPRegressor

    def test_a_classifier(self, kinds):
        both = []
        for x, y in ((X, self.names), in_pieces(96, X, self.names)):
            both.append(kinds[0](max_iter=8, random_state=0, batch_size=96, class_weight="balanced").fit(x, y))
        ours, theirs = both
        assert theirs.classes_.tolist() == ["no", "yes"]
        np.testing.assert_allclose(theirs.loss_curve_, ours.loss_curve_, rtol=1e-4)
        np.testing.assert_allclose(theirs.predict_proba(X), ours.predict_proba(X), atol=1e-4)

    def test_a_regressor_and_early_stopping(self, kinds):
        x, y = in_pieces(16, X, X[:, 0] * 30 + 5)
        model = kinds[1](max_iter=25, random_state=0, early_stopping=True, batch_size=16).fit(x, y)
        np.testing.assert_allclose(model.mean_, [np.mean(X[:, 0] * 30 + 5)], rtol=1e-5)
        assert model.score(X, y.compute()) > 0.9
        assert model.best_validation_score_ > 0.5
        model.partial_fit(x, y)

    def test_several_labels(self, kinds):
        labels = np.stack([Y, 1 - Y, X[:, 2] > 0], axis=1).astype(int)
        model = kinds[0](max_iter=2, random_state=0).fit(*in_pieces(24, X, labels))
        assert model.multilabel_
        assert model.predict(X).shape == (96, 3)

    def test_data_frames_keep_their_columns_names(self, kinds):
        dd, pd = pytest.importorskip("dask.dataframe"), pytest.importorskip("pandas")
        frame = dd.from_pandas(pd.DataFrame(X, columns=[*"abcd"]).assign(y=self.names), npartitions=3)
        model = kinds[0](max_iter=1, random_state=0).fit(frame[[*"abcd"]], frame["y"])
        assert model.feature_names_in_.tolist() == [*"abcd"]

    def test_predictions_are_lazy(self, kinds):
        x, y = in_pieces(24, X, self.names)
        model = kinds[0](max_iter=2, random_state=0).fit(x, y)
        for name in ("predict", "predict_proba", "predict_log_proba", "decision_function"):
            found = getattr(model, name)(x)
            assert isinstance(found, da.Array)
            wanted = getattr(model, name)(X)
            assert (found.shape, found.dtype) == (wanted.shape, wanted.dtype)
            if name == "predict":
                assert found.compute().tolist() == wanted.tolist()
            else:
                np.testing.assert_allclose(found.compute(), wanted, rtol=1e-4, atol=1e-6)
        assert model.score(x, y) == model.score(X, self.names)
        with pytest.raises(ValueError, match="3 features"):
            model.predict(x[:, :3])
        numbers = kinds[1](max_iter=2, random_state=0).fit(x, x[:, 0])
        np.testing.assert_allclose(numbers.predict(x).compute(), numbers.predict(X), rtol=1e-4, atol=1e-6)

    def test_columns_in_another_order_are_refused(self, kinds):
        dd, pd = pytest.importorskip("dask.dataframe"), pytest.importorskip("pandas")
        frame = dd.from_pandas(pd.DataFrame(X, columns=[*"abcd"]), npartitions=3)
        model = kinds[0](max_iter=1, random_state=0).fit(frame, Y)
        assert model.predict(frame).compute().shape == (96,)
        with pytest.raises(ValueError, match="feature names"):
            model.predict(frame[[*"dcba"]])

    def test_what_is_refused(self, kinds):
        with pytest.raises(ValueError, match="lbfgs"):
            kinds[0](solver="lbfgs").fit(*in_pieces(24, X, Y))
        with pytest.raises(ValueError, match=r"[Cc]ontinuous"):
            kinds[0]().fit(*in_pieces(24, X, X[:, 0]))
        model = kinds[0](max_iter=1).fit(*in_pieces(24, X, Y))
        with pytest.raises(ValueError, match="no output for"):
            model.partial_fit(*in_pieces(24, X, Y + 1))


# ---------------------------------------------------------------------------------------------------------------------
# On workers


@pytest.mark.parametrize("rows", [24, 7], ids=["one chunk", "several"])
def test_workers_compute_what_this_process_would(workers, rows):
    here, there = with_dropout() if rows == 24 else network(), with_dropout() if rows == 24 else network()
    expected = quietly(here, *in_pieces(rows, X, Y), shuffle=True, clip_norm=0.05)
    with dask.config.set(scheduler="distributed"):
        found = quietly(there, *in_pieces(rows, X, Y), shuffle=True, clip_norm=0.05)
    assert state(there) == state(here)
    assert figures(found) == figures(expected)


def test_gradients_are_taken_where_the_chunks_lie(workers):
    with dask.config.set(scheduler="distributed"):
        x, y = dask.persist(*in_pieces(24, X, Y))
        distributed.wait([x, y])
        quietly(network(), x, y, batch_size=96, epochs=1)
        story = workers.run(lambda dask_worker: sum("gradient_there" in str(event) for event in dask_worker.state.log))
    assert sum(1 for count in story.values() if count) == 2


def test_a_worker_that_dies_changes_nothing(workers, tmp_path):
    """It is killed within a backward pass; with it die chunks, and the numbers of the rows that are held out."""
    order = tmp_path / "die"

    class Dying(nn.Module):
        def __init__(self):
            self.inner, self.drop, self.runs = nn.Linear(4, 2, rng=0), nn.Dropout(0.3, rng=1), 0
            self.order, self.here = str(order), os.getpid()

        def forward(self, x):
            self.runs += 1
            if self.runs == 9 and os.getpid() != self.here and os.path.exists(self.order):
                os.remove(self.order)
                os.kill(os.getpid(), signal.SIGKILL)
            return self.drop(self.inner(x))

    here, there = Dying(), Dying()
    expected = quietly(here, *in_pieces(24, X, Y), shuffle=True, validation=0.25)
    order.touch()
    with dask.config.set(scheduler="distributed"):
        before = workers.run(os.getpid)
        x, y = dask.persist(*in_pieces(24, X, Y))
        distributed.wait([x, y])
        found = quietly(there, x, y, shuffle=True, validation=0.25)
        workers.wait_for_workers(2)
        assert len({*workers.run(os.getpid).values()} & {*before.values()}) == 1
    assert not order.exists()
    assert there.runs == here.runs
    assert state(there) == state(here)
    assert figures(found) == figures(expected)


def test_without_a_client_threads_do_it():
    here, there = network(), network()
    quietly(here, *in_pieces(7, X, Y), shuffle=True)
    with dask.config.set(scheduler="threads", num_workers=4):
        quietly(there, *in_pieces(7, X, Y), shuffle=True)
    assert state(there) == state(here)


def test_errors_of_workers_come_here(workers):
    wrong = X.copy()
    wrong[70, 2] = np.nan
    with dask.config.set(scheduler="distributed"), pytest.raises(DivergedError, match="batch 3 of 4"):
        quietly(network(), *in_pieces(24, wrong, Y))


def test_without_chunks_dask_is_not_imported():
    code = (
        "import json, sys, numpy as np, tinygrad_lite as tl\n"
        "X, y = np.ones((8, 2), np.float32), np.zeros(8, int)\n"
        "tl.training.fit(tl.nn.MLP([2, 2], rng=0), X, y, epochs=1, progress=False)\n"
        "print(json.dumps([name for name in sys.modules if name.partition('.')[0] in ('dask', 'distributed')]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout) == []


def test_the_settings_of_what_is_imported_meanwhile_stay():
    code = (
        "import dask, dask.array as da, numpy as np, tinygrad_lite as tl\n"
        "def late(x):\n    import distributed\n    return x\n"
        "X = da.arange(16, chunks=8).reshape(8, 2).map_blocks(late, dtype=float, meta=np.empty((0, 0)))\n"
        "tl.training.fit(tl.nn.MLP([2, 2], rng=0), X, np.arange(8) % 2, epochs=1, progress=False)\n"
        "print(len(dask.config.get('distributed.comm')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert int(done.stdout) > 3
