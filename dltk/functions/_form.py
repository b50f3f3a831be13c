"""The form of a convolution: what is known of it before its numbers.

With data x, filters w and a result y a convolution is what a trilinear form

    T(x, w, y) = sum of w(k, c, f) x(s p + d k - before, c) y(p, f)    over p, k, c, f

says of y. Its gradients are what the same form says of x and of w, so one record serves all three.
"""

from __future__ import annotations

from typing import NamedTuple

from jax import lax

from .._numbers import Raw

Sizes = tuple[int, ...]


class Form(NamedTuple):
    """Tuples have one value per dimension slid over.

    The data are observations × space × channels, or time × observations × space × channels where
    filters slide over time; then time stands last in the tuples. The filters are
    size × channels of a group × filters of all groups. ``pairs`` cells are added before and after
    the ``sizes`` cells of the data (or cut away, if negative).
    """

    sizes: Sizes
    window: Sizes
    strides: Sizes
    dilation: Sizes
    pairs: tuple[tuple[int, int], ...]
    groups: int = 1
    time: bool = False

    @property
    def axes(self) -> Sizes:
        """Positions in the data of the dimensions slid over."""
        count = len(self.sizes)
        return (*range(2, count + 1), 0) if self.time else tuple(range(1, count + 1))

    @property
    def batch(self) -> int:
        """Position of the observations."""
        return 1 if self.time else 0

    @property
    def reach(self) -> Sizes:
        """Cells from the first to the last under a filter."""
        return tuple((k - 1) * d + 1 for k, d in zip(self.window, self.dilation, strict=True))

    @property
    def results(self) -> Sizes:
        """Number of positions of the filters."""
        return tuple(
            (n + sum(pair) - e) // s + 1
            for n, pair, e, s in zip(self.sizes, self.pairs, self.reach, self.strides, strict=True)
        )

    @property
    def numbers(self) -> lax.ConvDimensionNumbers:
        """The dimensions of data and filters as JAX counts them."""
        count = len(self.sizes)
        data = (self.batch, count + 1, *self.axes)
        return lax.ConvDimensionNumbers(data, (count + 1, count, *range(count)), data)

    def data_shape(self, observations: int, sizes: Sizes, channels: int) -> Sizes:
        """The shape of data with these sizes."""
        shape = [observations] * (len(sizes) + 1)
        for axis, n in zip(self.axes, sizes, strict=True):
            shape[axis] = n
        return (*shape, channels)


def convolution(x: Raw, w: Raw, form: Form) -> Raw:
    """Result y of a form as JAX computes it."""
    return lax.conv_general_dilated(
        x,
        w,
        form.strides,
        form.pairs,
        rhs_dilation=form.dilation,
        dimension_numbers=form.numbers,
        feature_group_count=form.groups,
    )
