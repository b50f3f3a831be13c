"""Any function, applied to every parameter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .._errors import OptionError
from ._trees import Parameters


def dlupdate(fun: Callable[..., Any], net: Any, *A: Any, nargout: int | None = None) -> Any:
    """Apply a function to every parameter: custom solvers, clipping, regularization, conversion.

    Learn-rate factors are not applied. Inside dlfeval derivatives flow through ``fun``.

    Args:
        fun: Called as ``fun(p, a1, ..., an)`` for each parameter, with the arrays that stand at its
            place in the arguments ``A``: dlarrays, or NumPy arrays where the container holds them.
            It returns the new parameter, or a tuple of it and further arrays.
        net: A dlnetwork, or parameters: a table, struct, dict, list, tuple, dlarray or NumPy array.
        *A: Containers with the structure of the parameters (tables for a dlnetwork). If the
            parameters are in a list or tuple, ``[a]`` stands for the same ``a`` at every place.
        nargout: How many of the outputs of ``fun`` to collect. Without it, as many as it returns.

    Returns:
        The network or container with the values that ``fun`` returned. If ``fun`` returns a tuple
        of m arrays, a tuple of m containers (for a dlnetwork, the network and m - 1 tables).

    Raises:
        OptionError: An argument has another structure than the parameters, or ``fun`` returns
            nothing, or fewer outputs than ``nargout``.

    Example:
        >>> import numpy as np
        >>> gradients = {"Weights": np.array([3.0, 4.0]), "Bias": np.array([0.5])}
        >>> def clip(g):
        ...     return g / max(1, np.sqrt((g**2).sum()))
        >>> dlupdate(clip, gradients)
        {'Weights': array([0.6, 0.8]), 'Bias': array([0.5])}
        >>> dlupdate(lambda p, g: p - 0.1 * g, [np.ones(2)], [np.array([1.0, 2.0])])
        [array([0.9, 0.8])]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlupdate.html
    """
    if not callable(fun) or hasattr(fun, "_with_values"):
        raise OptionError(
            "dlupdate: the first argument must be a function.",
            got={"first argument": f"a {type(fun).__name__}"},
            fix="The call is net = dlupdate(fun, net, A1, ..., An).",
        )
    params = Parameters("dlupdate", net)
    columns = [_column(params, net, f"A{i + 1}", tree) for i, tree in enumerate(A)]
    rows = zip(params.leaves, *columns, strict=True)
    outputs = [_call(params, fun, i, row) for i, row in enumerate(rows)]
    count = _count(outputs, nargout)
    if count is None:
        return params.updated([output[0] for output in outputs])
    first, *others = ([output[k] for output in outputs] for k in range(count))
    return (params.updated(first), *(params.container(values) for values in others))


def _column(params: Parameters, net: Any, name: str, tree: Any) -> Sequence[Any]:
    """The arrays of one further argument, one for each parameter."""
    cells = (list, tuple)
    if isinstance(net, cells) and isinstance(tree, cells) and len(tree) == 1 != len(net):
        return [tree[0]] * len(params.leaves)
    column = params.match(name, tree)
    if len(column) != len(params.leaves):
        raise OptionError(
            f"dlupdate: {name} holds no arrays.",
            got={"parameters": f"{len(params.leaves)} arrays", name: repr(tree)},
            fix=f"{name} must have the structure of the parameters. A state that is not there yet "
            "can be made: dlupdate(lambda p: 0 * p, params).",
        )
    return column


def _call(params: Parameters, fun: Callable[..., Any], index: int, row: Any) -> tuple[Any, ...]:
    """The outputs of one call; ``is_tuple`` of a single output is remembered by its type."""
    try:
        output = fun(*row)
    except Exception as error:
        where = params.describe(index)
        error.add_note(f"in dlupdate{', for the parameter ' + where if where else ''}")
        raise
    if output is None:
        raise OptionError(
            "dlupdate: the function returned nothing.",
            got={"function": getattr(fun, "__name__", repr(fun))},
            fix="It must return the new parameter.",
        )
    return output if isinstance(output, tuple) else _Single((output,))


class _Single(tuple):
    """The output of a function that did not return a tuple."""


def _count(outputs: Sequence[tuple[Any, ...]], nargout: int | None) -> int | None:
    """How many containers to return; None for one that is not in a tuple."""
    lengths = {len(output) for output in outputs}
    if nargout is None:
        if all(isinstance(output, _Single) for output in outputs):
            return None
        nargout = min(lengths)
    if outputs and min(lengths) < nargout:
        raise OptionError(
            f"dlupdate: the function returns {min(lengths)} of the {nargout} outputs asked for.",
            fix="Return a tuple: the new parameter and the further arrays.",
        )
    return None if nargout == 1 else nargout
