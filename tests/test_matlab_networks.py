"""Networks that MATLAB saved, rebuilt layer by layer: dltk's predictions are those MATLAB stored.

The files lie beside the checkout, in ``shared/data/matlab-networks`` (see the README there for
where each was published); without them, or without mat-io, these tests are skipped. The allowed
differences are those between NumPy and MATLAB, which predicted in single precision on a GPU.
"""

import pathlib
import warnings

import numpy as np
import pytest
from scipy.signal import correlate

from dltk import (
    batchNormalizationLayer,
    convolution2dLayer,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    dlupdate,
    double,
    extractdata,
    featureInputLayer,
    forward,
    fullyconnect,
    fullyConnectedLayer,
    imageInputLayer,
    predict,
    reluLayer,
    single,
    softmaxLayer,
    tanh,
    tanhLayer,
    vertcat,
)
from dltk import sum as total

HERE = pathlib.Path(__file__).resolve()
PLACES = [above / "shared/data/matlab-networks" for above in HERE.parents[2:4]]
FOLDER = next((place for place in PLACES if place.is_dir()), None)


@pytest.fixture(scope="module")
def saved():
    """What a file holds, by name; each file is read once."""
    matio = pytest.importorskip("matio", reason="needs mat-io, of the extra `test`")
    if FOLDER is None:
        pytest.skip("shared/data/matlab-networks is not beside this checkout")
    files = {}

    def read(name):
        if name not in files:
            with warnings.catch_warnings():  # what mat-io has to say of classes that nobody needs
                warnings.simplefilter("ignore")
                files[name] = matio.load_from_mat(str(FOLDER / f"{name}.mat"))
        return files[name]

    return read


# How MATLAB stores a network


def record(value):
    """The fields of an object or of a struct."""
    if hasattr(value, "properties"):
        inner = value.properties
        return record(inner["any"]) if "any" in inner else inner
    return {name: value[name].ravel()[0] for name in value.dtype.names}


def numbers(value):
    """The array of a parameter or of a dlarray, whether it lay on a GPU or not."""
    while not (isinstance(value, np.ndarray) and value.dtype.kind == "f"):
        if hasattr(value, "properties"):
            value = value.properties["any"]
        elif value.dtype.names:
            value = record(value)
            value = value["Data" if "Data" in value else "Value"]
        else:  # a gpuArray: its version, its data
            value = value.ravel()[-1]
    return value


def text(fields, name):
    return str(np.asarray(fields[name]).ravel()[0])


def layers_of(net):
    """The fields of each layer, in order."""
    graph = record(record(net)["LayerGraph"])
    return [record(layer) for layer in graph["Layers"].ravel()]


def rebuilt_layer(fields):
    """The layer, told by its fields: the class of a saved layer is not in the file's reach."""
    name = text(fields, "Name")
    if "Type" in fields:
        assert text(fields, "Type") == "Tanh"
        return tanhLayer(Name=name)
    if "PaddingMode" in fields:
        assert text(fields, "PaddingMode") == "same"
        size = [int(n) for n in fields["FilterSize"].ravel()]
        values = {p: numbers(fields[p]) for p in ("Weights", "Bias")}
        count = int(fields["NumFilters"].item())
        return convolution2dLayer(size, count, Padding="same", Name=name, **values)
    if "TrainedMean" in fields:
        values = {p: fields[p] for p in ("TrainedMean", "TrainedVariance")}
        values |= {p: numbers(fields[p]) for p in ("Offset", "Scale")}
        return batchNormalizationLayer(Epsilon=fields["Epsilon"].item(), Name=name, **values)
    if "OutputSize" in fields:
        weights, bias = numbers(fields["Weights"]), numbers(fields["Bias"])
        rows = int(fields["OutputSize"].item())
        if weights.ndim > 2:  # height x width x channels x outputs; flattened column by column
            weights = weights.reshape(-1, rows, order="F").T
        return fullyConnectedLayer(rows, Weights=weights, Bias=bias, Name=name)
    if "InputSize" in fields:
        assert fields["Normalization"].size == 0
        size = [int(n) for n in fields["InputSize"].ravel()]
        if len(size) == 1 or size == [1, size[-1]]:
            return featureInputLayer(size[-1], Name=name)
        return imageInputLayer(size, Normalization="none", Name=name)
    return softmaxLayer(Name=name) if "VectorFormat" in fields else reluLayer(Name=name)


def rebuilt(net):
    return dlnetwork([rebuilt_layer(fields) for fields in layers_of(net)])


# The predictions that MATLAB stored


STORED = {  # largest difference allowed in double; single precision rounds on dltk's side too
    "burgers_pinn": {"Upredict": 3.5e-6},
    "sin_cos_lbfgs": {"U_pred": 1.3e-5},
    "adsorption_two_outputs": {"Cg_pred": 9.5e-6, "Cs_pred": 8.2e-5},
}


@pytest.mark.parametrize("name", STORED)
@pytest.mark.parametrize(("kind", "times"), [(double, 1), (single, 2)])
def test_predictions_are_those_that_matlab_stored(saved, name, kind, times):
    held = saved(name)
    net = dlupdate(kind, rebuilt(held["net"]))
    XT = kind(dlarray(np.vstack([held["X"], held["T"]]), "CB"))
    Y = np.asarray(extractdata(predict(net, XT)))
    for row, (word, most) in zip(Y, STORED[name].items(), strict=True):
        theirs = numbers(held[word]).ravel()
        assert np.ptp(theirs) > 0.9  # there is something to agree with
        assert np.abs(row - theirs).max() < times * most


def test_a_trained_network_solves_burgers_equation(saved):
    """u_t + u u_x = (0.01 / pi) u_xx; the residual is small beside its own three terms."""
    held = saved("burgers_pinn")
    net = rebuilt(held["net"])
    X, T = (dlarray(held[name][:, ::40].astype(np.float32), "CB") for name in "XT")

    def terms(net, X, T):
        U = predict(net, vertcat(X, T))
        Ux, Ut = dlgradient(total(U, "all"), X, T, EnableHigherDerivatives=True)
        Uxx = dlgradient(total(Ux, "all"), X)
        return Ut, U * Ux, (0.01 / np.pi) * Uxx

    parts = [np.asarray(extractdata(part)) for part in dlfeval(terms, net, X, T)]
    residual = parts[0] + parts[1] - parts[2]
    size = max(np.sqrt(np.mean(part**2)) for part in parts)
    assert np.sqrt(np.mean(residual**2)) < 0.05 * size


# Convolution and batch normalization, against SciPy


def convolved(X, weights, bias):
    """Filters on an image, height x width x channels, padded to the same size."""
    planes = [
        sum(correlate(X[..., c], w[..., c], mode="same") for c in range(X.shape[2]))
        for w in np.moveaxis(weights, 3, 0)
    ]
    return np.stack(planes, axis=2) + bias.reshape(1, 1, -1)


def scipy_predict(fields_of_layers, X):
    for fields in fields_of_layers:
        if "PaddingMode" in fields:
            X = convolved(X, *(numbers(fields[p]).astype(float) for p in ("Weights", "Bias")))
        elif "TrainedMean" in fields:
            scale, offset = numbers(fields["Scale"]), numbers(fields["Offset"])
            spread = np.sqrt(fields["TrainedVariance"].astype(float) + 1e-5)
            X = (X - fields["TrainedMean"]) / spread * scale + offset
        elif "OutputSize" in fields:
            X = np.einsum("hwc,hwck->k", X, numbers(fields["Weights"]).astype(float))
            X = X + numbers(fields["Bias"]).ravel()
        elif "VectorFormat" in fields:
            X = np.exp(X - X.max()) / np.exp(X - X.max()).sum()
        elif "InputSize" not in fields:
            X = np.maximum(X, 0)
    return X


def test_a_saved_convolution_network_runs_as_scipy_computes_it(saved):
    held = saved("workspace_conv_batchnorm")
    net = rebuilt(held["net"])
    kinds = [layer.kind for layer in net.Layers]
    block = ["convolution2dLayer", "batchNormalizationLayer", "reluLayer"]
    assert kinds == ["imageInputLayer", *block * 3, "fullyConnectedLayer", "softmaxLayer"]
    X = np.random.RandomState(0).rand(28, 28, 1, 2) * 255
    ours = np.asarray(extractdata(predict(net, dlarray(X.astype(np.float32), "SSCB"))))
    theirs = [scipy_predict(layers_of(held["net"]), X[..., n]) for n in range(2)]
    np.testing.assert_allclose(ours, np.transpose(theirs), atol=2e-4)


def test_saved_statistics_go_on_in_forward(saved):
    net = rebuilt(saved("workspace_conv_batchnorm")["net"])
    X = dlarray(np.random.RandomState(0).rand(28, 28, 1, 4).astype(np.float32), "SSCB")
    _, state = forward(net, X, nargout=2)
    old = np.asarray(extractdata(net.State["batchnorm_1", "TrainedMean"])).ravel()
    new = np.asarray(extractdata(state["batchnorm_1", "TrainedMean"])).ravel()
    of_batch = np.asarray(extractdata(forward(net, X, Outputs="conv_1"))).mean((0, 1, 3))
    np.testing.assert_allclose(new, 0.9 * old + 0.1 * of_batch, rtol=1e-4, atol=1e-5)


def test_labels_read_from_a_workspace_give_the_accuracy_stored_beside_them(saved):
    held = saved("workspace_conv_batchnorm")
    T, Y = (np.asarray(held[name]).ravel() for name in ("TTest", "YTest"))
    assert 100 * np.mean(T == Y) == pytest.approx(held["accuracy"].item())


# Parameters of a model function, as a struct


def test_a_struct_of_parameters_runs_as_numpy_computes_it(saved):
    parameters = record(record(saved("parameters_struct")["parameters"])["W"])
    stages = [{p: numbers(v) for p, v in record(s).items()} for s in parameters.values()]
    assert len(stages) == 9
    X = np.linspace(0, 1, 7, dtype=np.float32)[None]
    Y, expected = dlarray(X, "CB"), X.astype(float)
    for stage in stages:
        if "Alpha" in stage:  # a learnable slope in front of each tanh but the first
            Y, expected = tanh(stage["Alpha"].item() * Y), np.tanh(stage["Alpha"] * expected)
        Y = fullyconnect(Y, dlarray(stage["Weights"]), dlarray(stage["Bias"]))
        expected = stage["Weights"] @ expected + stage["Bias"]
    np.testing.assert_allclose(np.asarray(extractdata(Y)), expected, rtol=2e-4, atol=2e-5)
