"""The tests of `checkLayer`: each raises an AssertionError, or returns why it does not apply."""

from __future__ import annotations

import copy
import functools
import math
from collections.abc import Iterable, Sequence
from typing import Any

import jax
import numpy as np

from .. import _labels as labels
from .._random import Stream, drawing_from, generator, unadvanced
from .._run import call_layer, split
from ..autodiff import dlfeval, dlgradient
from ..debug import checkgradients
from ..dlarray import dlarray, extractdata
from ..functions import sum as total
from ..layers._layer import Layer
from ..layers._layout import networkDataLayout

OBSERVATIONS, STEPS = 3, 4  # where a size is unknown


class Subject:
    """The layer under test, with data for it.

    Args:
        layer: The layer as the user gave it.
        layouts: Size and labels of each input.
    """

    def __init__(self, layer: Layer, layouts: Sequence[networkDataLayout]):
        self.given, self.layouts = layer, list(layouts)

    @functools.cached_property
    def layer(self) -> Layer:
        """The layer, initialized."""
        start = copy.copy(self.given)
        return start.initialize(*self.layouts) or start

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of learnables and states."""
        absent = self.layer.absent
        return tuple(n for n in (*self.layer.learnables, *self.layer.states) if n not in absent)

    @property
    def states(self) -> tuple[str, ...]:
        """Names of the states."""
        return tuple(name for name in self.layer.states if name not in self.layer.absent)

    def data(self, kind: Any = np.float32, observations: int = OBSERVATIONS) -> list[dlarray]:
        """An input for each port, the same in every call."""
        random = np.random.RandomState(7)
        made = []
        for layout in self.layouts:
            fmt = layout.Format or "U" * len(layout.Size)
            size = [
                observations if d == "B" else _known(n, d)
                for n, d in zip(layout.Size, fmt, strict=True)
            ]
            made.append(dlarray(random.standard_normal(size).astype(kind), layout.Format))
        return made

    def bound(self, kind: Any = np.float32) -> Layer:
        """The layer with parameters as the network puts them there, of a number type."""
        return self.layer.bound(
            {n: dlarray(np.asarray(_array(getattr(self.layer, n)), kind)) for n in self.parameters}
        )

    def run(
        self, method: str, kind: Any = np.float32, observations: int = OBSERVATIONS
    ) -> tuple[list[dlarray], list[Any]]:
        """Outputs and states, with the same random numbers in every call."""
        with unadvanced():
            layer = self.bound(kind)
            return split(layer, call_layer(layer, method, self.data(kind, observations)))


def _known(n: float, label: str) -> int:
    return (STEPS if label == "T" else 8 if label == "S" else 1) if math.isnan(n) else int(n)


def _array(value: Any) -> np.ndarray:
    return np.asarray(extractdata(value) if isinstance(value, dlarray) else value)


def _size(value: Any) -> str:
    return labels.show(np.shape(_array(value)), getattr(value, "dims", ""))


# Initialization


def has_values(s: Subject) -> str | None:
    """After initialize no parameter is left empty."""
    if not s.parameters:
        return "The layer has no parameters."
    empty = [name for name in s.parameters if getattr(s.layer, name) is None]
    assert not empty, f"initialize leaves {', '.join(empty)} without a value."
    return None


def keeps_values(s: Subject) -> str | None:
    """A second initialize keeps what is there."""
    if not s.parameters:
        return "The layer has no parameters."
    before = {name: _array(getattr(s.layer, name)).copy() for name in s.parameters}
    again = s.layer.bound({})
    again = again.initialize(*s.layouts) or again
    changed = [n for n, v in before.items() if not np.array_equal(v, _array(getattr(again, n)))]
    assert not changed, (
        f"initialize replaces values that are there: {', '.join(changed)}.\n"
        "Set a parameter only if it is None: a user's or trained values would be lost."
    )
    return None


# Calls


def returns_outputs(method: str, s: Subject) -> str | None:
    """The method returns outputs, then one value per state, in data that a network can use."""
    outputs, states = s.run(method)
    assert len(states) == len(s.states), (
        f"{method} returns {len(states)} values after the outputs, the layer has "
        f"{len(s.states)} states ({', '.join(s.states) or 'none'})."
    )
    plain = [i + 1 for i, y in enumerate(outputs) if not isinstance(y, dlarray)]
    assert not plain, f"{method}: output {plain[0]} is no dlarray."
    if s.layer.Formattable and any(x.dims for x in s.data()):
        bare = [i + 1 for i, y in enumerate(outputs) if not y.dims and y.size > 1]
        assert not bare, f"{method}: output {bare[0]} has no labels, as Formattable promises."
    return None


def follows_observations(s: Subject) -> str | None:
    """The size of "B" in the outputs is that of the inputs."""
    if not any("B" in layout.Format for layout in s.layouts):
        return "The inputs have no observations."
    for count in (1, OBSERVATIONS):
        for number, y in enumerate(s.run("predict", observations=count)[0], 1):
            found = y.shape[labels.find(y.dims, "B")[0]] if "B" in y.dims else count
            assert found == count, (
                f"Output {number} has {found} observations ({_size(y)}) for {count} in the input."
            )
    return None


def same_sizes(s: Subject) -> str | None:
    """Both methods return outputs of the same sizes and labels."""
    if type(s.layer).forward is Layer.forward:
        return "The layer has no forward of its own."
    both = zip(s.run("predict")[0], s.run("forward")[0], strict=True)
    for number, (a, b) in enumerate(both, 1):
        same = (a.shape, a.dims) == (b.shape, b.dims)
        assert same, f"Output {number}: predict gives {_size(a)}, forward gives {_size(b)}."
    return None


def is_repeatable(s: Subject) -> str | None:
    """Predict gives the same twice."""
    first, second = (s.run("predict")[0] for _ in range(2))
    for a, b in zip(first, second, strict=True):
        same = np.array_equal(_array(a), _array(b), equal_nan=True)
        assert same, (
            "Two calls of predict with the same data differ; randomness belongs in forward."
        )
    return None


def changes_nothing(s: Subject) -> str | None:
    """A call leaves the layer as it was: results go out as return values."""
    layer, data = s.bound(), s.data()
    before = dict(vars(layer))
    for method in ("predict", "forward"):
        call_layer(layer, method, data)
        after = vars(layer)
        changed = [n for n in {**before, **after} if before.get(n) is not after.get(n)]
        assert not changed, (
            f"{method} sets self.{changed[0]}: the change would be lost, as the network calls a "
            "copy.\nDeclare it in `states` and return its new value."
        )
    return None


# Number types


def keeps_type(kind: Any, s: Subject) -> str | None:
    """Outputs and states have the number type of data and parameters."""
    name = {np.float32: "single", np.float64: "double"}[kind]
    for method in ("predict", "forward"):
        outputs, states = s.run(method, kind)
        for what, values in (("Output", outputs), ("State", states)):
            for number, value in enumerate(values, 1):
                found = _array(value).dtype
                assert found == kind or found.kind not in "fc", (
                    f"{what} {number} of {method} is {found} for {name} data and parameters."
                )
    return None


# Gradients


def has_right_gradients(method: str, s: Subject) -> str | None:
    """Gradients by inputs and learnables agree with finite differences."""
    if method == "forward" and type(s.layer).forward is Layer.forward:
        return "forward is predict."
    layer, data = s.bound(np.float64), s.data(np.float64)
    if any(_array(y).dtype.kind != "f" for y in s.run(method, np.float64)[0]):
        return "The outputs are not real numbers."
    random = np.random.RandomState(11)
    weights = [
        random.standard_normal(_array(y).shape) for part in s.run(method, np.float64) for y in part
    ]
    held = {f"input {port}": x for port, x in zip(layer.inputs, data, strict=True)}
    held |= {name: getattr(layer, name) for name in s.parameters}

    def loss(values: dict[str, dlarray]) -> Any:
        made = layer.bound({name: values[name] for name in s.parameters})
        X = [values[f"input {port}"] for port in layer.inputs]
        outputs, states = split(made, call_layer(made, method, X))
        made = zip([*outputs, *states], weights, strict=True)
        value = _sum_of(total(y * dlarray(w, getattr(y, "dims", "")), "all") for y, w in made)
        return value, dlgradient(value, values)

    result = checkgradients(loss, held, entries=6)
    wrong = [p for p in result.parameters if not p.error <= result.tolerance]
    assert not wrong, "\n".join(
        f"{p.name}, entry {[i + 1 for i in p.entry]}: the gradient is {p.analytic:.6g}, the finite "
        f"difference {p.numeric:.6g}."
        for p in wrong
    )
    return None


def backward_fits(s: Subject) -> str | None:
    """A backward of its own returns what it must, in the right sizes."""
    if not hasattr(s.layer, "backward"):
        return "The layer has no backward of its own; derivatives are automatic."
    data = s.data()
    held = [*data, *(getattr(s.bound(), name) for name in s.parameters)]

    def derivatives(method: str, held: list[dlarray]) -> Any:
        made = s.bound().bound(dict(zip(s.parameters, held[len(data) :], strict=True)))
        outputs, states = split(made, call_layer(made, method, held[: len(data)]))
        return dlgradient(_sum_of(total(y, "all") for y in [*outputs, *states]), held)

    for method in ("predict", "forward"):
        dlfeval(derivatives, method, held)
    return None


def _sum_of(values: Iterable[Any]) -> Any:
    return functools.reduce(lambda a, b: a + b, values)


# States


def passes_states_on(s: Subject) -> str | None:
    """A call with the states of the call before works and keeps their sizes."""
    if not s.states:
        return "The layer has no states."
    _, first = s.run("forward")
    layer = s.bound().bound(dict(zip(s.states, map(dlarray, map(_array, first)), strict=True)))
    _, second = split(layer, call_layer(layer, "forward", s.data()))
    for name, a, b in zip(s.states, first, second, strict=True):
        assert np.shape(_array(a)) == np.shape(_array(b)), (
            f"{name} is {_size(a)} after one call and {_size(b)} after two."
        )
    return None


def resets_states(s: Subject) -> str | None:
    """After resetState the layer runs and gives what it gave at first."""
    if not s.states:
        return "The layer has no states."
    outputs, (_, states) = s.run("predict")[0], s.run("forward")
    moved = s.layer.bound(dict(zip(s.states, states, strict=True)))
    fresh = Subject(s.given, s.layouts)
    vars(fresh)["layer"] = moved.resetState() or moved
    kept = [
        n
        for n in s.states
        if np.array_equal(_array(getattr(moved, n)), _array(getattr(fresh.layer, n)))
    ]
    if len(kept) == len(s.states):
        return "resetState leaves the states as they are."
    for a, b in zip(outputs, fresh.run("predict")[0], strict=True):
        same = np.allclose(_array(a), _array(b))
        assert same, "After resetState predict gives something else than at first."
    return None


# Speed


def compiles(s: Subject) -> str | None:
    """The methods can be traced: no branch on values, no NumPy on data."""
    for method in ("predict", "forward"):

        def run(*X: dlarray, method: str = method) -> Any:
            return [y._data for y in split(s.bound(), call_layer(s.bound(), method, X))[0]]

        try:
            key = Stream(np.asarray(generator.device.key))
            with drawing_from(key), jax.enable_x64(True):
                jax.eval_shape(run, *s.data())
        except (jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError) as error:
            return f"{method} looks at values, so it runs without compiling: {str(error)[:100]}..."
    return None


GROUPS = (
    (
        "Initialization",
        (
            ("All parameters have values.", has_values),
            ("Values that are there stay.", keeps_values),
        ),
    ),
    (
        "Calls",
        (
            (
                "predict returns its outputs, then its states.",
                functools.partial(returns_outputs, "predict"),
            ),
            (
                "forward returns its outputs, then its states.",
                functools.partial(returns_outputs, "forward"),
            ),
        ),
    ),
    (
        "Sizes",
        (
            ("Outputs have as many observations as inputs.", follows_observations),
            ("predict and forward agree in size.", same_sizes),
        ),
    ),
    (
        "Number types",
        (
            ("Single stays single.", functools.partial(keeps_type, np.float32)),
            ("Double stays double.", functools.partial(keeps_type, np.float64)),
        ),
    ),
    (
        "Values",
        (
            ("predict gives the same twice.", is_repeatable),
            ("Calls change nothing in the layer.", changes_nothing),
        ),
    ),
    (
        "States",
        (
            ("States can be passed on.", passes_states_on),
            ("resetState takes them back.", resets_states),
        ),
    ),
    (
        "Gradients",
        (
            ("A backward of its own returns a derivative for each.", backward_fits),
            (
                "Those of predict agree with finite differences.",
                functools.partial(has_right_gradients, "predict"),
            ),
            (
                "Those of forward agree with finite differences.",
                functools.partial(has_right_gradients, "forward"),
            ),
        ),
    ),
    ("Speed", (("It compiles.", compiles),)),
)

# What all later tests build on
NEEDED = ("All parameters have values.", *(claim for claim, _ in dict(GROUPS)["Calls"]))
