"""A network as a layer of a larger one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from .._errors import OptionError
from ..dlarray import dlarray
from ._builtin import BuiltinLayer
from ._layer import Layer
from ._layout import networkDataLayout


class NestingLayer(BuiltinLayer):
    """Base of the layers with a network within, whose parameters are theirs.

    A parameter of the inner network is called ``fc/Weights``; the outer network's tables show it
    as the row ("name of this layer/fc", "Weights").
    """

    maker: ClassVar[Any] = None  # the class dlnetwork, which stands above and enters itself

    Network: Any

    def __init__(self, net: Any, Name: str, **ports: Any):
        self.Network = self._made(net)
        super().__init__(Name, **ports)

    def _made(self, net: Any) -> Any:
        """The network, of layers if such were given."""
        maker = NestingLayer.maker
        if isinstance(net, maker):
            return net
        if not isinstance(net, (Layer, list, tuple)):
            raise OptionError(
                f"{self.kind}: the first argument must be a dlnetwork or a list of layers, not a "
                f"{type(net).__name__}.",
                fix=f"For example {self.kind}([fullyConnectedLayer(3), reluLayer()]).",
            )
        return maker(net, Initialize=False)

    # Its parameters are those of the network

    def _named(self, kind: str) -> dict[str, Any]:
        net = vars(self).get("Network")
        rows = () if net is None else getattr(net, kind)
        return {f"{layer}/{parameter}": value for layer, parameter, value in rows}

    @property
    def learnables(self) -> tuple[str, ...]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Names of the learnable parameters of the network."""
        return tuple(self._named("Learnables"))

    @property
    def states(self) -> tuple[str, ...]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Names of the states of the network."""
        return tuple(self._named("State"))

    def within(self, name: str) -> tuple[str, Any, tuple[str, str]] | None:
        """Of a parameter: the attribute, the network, the row in its table."""
        layer, slash, parameter = name.rpartition("/")
        net = vars(self).get("Network")
        return ("Network", net, (layer, parameter)) if slash and net is not None else None

    def resetState(self) -> Layer:
        """States as they were before the first call."""
        return self.bound({"Network": self.Network._map_layers(lambda x: x.resetState())})

    def __repr__(self) -> str:
        shown = {"Name": repr(self.Name), "Network": f"[1×1 {type(self.Network).__name__}]"}
        shown |= {name: repr(value) for name, value in self._shown().items()}
        width = max(map(len, shown)) + 4
        lines = [f"{name:>{width}}: {value}" for name, value in shown.items()]
        return "\n".join([f"  {self.kind} with properties:", "", *lines])

    def _shown(self) -> dict[str, Any]:
        """What else is printed."""
        return {"InputNames": list(self.InputNames), "OutputNames": list(self.OutputNames)}


class networkLayer(NestingLayer):
    """A network within a network: a block of layers under one name, in any depth.

    It behaves as its network does, in training and in prediction. Inputs are the network's inputs,
    outputs its outputs; if there are several they carry the inner names, so that
    "block/add/in2" is the second input of the layer add in the layer block.

    Its parameters are rows of the outer network's tables, with "block/fc" as the layer. Values that
    an initialized network has stay; else the outer network's initialization gives them.

    Args:
        net: A dlnetwork, or a list of layers (property ``Network``).
        OutputNames: Names of the inner layers (or ``layer/port``) that are outputs; those of the
            network if not given.
        Name: Name in the network.

    Raises:
        OptionError: Something that is neither network nor layers, or an output that does not exist.

    Example:
        >>> from dltk import dlnetwork, featureInputLayer, fullyConnectedLayer, reluLayer
        >>> block = networkLayer([fullyConnectedLayer(3), reluLayer()], Name="block")
        >>> dlnetwork([featureInputLayer(2), block]).Learnables["block/fc", "Weights"].shape
        (3, 2)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.networklayer.html
    """

    base_name = "subnet"
    Type = "Network"

    def __init__(self, net: Any, *, OutputNames: str | Sequence[str] | None = None, Name: str = ""):
        super().__init__(net, Name)
        names = self.Network.OutputNames if OutputNames is None else OutputNames
        self.InputNames = self.Network.InputNames
        self.OutputNames = [names] if isinstance(names, str) else list(names)
        self.NumInputs, self.NumOutputs = len(self.InputNames), len(self.OutputNames)
        for name in self.OutputNames:
            self.Network._output(name)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return ("in",) if len(self.InputNames) == 1 else tuple(self.InputNames)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs."""
        return ("out",) if len(self.OutputNames) == 1 else tuple(self.OutputNames)

    def has_within(self, name: str) -> bool:
        """Whether the network has an output of that name."""
        try:
            self.Network._output(name)
        except OptionError:
            return False
        return True

    def exposing(self, names: Sequence[str]) -> Layer:
        """A copy that also returns these outputs of the network."""
        return self.bound({"OutputNames": [*self.OutputNames, *names]})

    def initialize(self, *layouts: networkDataLayout) -> Layer:
        """With first values of the network's parameters."""
        return self.bound({"Network": self.Network._initialized(*layouts)})

    def predict(self, *X: dlarray) -> tuple[Any, ...]:
        """Outputs of the network at prediction time, then its states."""
        return self._evaluated("predict", X)

    def forward(self, *X: dlarray) -> tuple[Any, ...]:
        """Outputs of the network at training time, then its states."""
        return self._evaluated("forward", X)

    def _evaluated(self, method: str, X: Sequence[dlarray]) -> tuple[Any, ...]:
        outputs, state = self.Network._evaluated(method, X, self.OutputNames)
        return (*outputs, *state.Value)

    def _line(self) -> str:
        return f"Network with {len(self.Network.Layers)} layers"
