"""All layers pass the same claims: values, labels, sizes, number types, derivatives, networks."""

import pathlib
import re

import jax
import numpy as np
import pytest
from jax.test_util import check_grads

import dltk.layers as L
from dltk import _random, dlnetwork, isequal, load, predict, save
from dltk.dlarray import dlarray, extractdata, stripdims
from dltk.layers import Layer, networkDataLayout

from .cases import CASES

ONCE = {name: case for name, case in CASES.items() if case.once}


def table(cases):
    return pytest.mark.parametrize("case", cases.values(), ids=cases.keys())


TOLERANCE = {np.float64: 1e-10, np.float32: 2e-5}


def layouts(case):
    return [networkDataLayout(s, f) for s, f in zip(case.shapes, case.fmts, strict=True)]


def numbers(case):
    random = np.random.default_rng(3)
    return [case.data(random.standard_normal(shape)) for shape in case.shapes]


def parameters(layer):
    """Random values of all parameters, none of them at a special point."""
    random = np.random.default_rng(4)
    names = [n for n in (*layer.learnables, *layer.states) if n not in layer.absent]
    values = {n: random.standard_normal(np.shape(getattr(layer, n))) / 2 for n in names}
    for name in names:
        if getattr(layer, name).dtype.kind == "c":
            values[name] = values[name] + 1j * random.standard_normal(values[name].shape) / 2
        if name.endswith("TrainedVariance"):
            values[name] = 1 + values[name] ** 2
    return values


def of_type(x, dtype):
    """Numbers of a type, or complex numbers with parts of that type."""
    return x.astype(np.result_type(dtype, np.complex64) if np.iscomplexobj(x) else dtype)


def prepared(case):
    layer = case.layer().initialize(*layouts(case))
    return layer, parameters(layer)


def labelled(case, arrays, dtype=np.float64):
    return [dlarray(of_type(x, dtype), fmt) for x, fmt in zip(arrays, case.fmts, strict=True)]


def run(layer, method, values, inputs, dtype=np.float64):
    """The first output, as the network calls a layer."""
    bound = layer.bound({k: dlarray(of_type(v, dtype)) for k, v in values.items()})
    if not layer.Formattable:
        (X,) = inputs
        return dlarray(getattr(bound, method)(stripdims(X)), X.dims)
    out = getattr(bound, method)(*inputs)
    return out[0] if isinstance(out, tuple) else out


def assert_close(got, wanted, dtype=np.float64):
    np.testing.assert_allclose(got, wanted, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


def test_the_table_has_every_layer():
    other = {"Layer", "networkDataLayout"}
    other |= {"maxUnpooling2dLayer", "sequenceUnfoldingLayer"}  # see test_partners
    legacy = {"classificationLayer", "regressionLayer", "pixelClassificationLayer"}
    legacy |= {"dicePixelClassificationLayer", "focalLossLayer"}
    tested = {type(case.layer()).__name__ for case in CASES.values()}
    assert set(L.__all__) - other - legacy == tested


def test_the_page_of_layers_names_every_layer():
    page = (pathlib.Path(__file__).parents[2] / "docs" / "layers.md").read_text()
    named = set(re.findall(r"`(\w+Layer)`", page.partition("## What is not there")[0]))
    legacy = set(re.findall(r"`(\w+Layer)`", page.partition("## What is not there")[2]))
    there = {name for name in L.__all__ if name.endswith("Layer")} - {"Layer"}
    named -= {"checkLayer"}
    assert named <= there <= named | legacy


@table(CASES)
def test_values_sizes_and_labels_are_those_of_the_formula(case):
    layer, values = prepared(case)
    arrays = numbers(case)
    methods = {"predict": case.wanted}
    if case.trained or type(layer).forward is not Layer.forward:
        methods["forward"] = case.trained or case.wanted
    for method, formula in methods.items():
        Y = run(layer, method, values, labelled(case, arrays))
        assert_is(Y, case, formula(values, *arrays))


def assert_is(Y, case, wanted):
    assert Y.dims == case.out
    assert Y.dtype == of_type(wanted, np.float64).dtype
    assert Y.shape == (wanted.shape if wanted.ndim > 1 else (*wanted.shape, 1))
    assert_close(extractdata(Y).reshape(wanted.shape), wanted)


@table(ONCE)
def test_single_stays_single(case):
    layer, values = prepared(case)
    arrays = numbers(case)
    Y = run(layer, "forward", values, labelled(case, arrays, np.float32), np.float32)
    wanted = (case.trained or case.wanted)(values, *arrays)
    assert Y.dtype == of_type(wanted, np.float32).dtype
    assert_close(extractdata(Y).reshape(wanted.shape), wanted, np.float32)


@table(ONCE)
def test_the_first_values_are_single_and_run_in_a_network(case):
    arrays = numbers(case)
    made = case.layer()
    own = [layout.zeros() for layout in layouts(case)] if not made.is_input else []
    net = dlnetwork([made], *own)
    assert all(
        v.dtype in (np.float32, np.complex64) for t in (net.Learnables, net.State) for v in t.Value
    )
    Y = predict(
        net, *labelled(case, arrays, np.float32), Outputs=net.OutputNames[0], Acceleration="none"
    )
    values = {
        "/".join((*layer.split("/")[1:], name)): extractdata(v)
        for t in (net.Learnables, net.State)
        for layer, name, v in t
    }
    wanted = case.wanted(values, *arrays)
    assert (Y.dims, Y.dtype) == (case.out, of_type(wanted, np.float32).dtype)
    assert_close(extractdata(Y).reshape(wanted.shape), wanted, np.float32)


@table(ONCE)
def test_a_saved_layer_comes_back_with_its_options_and_values(case, tmp_path):
    made = case.layer()
    own = [layout.zeros() for layout in layouts(case)] if not made.is_input else []
    net = dlnetwork([made], *own)
    save(tmp_path / "net", net=net)
    functions = {"net": net} if made.kind == "functionLayer" else {}  # which a file cannot hold
    again = load(tmp_path / "net", **functions).net
    assert isequal(net, again)
    assert repr(net.Layers[0]) == repr(again.Layers[0])


@table({name: case for name, case in ONCE.items() if case.derivatives})
def test_derivatives_are_those_of_finite_differences(case):
    layer, values = prepared(case)
    learned = {n: v for n, v in values.items() if n in layer.learnables}
    fixed = {n: v for n, v in values.items() if n in layer.states}

    def function(arrays, learned):
        inputs = [dlarray(x, fmt) for x, fmt in zip(arrays, case.fmts, strict=True)]
        with _random.drawing_from(_random.Stream(np.zeros(2, np.uint32))):  # jax.jit is not dlfeval
            return extractdata(run(layer, "forward", {**fixed, **learned}, inputs))

    with jax.enable_x64(True):  # forward mode and higher orders: see the tests of the operations
        inputs = (numbers(case), learned)
        check_grads(jax.jit(function), inputs, 1, ("rev",), rtol=1e-5, atol=1e-6, eps=1e-5)
