"""Adaptive moment estimation."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from .._errors import OptionError
from .._numbers import Raw
from ._solver import Solver, number, update


def _prepare(
    learnRate: Raw, gradDecay: Raw, sqGradDecay: Raw, epsilon: Raw, iteration: Raw
) -> tuple[Raw, ...]:
    # Both bias corrections are in the rate of the step; epsilon stands beside the uncorrected root.
    rate = learnRate * jnp.sqrt(1 - sqGradDecay**iteration) / (1 - gradDecay**iteration)
    return rate, gradDecay, 1 - gradDecay, sqGradDecay, 1 - sqGradDecay, epsilon


def _rule(
    p: Raw, g: Raw, mean: Raw, square: Raw, rate: Raw, b1: Raw, c1: Raw, b2: Raw, c2: Raw, eps: Raw
) -> tuple[Raw, Raw, Raw]:
    mean = b1 * mean + c1 * g
    square = b2 * square + c2 * g * g
    return p - rate * mean / (jnp.sqrt(square) + eps), mean, square


ADAM = Solver(
    name="adamupdate",
    call="net, averageGrad, averageSqGrad = adamupdate(net, grad, averageGrad, averageSqGrad, "
    "iteration, learnRate, gradDecay, sqGradDecay, epsilon)",
    states=("averageGrad", "averageSqGrad"),
    prepare=_prepare,
    rule=_rule,
)


def adamupdate(
    net: Any,
    grad: Any,
    averageGrad: Any,
    averageSqGrad: Any,
    iteration: Any = None,
    learnRate: Any = 0.001,
    gradDecay: Any = 0.9,
    sqGradDecay: Any = 0.999,
    epsilon: Any = 1e-8,
) -> tuple[Any, Any, Any]:
    r"""One step of adaptive moment estimation (Adam), for all parameters.

    .. math::

        m \leftarrow \beta_1 m + (1 - \beta_1) g, \qquad
        s \leftarrow \beta_2 s + (1 - \beta_2) g^2, \qquad
        \theta \leftarrow \theta - \alpha \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t}
        \frac{m}{\sqrt{s} + \epsilon}

    with t the iteration: the averages start at 0, and the fraction corrects for that.

    Args:
        net: A dlnetwork, or parameters: a table, struct, dict, list, tuple, dlarray or NumPy array.
            The step of a dlnetwork's parameter is multiplied by its learn-rate factor: 0 freezes.
        grad: Gradients in the same structure, for a dlnetwork those of ``net.Learnables``.
        averageGrad: Averages of gradients as the last call returned them; ``[]`` or None in the
            first call.
        averageSqGrad: Averages of squared gradients, likewise.
        iteration: The number of this update, counting from 1. Needed.
        learnRate: The learning rate, a scalar; changing it does not compile again.
        gradDecay: What remains of the average of gradients, from 0 to 1.
        sqGradDecay: What remains of the average of squared gradients, from 0 to 1.
        epsilon: Added to the root, so that nothing is divided by 0.

    Returns:
        The updated network or parameters, and both averages (without bias correction). The
        arguments keep their values: assign the result, ``net, averageGrad, averageSqGrad =
        adamupdate(...)``. Number types and labels stay.

    Raises:
        OptionError: The iteration is missing or not positive, gradients or averages have another
            structure, or a number is no scalar.
        FormatError: A gradient or average has another size than its parameter.

    Example:
        >>> import numpy as np
        >>> params, grad = np.ones((2, 2)), np.ones((2, 2))
        >>> params, mean, meanSq = adamupdate(params, grad, [], [], 1, 0.05, 0.75, 0.95)
        >>> print(params.round(6)[0], mean[0], meanSq[0])
        [0.95 0.95] [0.25 0.25] [0.05 0.05]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/adamupdate.html and Kingma and Ba, Adam: a
        method for stochastic optimization, 2015 (the form with one effective rate, section 2).
    """
    if iteration is None:
        raise OptionError(
            "adamupdate: the iteration is missing.",
            fix="Count the updates from 1 and pass the count as the fifth argument. The call is "
            f"{ADAM.call}.",
        )
    numbers = (
        number(ADAM, "learnRate", learnRate),
        number(ADAM, "gradDecay", gradDecay, low=0, high=1),
        number(ADAM, "sqGradDecay", sqGradDecay, low=0, high=1),
        number(ADAM, "epsilon", epsilon, low=0),
        _checked_iteration(iteration),
    )
    return update(ADAM, net, grad, (averageGrad, averageSqGrad), numbers)  # type: ignore[return-value]


def _checked_iteration(iteration: Any) -> Any:
    count = number(ADAM, "iteration", iteration)
    if isinstance(count, float) and not count >= 1:
        raise OptionError(
            "adamupdate: the iteration must be 1 or larger; the first update is number 1.",
            got={"iteration": f"{count:g}"},
            fix="Raise it before the update: iteration = iteration + 1.",
        )
    return count
