"""`freezeNetwork` and `unfreezeNetwork`: learning rates of many layers at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._errors import OptionError, nearest
from .._factors import fitting, with_factors
from ..dlnetwork import dlnetwork

Names = str | Sequence[str]


def freezeNetwork(
    net: dlnetwork,
    layerNames: Names = "*",
    *,
    LayersToIgnore: Names = (),
    LayerNamesToIgnore: Names = (),
) -> dlnetwork:
    """Let update functions leave the parameters of layers as they are: learning-rate factors of 0.

    As the helper of that name in MATLAB's transfer-learning examples. Batch-norm statistics go on
    changing in `forward` where ``net.State`` is assigned.

    Args:
        net: A dlnetwork (it is not changed).
        layerNames: Names of the layers to freeze, or patterns such as ``"conv*"``; all by default.
            The name of a network layer stands for all layers within, "block/fc" for one of them.
        LayersToIgnore: Kinds of layers that stay free, such as ``"batchNormalizationLayer"``.
        LayerNamesToIgnore: Names, or patterns, of layers that stay free.

    Returns:
        The network with the factors.

    Raises:
        OptionError: A name or pattern that fits no layer with learnable parameters.

    Example:
        >>> from dltk import dlnetwork, featureInputLayer, fullyConnectedLayer, getLearnRateFactor
        >>> net = dlnetwork(
        ...     [
        ...         featureInputLayer(2),
        ...         fullyConnectedLayer(3, Name="body"),
        ...         fullyConnectedLayer(3, Name="head"),
        ...     ]
        ... )
        >>> net = freezeNetwork(net, LayerNamesToIgnore="head")
        >>> getLearnRateFactor(net, "body", "Weights"), getLearnRateFactor(net, "head", "Weights")
        (0, 1)

    Source:
        https://www.mathworks.com/help/deeplearning/ug/train-deep-learning-network-to-classify-new-images.html
    """
    rows = _chosen("freezeNetwork", net, layerNames)
    ignored = set(_chosen("freezeNetwork", net, LayerNamesToIgnore))
    kinds = [LayersToIgnore] if isinstance(LayersToIgnore, str) else list(LayersToIgnore)
    free = [row for row in rows if row not in ignored and _kind(net, row) not in kinds]
    return with_factors("LearnRate", net, free, 0, "freezeNetwork")


def unfreezeNetwork(net: dlnetwork, layerNames: Names = "*") -> dlnetwork:
    """Let update functions change the parameters of layers again: learning-rate factors of 1.

    Args:
        net: A dlnetwork (it is not changed).
        layerNames: Names of the layers, or patterns; all by default. Only factors of 0 are changed.

    Returns:
        The network with the factors.

    Raises:
        OptionError: A name or pattern that fits no layer with learnable parameters.

    Example:
        >>> from dltk import dlnetwork, featureInputLayer, fullyConnectedLayer, getLearnRateFactor
        >>> net = freezeNetwork(dlnetwork([featureInputLayer(2), fullyConnectedLayer(3)]))
        >>> getLearnRateFactor(unfreezeNetwork(net), "fc", "Bias")
        1

    Source:
        https://www.mathworks.com/help/deeplearning/ug/train-deep-learning-network-to-classify-new-images.html
    """
    rows = _chosen("unfreezeNetwork", net, layerNames)
    frozen = [row for row in rows if _factor(net, row) == 0]
    return with_factors("LearnRate", net, frozen, 1, "unfreezeNetwork")


def _chosen(who: str, net: dlnetwork, patterns: Names) -> list[tuple[str, str]]:
    """The rows of the learnables whose layer fits a pattern; each pattern must fit one.

    A network layer stands for all layers within.
    """
    patterns = [patterns] if isinstance(patterns, str) else list(patterns)
    names = net.Learnables.names
    chosen: set[tuple[str, str]] = set()
    for pattern in patterns:
        found = {*fitting(names, pattern), *fitting(names, f"{pattern}/*")}
        if pattern != "*" and not found:
            raise OptionError(
                f'{who}: no layer with learnable parameters is named "{pattern}".',
                fix=nearest(pattern, dict.fromkeys(layer for layer, _ in names)),
            )
        chosen |= found
    return [row for row in names if row in chosen]


def _held(net: Any, row: tuple[str, str]) -> tuple[Any, str]:
    """The layer that has a parameter, however deep within network layers, and its name there."""
    layer, parameter = net._owner(*row)
    found = layer.within(parameter)
    return (layer, parameter) if found is None else _held(found[1], found[2])


def _kind(net: dlnetwork, row: tuple[str, str]) -> str:
    return _held(net, row)[0].kind


def _factor(net: dlnetwork, row: tuple[str, str]) -> Any:
    layer, parameter = net._owner(*row)
    return layer.factor("LearnRate", parameter)
