"""What a layer is: the contract between layers and `dlnetwork`, built-in and users' alike.

A layer is a record of hyperparameters with three methods:

``initialize(*layouts)`` Returns the layer with what is still open (numbers of channels, parameter
    values) filled in, given size and labels of its inputs (`networkDataLayout`). ``predict(*X)``
    Outputs at prediction time, then the new values of its states, if it has any. ``forward(*X)``
    The same at training time; `predict` unless it is defined.

Derivatives are automatic, unless a layer defines ``backward``.

The class attributes ``learnables`` and ``states`` name the attributes that hold parameters. The
network keeps their values; before it calls a method it puts them on a copy of the layer, so a
method reads ``self.Weights``. A layer that a network was made of is copied and never changed.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from .._errors import OptionError, nearest
from ..functions._options import number
from ._layout import networkDataLayout


@dataclass(eq=False, kw_only=True)
class Layer:
    """Base of all layers; subclass it to make your own.

    Class attributes to set in a subclass:

    * ``learnables``, ``states``: names of the attributes that hold learnable parameters and states.
      An attribute may be a dlnetwork, named in both: then all its parameters are the layer's, with
      names such as ``Network/fc/Weights``. Such a layer initializes the network in `initialize`,
      and returns it (or its new State) where the new states are returned.
    * ``Formattable``: whether `predict` takes and returns formatted dlarrays. If not (the default),
      it sees unformatted ones, dimensions in the order S, C, B, T, and the labels are put back on.

    Derivatives are automatic. A layer may compute them itself, by a method ``backward(X1, ...,
    Y1, ..., dLdY1, ..., dLdState1, ..., memory)`` that takes the inputs, the outputs, the
    derivatives of the loss by the outputs and by the new states, and what `forward` returned after
    its outputs and states (None if nothing). It returns the derivatives by each input, learnable
    and state, each of its size, or None for one that is zero. Such a layer may use functions that
    are not differentiable; higher derivatives through it are refused.

    Args:
        Name: Name in the network; "" for an automatic one.
        Description: A line for people.
        NumInputs: Number of inputs, called in1, in2, ... (in for one).
        InputNames: Names of the inputs, instead.
        NumOutputs: Number of outputs, called out1, out2, ... (out for one).
        OutputNames: Names of the outputs, instead.

    Example:
        >>> import numpy as np
        >>> class scaleLayer(Layer):
        ...     learnables = ("Scale",)
        ...
        ...     def initialize(self, layout):
        ...         if self.Scale is None:
        ...             self.Scale = np.ones((int(layout.of("C")), 1), np.float32)
        ...         return self
        ...
        ...     def predict(self, X):
        ...         return self.Scale * X
        >>> scaleLayer(Name="scale").Scale is None
        True

    Source:
        https://www.mathworks.com/help/deeplearning/ug/define-custom-deep-learning-layers.html
    """

    learnables: ClassVar[Any] = ()
    states: ClassVar[Any] = ()
    Formattable: ClassVar[bool] = False
    base_name: ClassVar[str] = "layer"
    is_input: ClassVar[bool] = False

    Name: str = ""
    Description: str = ""
    NumInputs: int = 1
    InputNames: Sequence[str] = ()
    NumOutputs: int = 1
    OutputNames: Sequence[str] = ()
    factors: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)

    def __init_subclass__(cls, **options: Any):
        super().__init_subclass__(**options)
        for kind, rows in (("learnables", "Learnables"), ("states", "State")):
            names = vars(cls).get(kind)
            if isinstance(names, (str, tuple, list)):
                names = (names,) if isinstance(names, str) else tuple(names)
                setattr(cls, kind, ParameterNames(names, rows))

    def __getattr__(self, name: str) -> Any:
        found = self.within(name) if "/" in name else None
        if found is not None:
            _, net, row = found
            return (net.Learnables if row in net.Learnables.names else net.State)[row]
        # parameters without a value yet, and what a subclass that skips __init__ left out
        if not name.startswith("_") and name in (*self.learnables, *self.states):
            return None
        if name == "factors":
            self.__dict__["factors"] = {}
            return self.__dict__["factors"]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    # To be defined by subclasses

    def initialize(self, *layouts: Any) -> Layer:
        """Fill in what is open, given the inputs' sizes and labels. Nothing, by default."""
        return self

    def predict(self, *X: Any) -> Any:
        """Outputs, then states, at prediction time."""
        raise NotImplementedError(f"{type(self).__name__} must define predict(self, X)")

    def forward(self, *X: Any) -> Any:
        """Outputs, then states, at training time; the same as predict unless defined."""
        return self.predict(*X)

    def resetState(self) -> Layer:
        """States as they were before the first call. Nothing, by default."""
        return self

    # What the network asks

    @property
    def kind(self) -> str:
        """Name of the function that makes such a layer."""
        return type(self).__name__

    @property
    def absent(self) -> tuple[str, ...]:
        """Names of parameters that this layer does not have (states that come as inputs)."""
        return ()

    def layout(self) -> networkDataLayout:
        """What an input layer feeds into the network."""
        raise NotImplementedError(f"{self.kind} is not an input layer")

    def implied_format(self, ndim: int) -> str:
        """Labels that an input layer gives to plain data with so many dimensions; "" for none."""
        return ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return _ports("in", self.InputNames, self.NumInputs)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs."""
        return _ports("out", self.OutputNames, self.NumOutputs)

    def has_within(self, name: str) -> bool:
        """Whether a network within this layer has an output of that name."""
        return False

    def exposing(self, names: Sequence[str]) -> Layer:
        """A copy that also returns these outputs of the network within it."""
        raise NotImplementedError(f"{self.kind} has no network within")

    def within(self, name: str) -> tuple[str, Any, tuple[str, str]] | None:
        """Of a parameter of a network within: the attribute, the network, the row in its table."""
        attribute, _, path = name.partition("/")
        layer, slash, parameter = path.rpartition("/")
        net = vars(self).get(attribute)
        return (attribute, net, (layer, parameter)) if slash and net is not None else None

    def bound(self, values: Mapping[str, Any]) -> Layer:
        """A copy with these attributes and parameters."""
        made = copy.copy(self)
        made.__dict__.update({name: v for name, v in values.items() if "/" not in name})
        inner: dict[str, dict[tuple[str, str], Any]] = {}
        for name in values:
            if "/" in name:
                attribute, _, row = made.within(name)  # pyright: ignore[reportGeneralTypeIssues]
                inner.setdefault(attribute, {})[row] = values[name]
        for attribute, rows in inner.items():
            made.__dict__[attribute] = vars(made)[attribute]._with_rows(rows)
        return made

    def factor(self, kind: str, parameter: str) -> Any:
        """Factor of a parameter's learning rate (``"LearnRate"``) or L2 penalty (``"L2"``)."""
        found = self.within(parameter)
        if found is not None:
            layer, name = found[1]._owner(*found[2])
            return layer.factor(kind, name)
        attribute = self._factor_attribute(f"get{kind}Factor", kind, parameter)
        return getattr(self, attribute) if attribute else self.factors.get((kind, parameter), 1)

    def learn_rate(self, parameter: str) -> Any:
        """Factor of a parameter's learning rate, in a size that multiplies the parameter."""
        found = self.within(parameter)
        if found is not None:
            layer, name = found[1]._owner(*found[2])
            return layer.learn_rate(name)
        return self.factor("LearnRate", parameter)

    def with_factor(self, kind: str, parameter: str, value: Any) -> Layer:
        """A copy with another factor."""
        found = self.within(parameter)
        if found is not None:
            held, name = found[1]._owner(*found[2])
            net = found[1]._map_layers(
                lambda x: x.with_factor(kind, name, value) if x.Name == held.Name else x
            )
            return self.bound({found[0]: net})
        who = f"set{kind}Factor"
        attribute = self._factor_attribute(who, kind, parameter)
        value = self._checked_factor(who, parameter, value)
        if attribute:
            return self.bound({attribute: value})
        return self.bound({"factors": {**self.factors, (kind, parameter): value}})

    def _checked_factor(self, who: str, parameter: str, value: Any) -> Any:
        """A factor, if it may be one."""
        return number(who, f"the factor of {parameter}", value, least=0)

    def _factor_attribute(self, who: str, kind: str, parameter: str) -> str | None:
        """WeightLearnRateFactor for "Weights", InputWeightsL2Factor for "InputWeights", ..."""
        if parameter not in self.learnables:
            raise OptionError(
                f'{who}: {type(self).__name__} has no learnable parameter "{parameter}".',
                fix=nearest(parameter, self.learnables)
                if self.learnables
                else "The layer has no learnable parameters.",
            )
        for stem in (parameter, parameter.removesuffix("s")):
            if f"{stem}{kind}Factor" in self.__dict__:
                return f"{stem}{kind}Factor"
        return None

    def describe(self) -> str:
        """A line for `summary` and `analyzeNetwork`."""
        return self.Description or type(self).__name__


class ParameterNames:
    """``learnables`` or ``states`` of a class; on a layer with networks within, their rows, too."""

    def __init__(self, names: tuple[str, ...], rows: str):
        self.names, self.rows = names, rows

    def __get__(self, layer: Any, owner: type) -> tuple[str, ...]:
        if layer is None:
            return self.names
        found: list[str] = []
        for name in self.names:
            table = getattr(vars(layer).get(name), self.rows, None)
            found += [name] if table is None else ["/".join((name, *row)) for row in table.names]
        return tuple(found)


def _ports(stem: str, names: Sequence[str], count: int) -> tuple[str, ...]:
    if names:
        return (names,) if isinstance(names, str) else tuple(names)
    return (stem,) if count == 1 else tuple(f"{stem}{i + 1}" for i in range(count))
