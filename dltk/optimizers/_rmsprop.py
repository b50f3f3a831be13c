"""Root mean square propagation."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from .._numbers import Raw
from ._solver import Solver, number, update


def _rule(p: Raw, g: Raw, square: Raw, rate: Raw, decay: Raw, fresh: Raw, epsilon: Raw):
    square = decay * square + fresh * g * g
    return p - rate * g / (jnp.sqrt(square) + epsilon), square


RMSPROP = Solver(
    name="rmspropupdate",
    call="net, averageSqGrad = rmspropupdate(net, grad, averageSqGrad, learnRate, sqGradDecay, "
    "epsilon)",
    states=("averageSqGrad",),
    prepare=lambda learnRate, decay, epsilon: (learnRate, decay, 1 - decay, epsilon),
    rule=_rule,
)


def rmspropupdate(
    net: Any,
    grad: Any,
    averageSqGrad: Any,
    learnRate: Any = 0.001,
    sqGradDecay: Any = 0.9,
    epsilon: Any = 1e-8,
) -> tuple[Any, Any]:
    r"""One step of root mean square propagation (RMSProp), for all parameters.

    .. math::

        s \leftarrow \beta_2 s + (1 - \beta_2) g^2, \qquad
        \theta \leftarrow \theta - \frac{\alpha\,g}{\sqrt{s} + \epsilon}

    Without momentum and without bias correction.

    Args:
        net: A dlnetwork, or parameters: a table, struct, dict, list, tuple, dlarray or NumPy array.
            The step of a dlnetwork's parameter is multiplied by its learn-rate factor: 0 freezes.
        grad: Gradients in the same structure, for a dlnetwork those of ``net.Learnables``.
        averageSqGrad: Averages of squared gradients as the last call returned them; ``[]`` or None
            in the first call.
        learnRate: The learning rate, a scalar; changing it does not compile again.
        sqGradDecay: What remains of the average, from 0 to 1.
        epsilon: Added to the root, so that nothing is divided by 0.

    Returns:
        The updated network or parameters, and the averages. The arguments keep their values: assign
        the result. Number types and labels stay.

    Raises:
        OptionError: Gradients or averages have another structure, or a number is no scalar.
        FormatError: A gradient or average has another size than its parameter.

    Example:
        >>> import numpy as np
        >>> params, averageSqGrad = rmspropupdate(np.array([1.0]), np.array([2.0]), [])
        >>> print(params.round(6), averageSqGrad)
        [0.996838] [0.4]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/rmspropupdate.html
    """
    numbers = (
        number(RMSPROP, "learnRate", learnRate),
        number(RMSPROP, "sqGradDecay", sqGradDecay, low=0, high=1),
        number(RMSPROP, "epsilon", epsilon, low=0),
    )
    return update(RMSPROP, net, grad, (averageSqGrad,), numbers)  # type: ignore[return-value]
