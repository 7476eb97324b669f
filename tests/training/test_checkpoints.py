"""Checkpoints: resumed training ends bit for bit where uninterrupted training does, also after being killed."""

import multiprocessing
import os
import signal
import stat
from contextlib import suppress

import numpy as np
import pytest

from tinygrad_lite import nn, optim
from tinygrad_lite.nn import saving
from tinygrad_lite.nn.saving import FormatError
from tinygrad_lite.training import Callback, checkpoints, fit

from .interruptions import Stop

RNG = np.random.default_rng(0)
X = RNG.standard_normal((90, 6)).astype(np.float32)
Y = RNG.integers(0, 3, 90)


@pytest.fixture(autouse=True)
def no_power_fails(monkeypatch):
    """In these tests processes die, not machines: nothing here waits for a disk, but for the processes to be killed."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


def network(seed=0):
    return nn.Sequential(nn.Linear(6, 8, rng=seed), nn.Dropout(0.2, rng=5), nn.Tanh(), nn.Linear(8, 3, rng=1))


def state(model):
    return {name: x.tobytes() for name, x in model.state_dict().items()}


OPTIMIZERS = {
    "adam": lambda p: optim.Adam(p, 0.02),
    "momentum": lambda p: optim.SGD(p, 0.1, momentum=0.9),
    "rmsprop": lambda p: optim.RMSprop(p, 0.01, momentum=0.3, centered=True),
}

SETTINGS = {
    "batches": {},
    "as printed": {"update": "epoch"},
    "in order": {"shuffle": False},
    "validation": {"validation": 0.2, "patience": 2},
    "warm-up": {"schedule": optim.warm_up(2, optim.cosine(3))},
}


def train(model, path=None, optimizer="adam", *, callbacks=(), epochs=5, rng=3, lr=None, **settings):
    made = OPTIMIZERS[optimizer](model.parameters())
    if lr is not None:
        made.param_groups[0]["lr"] = lr
    return fit(
        model, X, Y, optimizer=made, epochs=epochs, batch_size=16, rng=rng, progress=False,
        checkpoint=path, checkpoint_every=None if path is None else 1, callbacks=callbacks, **settings,
    )  # fmt: skip


def same_history(a, b):
    first, second = a.to_dict(), b.to_dict()
    del first["seconds"], second["seconds"]
    return first == second


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", SETTINGS)
def test_resumed_after_any_batch(name, optimizer, tmp_path):
    """Several interruptions in one training: in an epoch, at its end, and in the first batch."""
    settings = SETTINGS[name]
    straight = network()
    expected = train(straight, None, optimizer, **settings)
    for k, batches in enumerate([(0,), (3, 4), (5, 1, 6, 2)]):
        path = tmp_path / f"{k}.safetensors"
        for more in batches:
            with pytest.raises(KeyboardInterrupt):
                train(network(), path, optimizer, callbacks=[Stop(more)], **settings)
        model = network(seed=9)  # its weights come from the file
        if not path.exists():
            model = network()
        assert same_history(train(model, path, optimizer, **settings), expected)
        assert state(model) == state(straight)


def test_a_run_that_is_done_is_not_run_again(tmp_path):
    model, again = network(), network(seed=4)
    first = train(model, tmp_path / "c", validation=0.2, patience=1)
    second = train(again, tmp_path / "c", validation=0.2, patience=1, callbacks=[Stop(0)])
    assert first.to_dict() == second.to_dict()
    assert state(model) == state(again)


def test_without_a_seed_what_was_held_out_stays_so(tmp_path):
    """The split is drawn again from the random state that the file keeps."""
    held_out = []
    for stops in (7, 10**6):
        with suppress(KeyboardInterrupt):
            train(network(), tmp_path / "c", rng=None, validation=0.2, callbacks=[
                Stop(stops), lambda run: held_out.append(run.validation[0].tobytes())])  # fmt: skip
    assert len(set(held_out)) == 1


@pytest.mark.parametrize("bits", [np.random.MT19937, np.random.Philox, np.random.SFC64, np.random.PCG64DXSM])
def test_every_kind_of_generator(bits, tmp_path):
    def rng():
        return np.random.Generator(bits(1))

    straight, broken = network(), network()
    train(straight, rng=rng())
    with pytest.raises(KeyboardInterrupt):
        train(network(), tmp_path / "c", rng=rng(), callbacks=[Stop(8)])
    train(broken, tmp_path / "c", rng=rng())
    assert state(broken) == state(straight)
    with pytest.raises(ValueError, match="for rng, not a PCG64"):
        train(broken, tmp_path / "c", rng=0)


@pytest.mark.parametrize(("change", "said"), [
    ({"update": "epoch"}, "update='batch'"),
    ({"shuffle": False}, "shuffle=True"),
    ({"optimizer": "rmsprop"}, "optimizer='Adam', not 'RMSprop'"),
    ({"validation": 0.5}, "samples=90"),
    ({"loss": "mse"}, "loss='cross_entropy', not 'mse'"),
    ({"lr": 0.5}, r"lr=\[0.02\], not \[0.5\]"),
    ({"alpha": 0.5}, "alpha=0.0, not 0.5"),
    ({"tol": 0.5, "patience": 3}, "tol=0.0, not 0.5"),
    ({"clip_norm": 0.5}, "clip_norm=None, not 0.5"),
])  # fmt: skip
def test_other_settings(change, said, tmp_path):
    train(network(), tmp_path / "c", epochs=1)
    model = network(seed=2)
    before = state(model)
    with pytest.raises(ValueError, match=said):
        train(model, tmp_path / "c", **change)
    assert state(model) == before


@pytest.mark.parametrize("part", ["X", "Y"])
def test_other_samples_of_the_same_number(part, tmp_path, monkeypatch):
    train(network(), tmp_path / "c", epochs=1)
    other = globals()[part].copy()
    other.flat[-1] = abs(1 - other.flat[-1])
    monkeypatch.setitem(globals(), part, other)
    model = network(seed=2)
    before = state(model)
    with pytest.raises(ValueError, match="is of a run on other samples"):
        train(model, tmp_path / "c")
    assert state(model) == before


def test_another_model(tmp_path):
    train(network(), tmp_path / "c", epochs=1)
    wider = nn.Sequential(nn.Linear(6, 9, rng=0), nn.Dropout(0.2, rng=5), nn.Tanh(), nn.Linear(9, 3, rng=1))
    other = network()
    setattr(other, "2", nn.ReLU())
    for model, said in ((wider, "not of this model"), (other, "layers=.*'Tanh'.*, not .*'ReLU'")):
        before = state(model)
        with pytest.raises(ValueError, match=said):
            train(model, tmp_path / "c")
        assert state(model) == before


def test_best_weights_of_another_model(tmp_path):
    """They are needed at the end only, and refused at the beginning."""
    path = tmp_path / "c"
    train(network(), path, epochs=1, patience=2)
    arrays, texts = saving.load_arrays(path)
    del arrays["best.0.weight"]
    saving.save_arrays(arrays, path, texts)
    model = network(seed=2)
    optimizer = optim.Adam(model.parameters(), 0.02)
    before = state(model)
    with pytest.raises(ValueError, match="weight is missing"):
        fit(model, X, Y, optimizer=optimizer, batch_size=16, rng=3, progress=False, checkpoint=path, patience=2)
    assert state(model) == before
    assert optimizer.state == {}
    assert optimizer.param_groups[0]["lr"] == 0.02


def test_files_that_are_no_checkpoints(tmp_path):
    path = tmp_path / "c"
    model = network()
    before = state(model)
    for content in (b"", b"nonsense" * 9):
        path.write_bytes(content)
        with pytest.raises(FormatError):
            train(model, path)
    saving.save(model, path)
    with pytest.raises(FormatError, match="no checkpoint"):
        train(model, path)
    assert state(model) == before


# ---------------------------------------------------------------------------------------------------------------------
# Killed


def train_until_killed(path, moment):
    """Train, and kill this process at a moment: each batch counts as one, and so does each step of writing a file."""

    def one_more(last=lambda: None):
        nonlocal moment
        if moment == 0:
            last()
            os.kill(os.getpid(), signal.SIGKILL)
        moment -= 1

    def fsync(handle):
        if stat.S_ISREG(os.fstat(handle).st_mode):  # a file, of which half may have been written
            one_more(lambda: os.ftruncate(handle, os.fstat(handle).st_size // 2))
        else:
            one_more()

    def replace(*paths, replace=os.replace):
        one_more()
        replace(*paths)

    class Watch(Callback):
        def on_batch(self, run):
            one_more()

    os.fsync, os.replace = fsync, replace
    train(network(), path, epochs=12, callbacks=[Watch()])


MOMENTS = 12 * 6 * 4
"""In twelve epochs of six batches: a batch, the file's bytes, its name, its folder."""

KILLED = [0, 1, 2, 3, *np.random.default_rng(0).choice(range(4, MOMENTS), 16, replace=False).tolist()]


@pytest.mark.skipif(os.name != "posix", reason="needs a server that forks")
@pytest.mark.parametrize("killed", [KILLED[:10], pytest.param(KILLED[10:], marks=pytest.mark.long)])
def test_killed_at_any_moment(killed, tmp_path):
    """SIGKILL, ten times: the file is whole each time, and what is resumed from it ends where it should."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "tinygrad_lite.training"])
    straight, reached = network(), []
    expected = train(straight, tmp_path / "straight", epochs=12)
    for moment in killed:
        path = tmp_path / f"{moment}.safetensors"
        process = context.Process(target=train_until_killed, args=(path, moment))
        process.start()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        assert path.exists() == (moment > 2)
        if path.exists():
            saved = checkpoints.read(path)  # whole
            done = 6 * saved.state["epoch"] + saved.state["batch"]
            assert done == (moment + 1) // 4  # the last that was written before
            reached.append(done)
        model = network()
        assert same_history(train(model, path, epochs=12), expected)
        assert state(model) == state(straight)
    assert len(set(reached)) > 5


def test_other_options_of_the_optimizer(tmp_path):
    """Those of the checkpoint were taken, and those given passed over."""
    for options, more in (({}, {}), ({"betas": (0.5, 0.9)}, {"betas": [[0.9, 0.999]]})):
        model = network()
        optimizer = optim.Adam(model.parameters(), lr=0.02, **options)
        if more:
            with pytest.raises(ValueError, match=r"betas=\[\[0.9, 0.999\]\], not \[\[0.5, 0.9\]\]"):
                fit(model, X, Y, optimizer=optimizer, checkpoint=tmp_path / "c", epochs=2, progress=False, rng=3)
        else:
            fit(model, X, Y, optimizer=optimizer, checkpoint=tmp_path / "c", epochs=1, progress=False, rng=3)


def test_checkpoints_that_do_not_say_as_much_are_gone_on_from(tmp_path, monkeypatch):
    """As those of earlier versions."""
    kept = checkpoints.settings_to_keep

    def fewer(run):
        return {name: x for name, x in kept(run).items() if name not in ("alpha", "tol", "clip_norm", "betas")}

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "settings_to_keep", fewer)
        train(network(), tmp_path / "c", epochs=1)
    assert len(train(network(), tmp_path / "c", epochs=2, alpha=0.5)) == 2
