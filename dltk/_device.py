"""Where data lies: thin names over JAX's devices. Nothing else in dltk names a platform."""

from __future__ import annotations

from typing import Any

import jax

from ._errors import StateError
from ._numbers import is_known
from .dlarray import dlarray, wrap


def _gpus() -> list[Any]:
    try:
        return jax.devices("gpu")
    except RuntimeError:
        return []


def canUseGPU() -> bool:
    """Whether JAX has a GPU.

    Example:
        >>> canUseGPU() in (True, False)
        True

    Source:
        https://www.mathworks.com/help/parallel-computing/canusegpu.html
    """
    return bool(_gpus())


def gpuArray(X: Any) -> Any:
    """``X`` with its data on the GPU.

    Args:
        X: An array, a dlarray, or any tree of them (struct, table, dlnetwork, ...).

    Returns:
        The same kind of thing; a dlarray keeps its labels and its trace.

    Raises:
        StateError: There is no GPU.

    Example:
        >>> X = [1.0, 2.0]
        >>> X = gpuArray(X) if canUseGPU() else X

    Source:
        https://www.mathworks.com/help/parallel-computing/gpuarray.html
    """
    gpus = _gpus()
    if not gpus:
        raise StateError(
            "gpuArray: there is no GPU that JAX can use.",
            got={"devices": ", ".join(str(d) for d in jax.devices())},
            fix="Test with canUseGPU() first; install JAX for your GPU to use it.",
        )
    return _moved(X, gpus[0])


def gather(X: Any) -> Any:
    """``X`` with its data in the host's memory.

    Args:
        X: An array, a dlarray, or any tree of them.

    Returns:
        The same kind of thing; a dlarray stays one (use extractdata for a NumPy array).

    Example:
        >>> gather(dlarray(2.0)).item()
        2.0

    Source:
        https://www.mathworks.com/help/parallel-computing/gpuarray.gather.html
    """
    return _moved(X, jax.devices("cpu")[0])


def _moved(X: Any, device: Any) -> Any:
    def move(x: Any) -> Any:
        if isinstance(x, dlarray):
            return wrap(_put(x._data, device), x._fmt, x._variable)
        return _put(x, device)

    return jax.tree_util.tree_map(move, X, is_leaf=lambda x: isinstance(x, dlarray))


def _put(value: Any, device: Any) -> Any:
    if not is_known(value):
        return value
    with jax.enable_x64(True):
        return jax.device_put(value, device)
