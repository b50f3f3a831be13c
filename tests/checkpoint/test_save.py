"""What is saved comes back to the last bit, or not at all; what does not fit is named."""

import collections
import datetime
import os
import random

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import safetensors.numpy

from dltk import (
    FileError,
    OptionError,
    adamupdate,
    batchNormalizationLayer,
    categorical,
    cloneFunction,
    cosineLearnRate,
    dlarray,
    dlnetwork,
    dlupdate,
    double,
    extractdata,
    featureInputLayer,
    fullyConnectedLayer,
    functionLayer,
    lbfgsState,
    lbfgsupdate,
    learn_rate_sequence,
    load,
    networkLayer,
    predict,
    reluLayer,
    rng,
    save,
    setLearnRateFactor,
    struct,
    table,
    tanhLayer,
)
from dltk.layers import Layer

RANDOM = np.random.RandomState(0)
VALUES = {
    "numbers": [1, -(2**80), 0.1, True, None, complex(1, -2), float("inf"), -0.0],
    "texts": ["", "Größe", 'a "quoted" word'],
    "nested": {"a": [(1, (2, "b"))], 3: {}, (1, 2): [], "e": collections.deque([1, 2], maxlen=2)},
    "NumPy numbers": [np.float32(0.1), np.float64(0.1), np.int8(-3), np.bool_(True)],
    "transposed": RANDOM.rand(3, 4).T,
    "column by column": np.asfortranarray(RANDOM.rand(3, 4)),
    "backwards": RANDOM.rand(10)[::-2],
    "big-endian": np.arange(5, dtype=">i4"),
    "no elements": np.zeros((0, 3), np.float32),
    "no dimensions": np.array(2.5),
    "logical": RANDOM.rand(2, 3) > 0.5,
    "complex": np.array([1 + 2j, 3], np.complex128),
    "dates": np.array(["2026-01-02"], "datetime64[D]"),
    "words": np.array([["a", "bb"], ["", "c"]]),
    "bfloat16": jnp.array([1.5, 2.5], jnp.bfloat16),
    "formatted": dlarray(RANDOM.rand(2, 3, 4), "SSB"),
    "unformatted": dlarray(np.float32([1, 2, 3])),
    "categorical": categorical(["x", "y", "x"], ["y", "x", "z"]),
    "table": table(["fc", "fc"], ["Weights", "Bias"], [np.ones((2, 3)), None]),
    "struct": struct(a=struct(b=1.5), c=dlarray(RANDOM.rand(2), "C")),
    "schedule": cosineLearnRate(Period=7),
    "schedules": learn_rate_sequence(["warmup", cosineLearnRate(FrequencyUnit="iteration")]),
    "generator": np.random.default_rng(5),
    "others": [b"ab\x00", {1, 2}, datetime.datetime(2026, 1, 2, 3, 4, 5, 6)],
}


def facts(value):
    """A value as plain things that compare by kind and bits."""
    if isinstance(value, dlarray):
        return "dlarray", value.dims, facts(extractdata(value))
    if isinstance(value, (np.ndarray, np.generic, jax.Array)):
        array = np.asarray(value)
        order = array.astype(array.dtype.newbyteorder("="))
        kind = "jax" if isinstance(value, jax.Array) else type(value).__name__
        return kind, str(order.dtype), array.shape, order.tobytes()
    if isinstance(value, categorical):
        return "categorical", value._names, facts(value._codes)
    if isinstance(value, table):
        return "table", value.names, facts(value.Value)
    if isinstance(value, struct):
        return "struct", facts(vars(value))
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    if isinstance(value, dict):
        return "dict", [(key, facts(v)) for key, v in value.items()]
    if isinstance(value, (list, tuple, collections.deque)):
        return type(value), getattr(value, "maxlen", None), [facts(v) for v in value]
    return type(value), repr(value)


@pytest.mark.parametrize("name", VALUES)
def test_a_value_comes_back_to_the_last_bit(name, tmp_path):
    save(tmp_path / "file", value=VALUES[name])
    assert facts(load(tmp_path / "file").value) == facts(VALUES[name])


def test_jax_keys_come_back(tmp_path):
    save(tmp_path / "file", key=jax.random.key(5))
    assert jax.random.key_data(load(tmp_path / "file").key).tolist() == [0, 5]


def small(*more, size=3):
    return dlnetwork([featureInputLayer(2), fullyConnectedLayer(size, Name="fc"), *more])


def test_a_network_comes_back_whole(tmp_path):
    inner = networkLayer([fullyConnectedLayer(4), batchNormalizationLayer()], Name="block")
    net = setLearnRateFactor(small(inner, reluLayer()), "fc", "Weights", 0.5)
    net = dlupdate(lambda p: p + 1, net)
    net.OutputNames = ["fc", "relu"]
    save(tmp_path / "net", net=net)
    for made in (load(tmp_path / "net").net, load(tmp_path / "net", net=net).net):
        assert repr(made) == repr(net)
        assert made.Connections == net.Connections
        assert [type(layer) for layer in made.Layers] == [type(layer) for layer in net.Layers]
        assert facts(made.Learnables) == facts(net.Learnables)
        assert facts(made.State) == facts(net.State)
        X = dlarray(np.ones((2, 5), np.float32), "CB")
        pair = (predict(n, X, nargout=2) for n in (made, net))
        assert facts(list(next(pair))) == facts(list(next(pair)))
        new, *_ = adamupdate(made, net.Learnables, [], [], 1, 1.0)
        moved = [
            float(abs(new.Learnables["fc", n] - made.Learnables["fc", n]).max().item())
            for n in ("Weights", "Bias")
        ]
        np.testing.assert_allclose(moved, [0.5, 1.0], rtol=1e-5)


def test_shared_parameters_stay_shared(tmp_path):
    net = small(tanhLayer(Name="tanh"), size=2)
    twice = cloneFunction(net, "input", "tanh", "shared")(net, "tanh")[0]
    save(tmp_path / "net", net=twice)
    made = load(tmp_path / "net").net
    assert len(made.Layers) == len(twice.Layers) == 6
    assert made.Learnables.names == twice.Learnables.names == (("fc", "Weights"), ("fc", "Bias"))
    X = dlarray(np.ones((2, 1), np.float32), "CB")
    assert facts(predict(made, X)) == facts(predict(twice, X))


def test_arrays_have_readable_names_for_other_programs(tmp_path):
    net = small()
    save(tmp_path / "net", net=net, X=dlarray(np.arange(6.0).reshape(2, 3), "CB"))
    found = safetensors.numpy.load_file(tmp_path / "net.safetensors")
    weights = found["net/Learnables/fc/Weights"]
    np.testing.assert_array_equal(weights, extractdata(net.Learnables["fc", "Weights"]))
    np.testing.assert_array_equal(found["X"], np.arange(6.0).reshape(2, 3))


def test_single_variables_and_structs(tmp_path):
    save(tmp_path / "run.safetensors", struct(a=1, b=2), c=3)
    assert load(tmp_path / "run") == struct(a=1, b=2, c=3)
    assert load(tmp_path / "run", "c", "a") == struct(c=3, a=1)
    assert os.listdir(tmp_path) == ["run.safetensors"]


class scaleLayer(Layer):
    learnables = ("Scale",)

    def initialize(self, layout):
        self.Scale = np.ones((3, 1), np.float32)
        return self

    def predict(self, X):
        return self.Scale * X


def test_layers_and_functions_of_the_user_come_from_the_network_handed_over(tmp_path):
    def made():
        return small(scaleLayer(Name="own"), functionLayer(lambda X: 2 * X, Name="twice"))

    net = dlupdate(lambda p: 3 * p, made())
    save(tmp_path / "net", net=net)
    loaded = load(tmp_path / "net", net=made()).net
    X = dlarray(np.ones((2, 1), np.float32), "CB")
    assert facts(predict(loaded, X)) == facts(predict(net, X))
    with pytest.raises(OptionError, match=r'layer "own" is a scaleLayer, a class of your own'):
        load(tmp_path / "net")


def rosenbrock(x):
    a, b = x[:-1], x[1:]
    loss = (100 * (b - a**2) ** 2 + (1 - a) ** 2).sum()
    gradient = np.zeros_like(x)
    gradient[:-1] = -400 * a * (b - a**2) - 2 * (1 - a)
    gradient[1:] += 200 * (b - a**2)
    return loss, gradient


def test_lbfgs_goes_on_with_the_same_bits(tmp_path):
    x, state = np.array([-1.2, 1.0, 0.5]), lbfgsState(HistorySize=4)
    for k in range(12):
        if k == 6:
            save(tmp_path / "run", x=x, state=state)
        x, state = lbfgsupdate(x, rosenbrock, state)
    S = load(tmp_path / "run")
    y, other = S.x, S.state
    for _ in range(6):
        y, other = lbfgsupdate(y, rosenbrock, other)
    assert facts(y) == facts(x)
    assert repr(other) == repr(state)


def test_the_state_of_random_numbers_can_be_saved_by_hand(tmp_path):
    rng(5)
    save(tmp_path / "s", s=rng())
    first = np.random.RandomState(5).rand()
    rng(load(tmp_path / "s").s)
    from dltk import rand

    assert float(np.asarray(rand(1, 1)).item()) == first


# Refusals


def cyclic():
    values = [1]
    values.append(values)
    return values


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (lambda x: x, "value/0 is a function, which cannot be saved.*\nNumbers, text"),
        (np.array([{}]), "array of object"),
        (cyclic(), "contains itself"),
        (frozenset(), "frozenset"),
    ],
)
def test_what_cannot_be_saved_is_refused_and_nothing_is_written(value, text, tmp_path):
    save(tmp_path / "run", value=[1])
    with pytest.raises(OptionError, match=text):
        save(tmp_path / "run", value=[value])
    assert load(tmp_path / "run").value == [1]


def test_wrong_calls_are_refused(tmp_path):
    with pytest.raises(OptionError, match=r"ending of MATLAB's own.*\nUse .*net.safetensors"):
        save(tmp_path / "net.mat", a=1)
    with pytest.raises(OptionError, match="there is nothing to save"):
        save(tmp_path / "net")
    with pytest.raises(OptionError, match='"a" is given twice'):
        save(tmp_path / "net", {"a": 1}, a=1)
    with pytest.raises(OptionError, match=r"file name is a[\s\S]*Write load"):
        load(3)
    with pytest.raises(OptionError, match=r"dlnetwork comes without the name[\s\S]*net=net"):
        save(tmp_path / "net", small())
    with pytest.raises(OptionError, match="comes without the name of a variable"):
        save(tmp_path / "net", "net", "velocity")
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere; make it first"):
        save(tmp_path / "nowhere" / "net", a=1)
    with pytest.raises(FileNotFoundError, match="nothere"):
        load(tmp_path / "nothere")
    save(tmp_path / "net", velocity=1)
    with pytest.raises(OptionError, match=r"name of a variable is a dlnetwork[\s\S]*net=net"):
        load(tmp_path / "net", small())
    with pytest.raises(OptionError, match=r'no variable "velocty".*\nDid you mean "velocity"'):
        load(tmp_path / "net", "velocty")


OTHERS = {
    "another size": (lambda: small(size=4), "net/Network/Layers/fc/OutputSize", "3", "4"),
    "another layer": (lambda: small(reluLayer(Name="x")), "Layers/x", "'tanhLayer'", "'relu"),
    "one more": (
        lambda: small(tanhLayer(Name="x"), reluLayer(Name="y")), "Layers/y", "not there", "there",
    ),
    "double": (lambda: dlupdate(double, small(tanhLayer(Name="x"))), "Weights", "float32", "64"),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_the_first_difference_of_another_network_is_named(name, tmp_path):
    other, place, saved, given = OTHERS[name]
    save(tmp_path / "net", net=small(tanhLayer(Name="x")))
    with pytest.raises(OptionError) as error:
        load(tmp_path / "net", net=other())
    assert "the saved net is not like the one that you handed over" in str(error.value)
    assert place in error.value.got["first difference"]
    assert saved in error.value.got["saved"]
    assert given in error.value.got["given"]


def test_structs_of_parameters_are_compared_too(tmp_path):
    parameters = struct(fc=struct(Weights=dlarray(np.ones((2, 3))), Bias=np.zeros(2)))
    save(tmp_path / "run", parameters=parameters, averages=parameters, losses=[1.0, 2.0])
    S = load(tmp_path / "run", parameters=parameters, averages=[], losses=[])
    assert facts(S.averages) == facts(parameters)
    other = struct(fc=struct(Weights=dlarray(np.ones((2, 4))), Bias=np.zeros(2)))
    with pytest.raises(OptionError, match=r"parameters/fc/Weights\n  saved: 2×3 float64"):
        load(tmp_path / "run", parameters=other)
    with pytest.raises(OptionError, match=r"parameters/fc/Bias\n  saved: there\n  given: not ther"):
        load(tmp_path / "run", parameters=struct(fc=struct(Weights=parameters.fc.Weights)))


class Counter:
    """An object with a state, as a user writes it."""

    def __init__(self):
        self.count = 0

    def get_state(self):
        return {"count": self.count}

    def set_state(self, state):
        self.count = state["count"]


def test_objects_get_their_state_back_and_must_be_handed_over(tmp_path):
    counter = Counter()
    counter.count = 7
    save(tmp_path / "run", counter=counter, a=1)
    fresh = Counter()
    assert load(tmp_path / "run", counter=fresh).counter is fresh
    assert fresh.count == 7
    with pytest.raises(OptionError, match=r"state of an object, a Counter[\s\S]*counter=counter"):
        load(tmp_path / "run")
    assert load(tmp_path / "run", "a") == struct(a=1)


# Damage


@pytest.fixture
def whole(tmp_path):
    path = tmp_path / "net.safetensors"
    save(path, net=small(), losses=[0.5, 0.25], note="text")
    return path


def test_a_changed_byte_anywhere_is_noticed(whole):
    content = whole.read_bytes()
    places = random.Random(1).sample(range(len(content)), 60)
    for place in [*places, 0, 9, len(content) - 1]:
        changed = bytearray(content)
        changed[place] ^= 0x11
        whole.write_bytes(changed)
        with pytest.raises(FileError, match=r"damaged|not written by dltk"):
            load(whole)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_file_cut_short_is_noticed(share, whole):
    content = whole.read_bytes()
    whole.write_bytes(content[: int(share * len(content))])
    with pytest.raises(FileError, match=r"damaged[\s\S]*Use an earlier file"):
        load(whole)


def test_files_of_others_and_of_the_future_are_told_apart(tmp_path, monkeypatch):
    safetensors.numpy.save_file({"a": np.ones(2)}, tmp_path / "other.safetensors")
    with pytest.raises(FileError, match=r"not written by dltk[\s\S]*load_file"):
        load(tmp_path / "other")
    monkeypatch.setattr("dltk.checkpoint._file.VERSION", 2)
    save(tmp_path / "new", a=1)
    monkeypatch.setattr("dltk.checkpoint._file.VERSION", 1)
    with pytest.raises(FileError, match=r"newer version of dltk[\s\S]*Update dltk"):
        load(tmp_path / "new")


@pytest.mark.parametrize("step", ["save_file", "fsync", "replace"])
def test_an_interruption_at_any_step_leaves_the_old_file(step, whole, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    where = "safetensors.numpy.save_file" if step == "save_file" else f"os.{step}"
    monkeypatch.setattr(where, interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(whole, note="new")
    monkeypatch.undo()
    assert load(whole).note == "text"
    assert os.listdir(whole.parent) == [whole.name]
