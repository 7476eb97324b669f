"""Models that PyTorch's users save and load, through the safetensors package."""

import numpy as np
import pytest

from tinygrad_lite import nn
from tinygrad_lite.nn import saving
from tinygrad_lite.training import predict

torch = pytest.importorskip("torch")
theirs = pytest.importorskip("safetensors.torch")

pytestmark = pytest.mark.oracle

X = np.random.default_rng(0).standard_normal((5, 6))


def pair(seed):
    """The same architecture twice, with the same names."""
    options = {"rng": seed, "dtype": np.float64}
    ours = nn.Sequential(nn.Linear(6, 4, **options), nn.Tanh(), nn.Linear(4, 3, **options))
    its = torch.nn.Sequential(torch.nn.Linear(6, 4), torch.nn.Tanh(), torch.nn.Linear(4, 3)).double()
    return ours, its


def outputs(model):
    with torch.no_grad():
        return model(torch.from_numpy(X)).numpy()


def test_theirs_to_ours(tmp_path):
    ours, its = pair(0)
    theirs.save_file(its.state_dict(), tmp_path / "m", {"format": "pt"})
    assert saving.load(ours, tmp_path / "m") == {"format": "pt"}
    np.testing.assert_allclose(predict(ours, X), outputs(its), rtol=1e-12)


def test_ours_to_theirs(tmp_path):
    ours, its = pair(0)
    saving.save(ours, tmp_path / "m")
    its.load_state_dict(theirs.load_file(tmp_path / "m"))
    np.testing.assert_allclose(outputs(its), predict(ours, X), rtol=1e-12)


def test_bfloat16(tmp_path):
    ours, its = pair(0)
    theirs.save_file(its.bfloat16().state_dict(), tmp_path / "m")
    saving.load(ours, tmp_path / "m")
    np.testing.assert_allclose(predict(ours, X), outputs(its.double()), rtol=1e-12)


@pytest.mark.parametrize("new", [True, False])
def test_files_of_torch_save_say_how_they_are_converted(tmp_path, new):
    ours, its = pair(0)
    path = tmp_path / "m.pt"
    torch.save(its.state_dict(), path, _use_new_zipfile_serialization=new)
    with pytest.raises(saving.FormatError, match=r"safetensors.torch.save_file\(torch.load\(path\), new_path\)"):
        saving.load(ours, path)
    theirs.save_file(torch.load(path), tmp_path / "m")
    saving.load(ours, tmp_path / "m")
    np.testing.assert_allclose(predict(ours, X), outputs(its), rtol=1e-12)
    ours.load_state_dict(torch.load(path))
    np.testing.assert_allclose(predict(ours, X), outputs(its), rtol=1e-12)
