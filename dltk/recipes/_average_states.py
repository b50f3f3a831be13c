"""Statistics of batch normalization from several mini-batches put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._errors import OptionError
from .._table import table

MEAN, VARIANCE = "TrainedMean", "TrainedVariance"


def average_states(states: Sequence[table], weights: Sequence[float] | None = None) -> table:
    r"""One table of states from those of several mini-batches: pooled batch-norm statistics.

    .. math::

        \mu = \sum_k f_k \mu_k, \qquad
        \sigma^2 = \sum_k f_k \left(\sigma_k^2 + (\mu_k - \mu)^2\right)

    so that the variance is that of all observations together, the spread of the means included.
    For mini-batches in parts (gradient accumulation) and for several workers; MATLAB's example of
    training in parallel has a helper ``aggregateState`` for it. Of other states, such as those of
    recurrent layers, the last are taken.

    Args:
        states: Tables that `forward` returned, ``Y, state = forward(net, X, nargout=2)``.
        weights: The part of each, such as its number of observations; equal without.

    Returns:
        A table for ``net.State``.

    Raises:
        OptionError: No states, tables with other rows, or another number of weights.

    Example:
        >>> import numpy as np
        >>> def state(mean, variance):
        ...     return table(["bn", "bn"], ["TrainedMean", "TrainedVariance"], [mean, variance])
        >>> average_states([state(1.0, 4.0), state(3.0, 4.0)]).Value
        [2.0, 5.0]

    Source:
        https://www.mathworks.com/help/deeplearning/ug/train-network-in-parallel-with-custom-training-loop.html
    """
    parts = _parts(states, weights)
    names = states[0].names
    values = list(states[-1].Value)
    row = {name: i for i, name in enumerate(names)}
    for layer, parameter in names:
        if parameter != MEAN or (layer, VARIANCE) not in row:
            continue
        at, beside = row[layer, MEAN], row[layer, VARIANCE]
        mean = _sum(f * state.Value[at] for f, state in zip(parts, states, strict=True))
        values[at] = mean
        values[beside] = _sum(
            f * (state.Value[beside] + (state.Value[at] - mean) ** 2)
            for f, state in zip(parts, states, strict=True)
        )
    return table.of(names, values)


def _parts(states: Sequence[table], weights: Sequence[float] | None) -> list[float]:
    given = [1.0] * len(states) if weights is None else [float(w) for w in weights]
    if not states or len(given) != len(states) or not sum(given) > 0:
        raise OptionError(
            f"average_states: {len(states)} states and {len(given)} weights.",
            fix="Give one positive weight per state, such as the numbers of observations.",
        )
    other = next((state for state in states if state.names != states[0].names), None)
    if other is not None:
        ours, theirs = (["/".join(row) for row in t.names] for t in (states[0], other))
        raise OptionError(
            "average_states: the states are not those of one network.",
            got={"first": ", ".join(ours), "another": ", ".join(theirs)},
        )
    return [w / sum(given) for w in given]


def _sum(values: Any) -> Any:
    first, *others = values
    for value in others:
        first = first + value
    return first
