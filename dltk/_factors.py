"""Factors of learning rates and of L2 penalties: of one parameter, or of all that fit a pattern."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from typing import Any

from ._errors import OptionError, nearest
from ._table import fits
from ._values import owner
from .layers._layer import Layer

Row = tuple[str, str]  # layer name, parameter name


def setLearnRateFactor(target: Any, *args: Any) -> Any:
    """Set the factor of a parameter's learning rate.

    ``setLearnRateFactor(layer, parameterName, factor)`` or ``setLearnRateFactor(net, layerName,
    parameterName, factor)`` or ``setLearnRateFactor(net, "layerName/parameterName", factor)``. A
    layer within a network layer is named "block/fc". Names may be patterns: ``"conv*"``, ``"*"``.

    The update functions multiply the learning rate by the factor; 0 freezes the parameter.

    Args:
        target: A layer or a dlnetwork (it is not changed).
        *args: Names, then the factor: a number, 0 or larger. Recurrent layers take one number per
            gate, too, in the order of the rows.

    Returns:
        The layer or network with the new factor.

    Raises:
        OptionError: No parameter has that name or fits that pattern, or a factor that is none.

    Example:
        >>> from dltk import dlnetwork, featureInputLayer, fullyConnectedLayer
        >>> layer = setLearnRateFactor(fullyConnectedLayer(2), "Bias", 0)
        >>> getLearnRateFactor(layer, "Bias")
        0
        >>> net = dlnetwork([featureInputLayer(2), layer, fullyConnectedLayer(3)])
        >>> net = setLearnRateFactor(net, "fc*", "Weights", 0.1)
        >>> getLearnRateFactor(net, "fc_2/Weights")
        0.1

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.setlearnratefactor.html
    """
    return _set_factor("LearnRate", target, args)


def setL2Factor(target: Any, *args: Any) -> Any:
    """Set the factor of a parameter's L2 penalty; a custom loop applies it itself.

    Arguments, results and errors are those of `setLearnRateFactor`.

    Example:
        >>> from dltk.layers import fullyConnectedLayer
        >>> getL2Factor(setL2Factor(fullyConnectedLayer(2), "Weights", 2), "Weights")
        2

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.setl2factor.html
    """
    return _set_factor("L2", target, args)


def getLearnRateFactor(target: Any, *args: str) -> Any:
    """Factor of a parameter's learning rate, of a layer or of a network's layer.

    Example:
        >>> from dltk.layers import fullyConnectedLayer
        >>> getLearnRateFactor(fullyConnectedLayer(2), "Weights")
        1

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.getlearnratefactor.html
    """
    return _get_factor("LearnRate", target, args)


def getL2Factor(target: Any, *args: str) -> Any:
    """Factor of a parameter's L2 penalty, of a layer or of a network's layer.

    Example:
        >>> from dltk.layers import fullyConnectedLayer
        >>> getL2Factor(fullyConnectedLayer(2), "Bias")
        0

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.getl2factor.html
    """
    return _get_factor("L2", target, args)


def with_factors(kind: str, net: Any, rows: Iterable[Row], value: Any, who: str = "") -> Any:
    """A network with one factor for many parameters, given by the rows of its learnables."""
    owners = [owner(net._graph, *row, who or f"set{kind}Factor") for row in rows]

    def changed(layer: Layer) -> Layer:
        for held, parameter in owners:
            layer = layer.with_factor(kind, parameter, value) if held.Name == layer.Name else layer
        return layer

    return net._map_layers(changed)


def fitting(rows: Sequence[Row], layer: str, parameter: str = "*") -> list[Row]:
    """Rows of a table whose names are these or fit these patterns."""
    layers = {name for name, _ in rows}
    return [r for r in rows if fits(r[0], layer, layers) and fnmatch.fnmatchcase(r[1], parameter)]


def _set_factor(kind: str, target: Any, args: Sequence[Any]) -> Any:
    who = f"set{kind}Factor"
    names, value = args[:-1], args[-1] if args else None
    if isinstance(target, Layer):
        name = _joined(who, names, (1,))
        chosen = [n for _, n in fitting([("", n) for n in target.learnables], "", name)]
        for parameter in chosen or [name]:
            target = target.with_factor(kind, parameter, value)
        return target
    row = _row(who, names)
    rows = [row]
    if any(c in "".join(row) for c in "*?["):
        rows = fitting(target.Learnables.names, *row)
        if not rows:
            raise OptionError(
                f'{who}: no learnable parameter fits "{"/".join(row)}".',
                fix=nearest("/".join(row), ["/".join(r) for r in target.Learnables.names]),
            )
    return with_factors(kind, target, rows, value)


def _get_factor(kind: str, target: Any, names: Sequence[str]) -> Any:
    who = f"get{kind}Factor"
    if isinstance(target, Layer):
        return target.factor(kind, _joined(who, names, (1,)))
    held, parameter = owner(target._graph, *_row(who, names), who)
    return held.factor(kind, parameter)


def _row(who: str, names: Sequence[str]) -> Row:
    """Layer and parameter, from two names or one path."""
    layer, slash, parameter = _joined(who, names, (1, 2)).rpartition("/")
    if not slash:
        raise _misfit(who, names)
    return layer, parameter


def _joined(who: str, names: Sequence[str], count: Sequence[int]) -> str:
    """One path of so many names."""
    if len(names) not in count or not all(isinstance(name, str) for name in names):
        raise _misfit(who, names)
    return "/".join(names)


def _misfit(who: str, names: Sequence[str]) -> OptionError:
    value = ", factor" * who.startswith("set")
    return OptionError(
        f"{who}: a parameter is named by its layer and its own name.",
        got={"names": ", ".join(map(repr, names)) or "none"},
        fix=f'The call is {who}(net, "layer", "parameter"{value}), '
        f'{who}(net, "layer/parameter"{value}) or {who}(layer, "parameter"{value}).',
    )
