"""Formulas of interpolation between points on a line, for columns of values.

Cubic methods are all the same Hermite polynomial and differ in the slopes at the points alone.
Sources: Fritsch and Butland, SIAM Journal on Scientific and Statistical Computing 5, 1984 (pchip);
Akima, Journal of the ACM 17, 1970 (makima, with the weights that MATLAB documents); de Boor, A
Practical Guide to Splines, chapter IV (spline).
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from .._numbers import Raw


def interpolated(method: str, x: Raw, v: Raw, q: Raw) -> Raw:
    """Values at the points ``q``: a column for each column of ``v``; ``x`` may stand in any order.

    Outside the points it extrapolates, with NaN where a method has no value there.
    """
    x, v = jnp.asarray(x), jnp.asarray(v)
    order = jnp.argsort(jax.lax.stop_gradient(x))
    x, v = x[order], v[order]
    left = jnp.clip(jnp.searchsorted(x, q, side="right") - 1, 0, x.size - 2)
    if method in STEPS:
        return STEPS[method](x, v, q[:, None], left)
    h = jnp.diff(x)[:, None]
    slopes = jnp.diff(v, axis=0) / h
    s = (q - x[left])[:, None]
    if method == "linear":
        t = s / h[left]
        return (1 - t) * v[left] + t * v[left + 1]
    return _hermite(h[left], v[left], v[left + 1], SLOPES[method](h, slopes), left, s)


def _hermite(h: Raw, v: Raw, w: Raw, d: Raw, left: Raw, s: Raw) -> Raw:
    """Cubic polynomial with values v, w and slopes d at the ends of intervals of length h."""
    secant = (w - v) / h
    a, b = d[left], d[left + 1]
    return v + s * (a + s * ((3 * secant - 2 * a - b) / h + s * (a + b - 2 * secant) / h**2))


def _nearest(x: Raw, v: Raw, q: Raw, left: Raw) -> Raw:
    middle = (x[left] + x[left + 1])[:, None] / 2
    return jnp.where(q >= middle, v[left + 1], v[left])


def _previous(x: Raw, v: Raw, q: Raw, left: Raw) -> Raw:
    value = jnp.where(q >= x[-1], v[-1:], v[left])
    return jnp.where(q < x[0], jnp.nan, value)


def _next(x: Raw, v: Raw, q: Raw, left: Raw) -> Raw:
    at = jnp.clip(left + 1, 0, x.size - 1)
    value = jnp.where(q <= x[left][:, None], v[left], v[at])
    return jnp.where(q > x[-1], jnp.nan, value)


def _pchip(h: Raw, secant: Raw) -> Raw:
    """Weighted harmonic means of the secants, 0 at an extremum; three points at the ends."""
    if h.shape[0] == 1:
        return jnp.concatenate([secant, secant])
    a, b = secant[:-1], secant[1:]
    w, u = 2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]
    monotone = a * b > 0
    a, b = jnp.where(monotone, a, 1), jnp.where(monotone, b, 1)
    inner = jnp.where(monotone, (w + u) / (w / a + u / b), 0)
    first = _end_slope(h[0], h[1], secant[0], secant[1])
    last = _end_slope(h[-1], h[-2], secant[-1], secant[-2])
    return jnp.concatenate([first[None], inner, last[None]])


def _end_slope(h: Raw, further: Raw, secant: Raw, next_secant: Raw) -> Raw:
    """One-sided slope, limited so that the shape is kept."""
    d = ((2 * h + further) * secant - h * next_secant) / (h + further)
    turns = (secant * next_secant <= 0) & (jnp.abs(d) > 3 * jnp.abs(secant))
    d = jnp.where(turns, 3 * secant, d)
    return jnp.where(d * secant <= 0, 0, d)


def _makima(h: Raw, secant: Raw) -> Raw:
    """Means of the secants left and right, the steadier side weighing more."""
    if h.shape[0] == 1:
        return jnp.concatenate([secant, secant])
    before = 2 * secant[0] - secant[1]
    after = 2 * secant[-1] - secant[-2]
    ends = (2 * before - secant[0], before), (after, 2 * after - secant[-1])
    m = jnp.concatenate([jnp.stack(ends[0]), secant, jnp.stack(ends[1])])
    change = _size(m[1:] - m[:-1]) + _size(m[1:] + m[:-1]) / 2
    right, left = change[2:], change[:-2]
    total = right + left
    flat = total == 0
    mean = (right * m[1:-2] + left * m[2:-1]) / jnp.where(flat, 1, total)
    return jnp.where(flat, 0, mean)


def _size(x: Raw) -> Raw:
    """Absolute value with derivative 0 at 0."""
    return jnp.sign(x) * x


def _spline(h: Raw, secant: Raw) -> Raw:
    """Slopes that make the second derivative continuous, and the third at the second point."""
    n = h.shape[0] + 1
    if n == 2:
        return jnp.concatenate([secant, secant])
    if n == 3:  # one parabola
        curve = (secant[1] - secant[0]) / (h[0] + h[1])
        return jnp.stack(
            [secant[0] - curve * h[0], secant[0] + curve * h[0], secant[1] + curve * h[1]]
        )
    inner = 3 * (h[1:] * secant[:-1] + h[:-1] * secant[1:])
    rows = [
        _not_a_knot(h[0], h[1], secant[0], secant[1]),
        _not_a_knot(h[-1], h[-2], secant[-1], secant[-2]),
    ]
    right = jnp.concatenate([rows[0][None], inner, rows[1][None]])
    h = h[:, 0]
    zero = jnp.zeros(1, h.dtype)
    main = jnp.concatenate([h[1:2], 2 * (h[:-1] + h[1:]), h[-2:-1]])
    above = jnp.concatenate([(h[0] + h[1])[None], h[:-1], zero])
    below = jnp.concatenate([zero, h[1:], (h[-1] + h[-2])[None]])
    if jnp.iscomplexobj(right):
        parts = [
            jax.lax.linalg.tridiagonal_solve(below, main, above, p)
            for p in (right.real, right.imag)
        ]
        return jax.lax.complex(*parts)
    return jax.lax.linalg.tridiagonal_solve(below, main, above, right)


def _not_a_knot(h: Raw, further: Raw, secant: Raw, next_secant: Raw) -> Raw:
    """Right-hand side of the condition at an end."""
    both = h + further
    return ((h + 2 * both) * further * secant + h**2 * next_secant) / both


STEPS: dict[str, Callable[[Raw, Raw, Raw, Raw], Raw]] = {
    "nearest": _nearest,
    "previous": _previous,
    "next": _next,
}
SLOPES: dict[str, Callable[[Raw, Raw], Raw]] = {
    "pchip": _pchip,
    "makima": _makima,
    "spline": _spline,
}
EXTRAPOLATING = tuple(SLOPES)
METHODS = ("linear", *STEPS, *SLOPES)
