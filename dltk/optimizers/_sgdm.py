"""Stochastic gradient descent with momentum."""

from __future__ import annotations

from typing import Any

from .._numbers import Raw
from ._solver import Solver, number, update


def _rule(p: Raw, g: Raw, vel: Raw, rate: Raw, momentum: Raw) -> tuple[Raw, Raw]:
    vel = momentum * vel - rate * g
    return p + vel, vel


SGDM = Solver(
    name="sgdmupdate",
    call="net, vel = sgdmupdate(net, grad, vel, learnRate, momentum)",
    states=("vel",),
    prepare=lambda learnRate, momentum: (learnRate, momentum),
    rule=_rule,
)


def sgdmupdate(
    net: Any, grad: Any, vel: Any, learnRate: Any = 0.01, momentum: Any = 0.9
) -> tuple[Any, Any]:
    r"""One step of stochastic gradient descent with momentum, for all parameters.

    .. math:: v \leftarrow m\,v - \alpha\,g, \qquad \theta \leftarrow \theta + v

    The learning rate stands inside the velocity, so a new rate acts on new gradients only.

    Args:
        net: A dlnetwork, or parameters: a table, struct, dict, list, tuple, dlarray or NumPy array.
            The step of a dlnetwork's parameter is multiplied by its learn-rate factor: 0 freezes.
        grad: Gradients in the same structure, for a dlnetwork those of ``net.Learnables``.
        vel: Velocities as the last call returned them; ``[]`` or None in the first call.
        learnRate: The learning rate, a scalar; changing it does not compile again.
        momentum: What remains of the velocity, from 0 to 1.

    Returns:
        The updated network or parameters, and the velocities. The arguments keep their values:
        assign the result, ``net, vel = sgdmupdate(net, ...)``. Number types and labels stay.

    Raises:
        OptionError: Gradients or velocities have another structure, or a number is no scalar.
        FormatError: A gradient or velocity has another size than its parameter.

    Example:
        >>> import numpy as np
        >>> params, vel = sgdmupdate(np.array([1.0]), np.array([2.0]), [])
        >>> params, vel = sgdmupdate(params, np.array([-1.0]), vel)
        >>> params, vel
        (array([0.972]), array([-0.008]))

    Source:
        https://www.mathworks.com/help/deeplearning/ref/sgdmupdate.html
    """
    numbers = (
        number(SGDM, "learnRate", learnRate),
        number(SGDM, "momentum", momentum, low=0, high=1),
    )
    return update(SGDM, net, grad, (vel,), numbers)  # type: ignore[return-value]
