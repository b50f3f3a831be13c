"""Initial values of learnable parameters, by name or by the user's function.

Numbers come from MATLAB's stream (`rng`), filled column by column, in single precision. `fan_in`
and `fan_out` are the numbers of inputs and outputs that one parameter array joins.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from .._errors import OptionError, nearest
from .._random import host

Size = Sequence[int]
Initializer = str | Callable[[Size], object]


def _uniform(size: Size) -> np.ndarray:
    return host().random_sample(math.prod(size)).reshape(size, order="F")


def _normal(size: Size) -> np.ndarray:
    return host().standard_normal(math.prod(size)).reshape(size, order="F")


def _glorot(size: Size, fan_in: float, fan_out: float) -> np.ndarray:
    """Uniform on [-b, b] with b = sqrt(6 / (fan_in + fan_out))."""
    return (2 * _uniform(size) - 1) * math.sqrt(6 / (fan_in + fan_out))


def _he(size: Size, fan_in: float, fan_out: float) -> np.ndarray:
    """Normal with variance 2 / fan_in."""
    return _normal(size) * math.sqrt(2 / fan_in)


def _orthogonal(size: Size, fan_in: float, fan_out: float) -> np.ndarray:
    """Q of the QR factorization of a normal matrix, with the signs that make it uniform."""
    rows, columns = size[0], math.prod(size[1:])
    q, r = np.linalg.qr(_normal((max(rows, columns), min(rows, columns))))
    q = q * np.sign(np.diag(r))
    return (q if rows >= columns else q.T).reshape(size, order="F")


def _narrow_normal(size: Size, fan_in: float, fan_out: float) -> np.ndarray:
    """Normal with standard deviation 0.01."""
    return 0.01 * _normal(size)


def _complex_glorot_normal(size: Size, fan_in: float, fan_out: float) -> np.ndarray:
    """Normal real and imaginary parts, each with variance 1 / (fan_in + fan_out)."""
    return (_normal(size) + 1j * _normal(size)) / math.sqrt(fan_in + fan_out)


def _zeros(size: Size, fan_in: float, fan_out: float) -> np.ndarray:
    return np.zeros(size)


def _ones(size: Size, fan_in: float, fan_out: float) -> np.ndarray:
    return np.ones(size)


INITIALIZERS: dict[str, Callable[[Size, float, float], np.ndarray]] = {
    "glorot": _glorot,
    "he": _he,
    "orthogonal": _orthogonal,
    "narrow-normal": _narrow_normal,
    "zeros": _zeros,
    "ones": _ones,
    "complex-glorot-normal": _complex_glorot_normal,
}


def initial(
    who: str, initializer: Initializer, size: Size, fan_in: float = 1, fan_out: float = 1
) -> np.ndarray:
    """The first value of a parameter, in single precision.

    Args:
        who: Layer and parameter, for errors.
        initializer: A name of `INITIALIZERS`, or a function of the size.
        size: Size of the parameter.
        fan_in: Number of inputs of the layer that one of its outputs sees.
        fan_out: Number of outputs that one of its inputs feeds.
    """
    size = tuple(int(n) for n in size)
    if callable(initializer):
        value = _single(np.asarray(initializer(size)))
        if math.prod(value.shape) != math.prod(size):
            raise OptionError(
                f"{who}: the initializer function returned another size than it was asked for.",
                got={"asked for": "×".join(map(str, size)), "returned": str(value.shape)},
            )
        return value.reshape(size)
    if initializer not in INITIALIZERS:
        raise OptionError(
            f'{who}: there is no initializer "{initializer}".',
            fix=nearest(initializer, INITIALIZERS) + " Or give a function of the size.",
        )
    return _single(INITIALIZERS[initializer](size, fan_in, fan_out))


def _single(value: np.ndarray) -> np.ndarray:
    return value.astype(np.complex64 if value.dtype.kind == "c" else np.float32)
