"""comparewithmat against files that SciPy writes (v5) and mat-io (v7.3), values known."""

import sys

import numpy as np
import pytest
from scipy.io import savemat

from dltk import (
    OptionError,
    UnsupportedError,
    debug,
    dlarray,
    dlnetwork,
    featureInputLayer,
    fullyConnectedLayer,
    struct,
)

from ..test_matlab_networks import FOLDER

W, B = np.arange(6.0).reshape(2, 3), np.array([[1.0], [2.0]])


@pytest.fixture
def file(tmp_path):
    cells = np.empty((2, 1), object)
    cells[:, 0] = [W, B]
    words = np.array([["fc"], ["fc"]], object), np.array([["Weights"], ["Bias"]], object)
    rows = dict(zip(("Layer", "Parameter", "Value"), (*words, cells), strict=True))
    content = {
        "X": np.ones((2, 3, 1, 4)),
        "p": {"fc": {"W": W, "b": B}},
        "net": rows,
        "nested": {"fc": {"Weights": W, "Bias": B}},
        "cell": cells,
        "word": "text",
        "loss": np.float32(2.5),
    }
    savemat(tmp_path / "parity.mat", content, do_compression=True)
    return tmp_path / "parity.mat"


def network(weights=W):
    net = dlnetwork([featureInputLayer(3), fullyConnectedLayer(2)])
    net.Learnables["fc", "Weights"] = dlarray(weights)
    net.Learnables["fc", "Bias"] = dlarray(B)
    return net


def test_equal_values_agree_whatever_holds_them(file, capsys):
    p = struct(fc=struct(W=dlarray(W), b=dlarray(B)))
    X = dlarray(np.ones((2, 3, 1, 4)), "SSCB")
    result = debug.comparewithmat(file, X=X, p=p, net=network(), loss=2.5)
    assert result
    arrays = ["X", "p.fc.W", "p.fc.b", "net.fc.Weights", "net.fc.Bias", "loss"]
    assert [d.name for d in result.arrays] == arrays
    assert result.rest == ("nested", "cell", "word")
    assert "6 arrays as in parity.mat" in capsys.readouterr().out


def test_the_first_that_differs_is_named_with_amount_and_entry(file, capsys):
    wrong = W.copy()
    wrong[1, 2] += 0.25
    result = debug.comparewithmat(file, loss=2.5, net=network(wrong), p={"fc": {"b": B + 1}})
    first = result.first
    assert (first.name, first.largest, first.entry) == ("net.fc.Weights", 0.25, (1, 2))
    assert (first.ours, first.theirs, first.relative) == (5.25, 5.0, 0.05)
    assert [bool(d) for d in result.arrays] == [False, True, False, True]
    words = 'The first that differs from parity.mat: "net.fc.Weights" differs by 0.25'
    assert words in capsys.readouterr().out


def test_learnables_are_found_in_a_struct_of_structs_and_in_cells(file):
    assert debug.comparewithmat(file, nested=network().Learnables, cell=[W, B])


def test_a_size_that_differs_comes_with_a_guess(file):
    first = debug.comparewithmat(file, p=struct(fc=struct(W=W.T))).first
    assert first.note == "has size 3×2, not 2×3 (its transpose agrees)"
    first = debug.comparewithmat(file, p=struct(fc=struct(W=W.ravel("F")))).first
    assert first.note == "has size 1×6, not 2×3 (the same numbers in column-major order)"


def test_single_has_more_tolerance_than_double(file):
    near = W * (1 + 1e-6)
    assert debug.comparewithmat(file, p={"fc": {"W": near.astype(np.float32)}})
    assert not debug.comparewithmat(file, p={"fc": {"W": near}})
    assert debug.comparewithmat(file, p={"fc": {"W": near}}, tolerance=1e-5)


def test_nan_agrees_with_nan_only(tmp_path):
    savemat(tmp_path / "nan.mat", {"x": [1.0, np.nan, np.inf]})
    assert debug.comparewithmat(tmp_path / "nan.mat", x=np.array([1.0, np.nan, np.inf]))
    result = debug.comparewithmat(tmp_path / "nan.mat", x=np.array([1.0, 2.0, np.inf]))
    assert (result.first.entry, result.first.largest) == ((0, 1), np.inf)


def test_what_the_file_does_not_have_is_said(file):
    with pytest.raises(OptionError, match='no variable "Y"') as caught:
        debug.comparewithmat(file, Y=1)
    assert '"X", "p", "net"' in caught.value.fix
    with pytest.raises(OptionError, match="nothing to compare"):
        debug.comparewithmat(file)
    with pytest.raises(FileNotFoundError, match=r'there is no file "nowhere\.mat"'):
        debug.comparewithmat("nowhere.mat", Y=1)
    first = debug.comparewithmat(file, p={"fc": {"c": 1.0}}).first
    assert first.note == "is not in the file"
    assert debug.comparewithmat(file, word=1.0).first.note == "is no array in the file"


class Saved:
    """An object as mat-io gives it."""

    def __init__(self, kind, inner):
        self.classname, self.properties = kind, {"any": inner}


def test_dlarrays_in_a_file_are_read_also_from_a_gpu(file, monkeypatch):
    cell = np.empty((1, 2), object)
    cell[0, :] = [np.ones((1, 1)), W]
    record = np.empty((1, 1), [("Data", object), ("DimensionTypes", object)])
    record[0, 0] = (Saved("gpuArray", cell), np.array(["CB"]))
    content = {"__function_workspace__": 0, "Y": Saved("dlarray", record)}
    content["net"] = Saved("dlnetwork", None)
    monkeypatch.setattr("scipy.io.loadmat", lambda path: content)
    monkeypatch.setitem(sys.modules, "matio", None)
    assert debug.comparewithmat(file, Y=dlarray(W, "CB"))
    with pytest.raises(UnsupportedError, match=r'"net\.fc\.Weights" cannot be read') as caught:
        debug.comparewithmat(file, net=network())
    assert "Save its learnables" in caught.value.fix


@pytest.mark.skipif(FOLDER is None, reason="shared/data/matlab-networks is not there")
def test_parameters_that_matlab_saved_are_read():
    pytest.importorskip("matio", reason="needs mat-io, of the extra `mat`")
    path = FOLDER / "parameters_struct.mat"
    weights = debug.comparewithmat(path, parameters={"W": {"fc2": {"Weights": np.zeros((20, 20))}}})
    assert weights.first.theirs != 0


def test_files_of_version_73_go_through_the_extra(tmp_path, monkeypatch):
    matio = pytest.importorskip("matio", reason="needs mat-io, of the extra `mat`")
    path = tmp_path / "new.mat"
    matio.save_to_mat(path, {"p": {"fc": {"W": W}}}, version="v7.3")
    assert debug.comparewithmat(path, p={"fc": {"W": W}})
    assert not debug.comparewithmat(path, p={"fc": {"W": W + 1}})
    monkeypatch.setitem(sys.modules, "matio", None)
    with pytest.raises(UnsupportedError, match=r"version 7\.3 need mat-io") as caught:
        debug.comparewithmat(path, p=1)
    assert 'pip install "dltk-jax[mat]"' in caught.value.fix
