"""Dropout: parts of the data become zero at random in training."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import OptionError
from .._random import draw
from ..dlarray import apply, dlarray
from ..functions._options import number
from ._builtin import BuiltinLayer


def dropped(kind: str, X: dlarray, probability: float, shared: str = "") -> dlarray:
    """``X`` with some elements set to 0, the others multiplied by 1 / (1 - probability).

    Args:
        kind: Name of the operation.
        X: The data.
        probability: How often an element becomes 0.
        shared: Labels of the dimensions along which all elements have one fate.
    """
    sizes = [
        1 if letter in shared else n
        for n, letter in zip(X.shape, X.dims or " " * X.ndim, strict=True)
    ]
    key = jax.random.wrap_key_data(draw(), impl="threefry2x32")
    # single numbers whatever X is, so that the same seed drops the same elements
    kept = jax.random.uniform(key, labels.to_stored(X.dims, sizes), np.float32) >= probability

    def drop(x: Any, kept: Any) -> Any:
        return jnp.where(kept, x / (1 - probability), 0)

    return apply(kind, drop, [X, kept], X.dims, mix=False)


class DropoutLayer(BuiltinLayer):
    """Base of the two dropout layers."""

    shared = ""

    def __init__(self, Probability: float, Name: str):
        super().__init__(Name)
        self.Probability = number(self.kind, "Probability", Probability, least=0)
        if self.Probability >= 1:
            raise OptionError(
                f"{self.kind}: Probability must be less than 1.",
                got={"Probability": Probability},
                fix="0.5 drops every second element.",
            )

    def predict(self, X: dlarray) -> dlarray:
        """The input."""
        return X

    def forward(self, X: dlarray) -> dlarray:
        """The input with some elements set to 0."""
        return dropped(self.kind, X, self.Probability, self.shared)

    def _line(self) -> str:
        return f"{100 * self.Probability:g}% {self.Type}"


class dropoutLayer(DropoutLayer):
    """Set elements to 0 at random, in training only; any labels, which stay.

    In `forward` each element becomes 0 with the given probability, the others are multiplied by
    1 / (1 - probability), so that the mean stays. Elements are drawn anew in every call, from the
    generator that `rng` seeds. In `predict` nothing happens.

    Args:
        probability: How often an element becomes 0, from 0 to less than 1 (property
            ``Probability``).
        Name: Name in the network.

    Raises:
        OptionError: A probability that is not from 0 to less than 1.

    Example:
        >>> import numpy as np
        >>> X = dlarray(np.ones((1000, 1)), "CB")
        >>> Y = dropoutLayer(0.75).forward(X)
        >>> sorted(set(np.asarray(Y).ravel().tolist()))
        [0.0, 4.0]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.dropoutlayer.html
    """

    base_name = "dropout"
    Type = "dropout"

    def __init__(self, probability: float = 0.5, *, Name: str = ""):
        super().__init__(probability, Name)


class spatialDropoutLayer(DropoutLayer):
    """Set whole channels to 0 at random, in training only; any labels, which stay.

    As `dropoutLayer`, but with one fate per channel and observation, for all positions and times.

    Args:
        Probability: How often a channel becomes 0, from 0 to less than 1.
        Name: Name in the network.

    Raises:
        OptionError: A probability that is not from 0 to less than 1.

    Example:
        >>> import numpy as np
        >>> X = dlarray(np.ones((5, 5, 8, 2)), "SSCB")
        >>> Y = np.asarray(spatialDropoutLayer().forward(X))
        >>> bool((Y == Y[:1, :1]).all())
        True

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.spatialdropoutlayer.html
    """

    base_name = "spatialDropout"
    Type = "spatial dropout"
    shared = "STU"

    def __init__(self, *, Probability: float = 0.5, Name: str = ""):
        super().__init__(Probability, Name)
