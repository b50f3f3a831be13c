"""Derivatives of many values at once: Jacobian, divergence and Laplacian, for batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from . import _labels as labels
from ._derivatives import Function, Handed, divergence, laplacian
from ._errors import FormatError, OptionError, StateError
from ._numbers import Raw
from ._replayed import connection, derived, jacobian
from ._tape import Node, between, is_live
from .dlarray import TRIM, apply, dlarray
from .functions._dimensions import dimension


def dljacobian(
    u: dlarray, x: dlarray, dim: int, *, EnableHigherDerivatives: bool = True
) -> dlarray:
    r"""Derivatives of the elements of u along a dimension, inside a function called by `dlfeval`.

    .. math:: J_k = \frac{\partial}{\partial x} \sum_b u_{k,b}

    with k along the dimension ``dim`` of u and b over all others (observations, usually): as u(k,b)
    depends on the observation b of x only, the sum over b costs nothing and changes nothing.

    Args:
        u: Real traced unformatted dlarray.
        x: Traced unformatted dlarray that u was computed from.
        dim: The dimension of u, from 1, along which each element is differentiated.
        EnableHigherDerivatives: Trace the result too, so that it can be differentiated (by
            `dlgradient` for a loss, or by this family again).

    Returns:
        Unformatted dlarray with the type of x: size(u,dim) times the size of x, or just the size of
        x if size(u,dim) is 1. Zeros if u does not depend on x. For complex x the conjugate of JAX's
        derivative, as for `dlgradient`.

    Raises:
        FormatError: u or x has labels.
        OptionError: u is complex, or has no such dimension.
        StateError: u or x is not traced, or u was computed from what x was computed from.

    Example:
        >>> from dltk import dlfeval
        >>> def slopes(x):  # x is 1 x 3, u is 2 x 3
        ...     u = dlarray([[2.0], [3.0]]) * x**2
        ...     return dljacobian(u, x, 1)
        >>> J = dlfeval(slopes, dlarray([1.0, 10.0, 100.0]))
        >>> J.shape
        (2, 1, 3)
        >>> print(J[1, 0, 2].item())
        600.0

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.dljacobian.html
    """
    axis = _checked("dljacobian", u, x, dim)
    if axis >= u.ndim:
        raise _no_dimension("dljacobian", u, x, axis)
    nodes = _connection("dljacobian", u, x)
    if nodes is None:
        count = u.shape[axis]
        return _zeros("dljacobian", x, x.shape if count == 1 else (count, *x.shape))
    return jacobian(u, x, axis, nodes, higher=EnableHigherDerivatives)


def dldivergence(
    u: dlarray, x: dlarray, dim: int, *, EnableHigherDerivatives: bool = True
) -> dlarray:
    r"""Divergence of a vector field along a dimension, inside a function called by `dlfeval`.

    .. math:: d_b = \sum_i \partial u_{i,b} / \partial x_{i,b}

    with i along the dimension ``dim`` of u and x, and b over all others, the observations. Each
    observation of u must depend on its own observation of x only (so no batch normalization in
    training between them).

    Args:
        u: Real traced unformatted dlarray with the size of x.
        x: Traced unformatted dlarray that u was computed from.
        dim: The dimension, from 1, along which the components stand.
        EnableHigherDerivatives: Trace the result too, so that it can be differentiated.

    Returns:
        Unformatted dlarray with the type of x and the size of x, 1 along ``dim``.

    Raises:
        FormatError: u or x has labels, or their sizes differ.
        OptionError: u is complex, or there is no such dimension.
        StateError: u or x is not traced, or u was computed from what x was computed from.

    Example:
        >>> from dltk import dlfeval
        >>> def spread(x):
        ...     return dldivergence(x**2, x, 1)
        >>> dlfeval(spread, dlarray([[1.0, 2.0], [10.0, 20.0]]))
          1×2 dlarray
        <BLANKLINE>
            22    44

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.dldivergence.html
    """
    axis = _checked("dldivergence", u, x, dim)
    if axis >= x.ndim:
        raise _no_dimension("dldivergence", u, x, axis)
    if u.shape != x.shape:
        raise FormatError(
            f"dldivergence: {_misfit(u, x, axis)}",
            got=_show(u, x),
            fix="u needs one component for each component of x, and the same observations.",
        )
    return _along("dldivergence", divergence, u, x, axis, EnableHigherDerivatives)


def dllaplacian(
    u: dlarray, x: dlarray, dim: int, *, EnableHigherDerivatives: bool = True
) -> dlarray:
    r"""Laplacian of a scalar field along a dimension, inside a function called by `dlfeval`.

    .. math:: l_b = \sum_i \partial^2 u_b / \partial x_{i,b}^2

    with i along the dimension ``dim`` of x, and b over all others, the observations. Each
    observation of u must depend on its own observation of x only (so no batch normalization in
    training between them).

    Args:
        u: Real traced unformatted dlarray, one value for each observation: the size of x, but 1
            along ``dim``.
        x: Real traced unformatted dlarray that u was computed from.
        dim: The dimension of x, from 1, along which its coordinates stand.
        EnableHigherDerivatives: Trace the result too, so that it can be differentiated.

    Returns:
        Unformatted dlarray with the type of x and the size of u.

    Raises:
        FormatError: u or x has labels, or their sizes do not fit.
        OptionError: u or x is complex, or there is no such dimension.
        StateError: u or x is not traced, or u was computed from what x was computed from.

    Example:
        >>> from dltk import dlfeval
        >>> def bend(x):
        ...     return dllaplacian(x[0:1, :] ** 3 * x[1:2, :] ** 2, x, 1)
        >>> dlfeval(bend, dlarray([[1.0, 2.0], [10.0, 20.0]]))  # 6 x y^2 + 2 x^3
          1×2 dlarray
        <BLANKLINE>
                 602        4816

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.dllaplacian.html
    """
    axis = _checked("dllaplacian", u, x, dim)
    if axis >= x.ndim:
        raise _no_dimension("dllaplacian", u, x, axis)
    if x.dtype.kind == "c":
        raise OptionError(
            "dllaplacian: x is complex.",
            got=_show(u, x),
            fix="Differentiate by real and imaginary part as two real variables.",
        )
    if u.shape != _collapsed(x, axis):
        raise FormatError(
            "dllaplacian: u must have one value for each observation: the size of x, but 1 along "
            f"dimension {axis + 1}.",
            got=_show(u, x),
            fix="Pass one component of u, not summed over the observations; dim is the dimension "
            "of x along which its coordinates stand.",
        )
    return _along("dllaplacian", laplacian, u, x, axis, EnableHigherDerivatives)


def _along(
    who: str,
    derivative: Callable[[Function, Raw, int], tuple[Raw, Handed]],
    u: dlarray,
    x: dlarray,
    axis: int,
    higher: bool,
) -> dlarray:
    nodes = _connection(who, u, x)
    if nodes is None:
        return _zeros(who, x, _collapsed(x, axis))
    assert u._variable is not None
    return derived(who, lambda f, at: derivative(f, at, axis), u._variable, x, nodes, higher=higher)


def _connection(who: str, u: dlarray, x: dlarray) -> list[Node] | None:
    """The trace from x to u; None if there is none, an error if x is only a view of its start."""
    assert u._variable is not None
    assert x._variable is not None
    nodes = connection(who, u._variable, x._variable)
    made_by = x._variable.node
    if nodes is not None or made_by is None or made_by.name not in ("stripdims", "dlarray", TRIM):
        return nodes
    if between(u._variable, [v for v in made_by.inputs if v is not None]):
        raise StateError(
            f"{who}: u was not computed from x, but from the array that x was made of.",
            got=_show(u, x),
            fix="Strip the labels first, and compute u from the result: x = stripdims(X), then "
            'u = stripdims(forward(net, dlarray(x, "CB"))).',
        )
    return None


def _zeros(who: str, x: dlarray, shape: tuple[int, ...]) -> dlarray:
    """Traced zeros, as the derivatives of a u that is constant; the next derivative is zero too."""
    return apply(who, lambda at: jnp.zeros(shape, at.dtype), [x], "", mix=False)


# Checks


def _checked(who: str, u: Any, x: Any, dim: Any) -> int:
    """The axis, counted from 0, after checking what the whole family needs."""
    for name, value in (("u", u), ("x", x)):
        _check_traced(who, name, value)
    for name, value in (("u", u), ("x", x)):
        if value.dims:
            raise FormatError(
                f"{who}: {name} has labels.",
                got=_show(u, x),
                fix=f"Use stripdims first: {name} = stripdims({name}). Strip x before computing u "
                "from it.",
            )
    if u.dtype.kind == "c":
        raise OptionError(
            f"{who}: u is complex.", got=_show(u, x), fix="Take its real part, imag or abs first."
        )
    return dimension(who, dim)


def _check_traced(who: str, name: str, value: Any) -> None:
    if isinstance(value, dlarray) and is_live(value._variable):
        return
    what = "an untraced dlarray" if isinstance(value, dlarray) else f"a {type(value).__name__}"
    shown = labels.show(value.shape, value.dims) if isinstance(value, dlarray) else repr(value)[:60]
    advice = {
        "u": "Compute u from x with dlarrays only, inside a function that dlfeval calls.",
        "x": "x must be an input of the function that dlfeval calls, passed as a dlarray, or be "
        "computed from one.",
    }
    raise StateError(
        f"{who}: {name} is {what}, not a traced dlarray.", got={name: shown}, fix=advice[name]
    )


def _show(u: dlarray, x: dlarray) -> dict[str, str]:
    return {"u": labels.show(u.shape, u.dims), "x": labels.show(x.shape, x.dims)}


def _misfit(u: dlarray, x: dlarray, axis: int) -> str:
    count = u.shape[axis] if axis < u.ndim else 1
    if count != x.shape[axis]:
        return f"u has {count} components along dimension {axis + 1}, x has {x.shape[axis]}."
    return "u and x have different numbers of observations."


def _no_dimension(who: str, u: dlarray, x: dlarray, axis: int) -> OptionError:
    return OptionError(
        f"{who}: there is no dimension {axis + 1}.",
        got=_show(u, x),
        fix="Dimension numbers count from 1, the first being the rows.",
    )


def _collapsed(x: dlarray, axis: int) -> tuple[int, ...]:
    """Size of x with 1 along an axis."""
    shape = tuple(1 if i == axis else n for i, n in enumerate(x.shape))
    return labels.trimmed_shape("", shape)
