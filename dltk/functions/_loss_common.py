"""What all losses share: targets, weights and masks line up with the predictions; reduction.

A loss is an elementwise formula; everything else happens here once:

    loss = sum over elements of mask * weights * formula(Y, targets) / normalizer
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import LOGICAL, Raw, raw
from ..dlarray import apply, dlarray, unformatted
from ._align import broadcast
from ._operands import Restore, formatted, shown
from ._options import word

NORMALIZATIONS = ("batch-size", "all-elements", "mask-included", "none")


@dataclass(frozen=True)
class Options:
    """The options that losses share, as the caller gave them."""

    weights: Any = None
    WeightsFormat: str | None = None
    Mask: Any = None
    Reduction: str = "sum"
    NormalizationFactor: str = "batch-size"
    DataFormat: str | None = None

    def checked(self, name: str, normalizations: Sequence[str] = NORMALIZATIONS) -> Options:
        """The same with words as they are listed; those that do not exist are refused."""
        reduction = word(name, "Reduction", self.Reduction, ["sum", "none"])
        factor = word(name, "NormalizationFactor", self.NormalizationFactor, normalizations)
        if factor == "mask-included" and self.Mask is None:
            raise OptionError(
                f'{name}: NormalizationFactor="mask-included" needs a mask.',
                fix="Pass Mask=mask, 1 for elements to include and 0 for the others.",
            )
        return replace(self, Reduction=reduction, NormalizationFactor=factor)


@dataclass(frozen=True)
class Operand:
    """A dlarray, and the stored sizes in which it expands against the predictions."""

    value: dlarray
    stored: tuple[int, ...]


def elementwise_loss(
    name: str,
    formula: Callable[..., Raw],
    Y: Any,
    targets: Any,
    options: Options,
    *parameters: Any,
) -> dlarray:
    """A loss of ``formula(y, t, *parameters)``, element by element."""
    options = options.checked(name)
    data, restore = formatted(name, Y, options.DataFormat, targets, what="Y")
    fit = Fit(name, data, options.DataFormat)
    target = fit.line_up("targets", targets, data.shape)
    mask = fit.mask(options.Mask, data.shape)
    weights = fit.weights(options.weights, options.WeightsFormat)
    operands = [target, *(o for o in (mask, weights) if o is not None)]

    def loss(y: Raw, *values: Raw) -> Raw:
        given = iter(v.reshape(o.stored) for v, o in zip(values, operands, strict=False))
        t, rest = next(given), values[len(operands) :]
        m = None if mask is None else jnp.broadcast_to(next(given) != 0, y.shape)
        if m is not None:  # what is masked must not reach the derivative either
            y, t = (jnp.where(m, x, jnp.ones_like(x)) for x in (y, t))
        w = None if weights is None else next(given)
        return reduce(formula(y, t, *(p.reshape(()) for p in rest)), m, w, data.dims, options)

    inputs = [data, *(o.value for o in operands), *parameters]
    return finish(name, loss, inputs, data.dims, options, restore)


def reduce(L: Raw, m: Raw | None, w: Raw | None, dims: str, options: Options) -> Raw:
    """Weigh, mask, add up and normalize the losses of all elements."""
    if w is not None:
        L = L * w
    if m is not None:
        L = jnp.where(m, L, jnp.zeros_like(L))
    if options.Reduction == "none":
        return L
    batch = labels.find_stored(dims, "B")
    observations = L.shape[batch[0]] if batch else 1
    factor = options.NormalizationFactor
    if factor == "mask-included":
        assert m is not None
        axes = tuple(axis for axis in range(L.ndim) if axis not in batch)
        included = jnp.sum(m.astype(L.dtype), axis=axes, keepdims=True)
        L = L / jnp.maximum(included, jnp.ones_like(included))
    if factor == "target-included":
        included = jnp.asarray(L.size, L.dtype) if m is None else jnp.sum(m.astype(L.dtype))
        return (jnp.sum(L) / jnp.maximum(included, jnp.ones_like(included))).reshape(1, 1)
    count = {"all-elements": L.size, "none": 1}.get(factor, observations)
    return (jnp.sum(L) / count).reshape(1, 1)


def finish(
    name: str,
    loss: Callable[..., Raw],
    inputs: Sequence[Any],
    dims: str,
    options: Options,
    restore: Restore,
) -> dlarray:
    """Run a loss; the result has no labels."""
    if options.Reduction == "sum":
        return apply(name, loss, inputs, "")
    return unformatted(restore(apply(name, loss, inputs, dims)), name)


def log_bounded(p: Raw, least: Any = None) -> Raw:
    """Logarithm of probabilities: those below ``least`` (eps) count as that, with its slope.

    So a prediction of 0 costs much but not infinitely much, and still learns.
    """
    return _log_of_at_least(p, float(jnp.finfo(p.dtype).eps if least is None else least))


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def _log_of_at_least(p: Raw, least: float) -> Raw:
    return jnp.log(jnp.maximum(p, jnp.asarray(least, p.dtype)))


@_log_of_at_least.defjvp
def _slope(least: float, primals: tuple[Raw], tangents: tuple[Raw]) -> tuple[Raw, Raw]:
    (p,), (dp,) = primals, tangents
    return _log_of_at_least(p, least), dp / jnp.maximum(p, jnp.asarray(least, p.dtype))


class Fit:
    """Lines further arguments up with the predictions (or other data, called ``of``)."""

    def __init__(self, name: str, Y: dlarray, DataFormat: str | None, of: str = "Y"):
        self.name = name
        self.Y = Y
        self.of = of
        self.order = DataFormat or Y.dims

    def line_up(
        self, what: str, value: Any, shape: Sequence[int], *, expand: bool = False
    ) -> Operand:
        """An argument of size ``shape``, or with sizes 1 instead if it may expand.

        Labels of a formatted argument pair with those of the predictions; an unformatted one has
        the order of dimensions of ``DataFormat``, or else of the predictions as they show.
        """
        given = self._labelled(what, value, shape)
        free = {letter: list(labels.find(self.Y.dims, letter)) for letter in labels.LOGICAL_ORDER}
        sizes = [1] * len(shape)
        for n, letter in zip(given.shape, given.dims, strict=True):
            if free[letter]:
                sizes[free[letter].pop(0)] = n
            elif n != 1:
                raise self._wrong_size(what, value, shape)
        if any(n != m and not (expand and n == 1) for n, m in zip(sizes, shape, strict=True)):
            raise self._wrong_size(what, value, shape)
        return Operand(given, labels.to_stored(self.Y.dims, sizes))

    def _labelled(self, what: str, value: Any, shape: Sequence[int]) -> dlarray:
        if isinstance(value, dlarray) and value.dims:
            return value
        if value is None or isinstance(value, str):
            raise OptionError(f"{self.name}: {what} must be numbers, not {value!r}.")
        if not isinstance(value, dlarray):
            value = raw(value, self.name)
        if len(labels.trimmed_shape("", value.shape)) > len(self.order):
            raise self._wrong_size(what, value, shape)
        return dlarray(value, self.order)

    def _wrong_size(self, what: str, value: Any, shape: Sequence[int]) -> FormatError:
        singular = {"targets": "target"}.get(what, what)
        if isinstance(value, dlarray) and value.dims:
            fix = f"Give {what} the labels and sizes of {self.of}."
        else:
            fix = (
                f'Unformatted {what} must have dimensions in the order "{self.order}", in which '
                f"{self.of} shows them. Better label {what} as {self.of} was: "
                f"dlarray({what}, format)."
            )
        if self.name == "crossentropy" and what == "targets":
            fix += " Class numbers go to indexcrossentropy, or through onehotencode."
        return FormatError(
            f"{self.name}: {singular} of the wrong size.",
            got={
                self.of: labels.show(self.Y.shape, self.Y.dims),
                what: shown(value),
                "expected": labels.show(shape, self.Y.dims),
            },
            fix=fix,
        )

    def mask(self, Mask: Any, shape: Sequence[int], what: str = "Mask") -> Operand | None:
        """The mask as logical values, so that its number type does not matter."""
        if Mask is None:
            return None
        if isinstance(Mask, dlarray):
            Mask = Mask if Mask.dtype == LOGICAL else broadcast(self.name, lambda m: m != 0, Mask)
        else:
            Mask = raw(Mask, self.name) != 0
        return self.line_up(what, Mask, shape, expand=True)

    def weights(self, weights: Any, WeightsFormat: str | None) -> Operand | None:
        """Weights: a scalar, one per element, or labelled ones that expand over the rest."""
        if weights is None:
            return None
        given = weights if isinstance(weights, dlarray) else raw(weights, self.name)
        if math.prod(given.shape) == 1:
            return Operand(dlarray(given), (1,) * self.Y.ndim)
        has_labels = isinstance(given, dlarray) and bool(given.dims)
        if WeightsFormat is not None and has_labels:
            raise FormatError(
                f"{self.name}: WeightsFormat is given, but weights has labels.",
                got={"weights": shown(given), "WeightsFormat": f'"{WeightsFormat}"'},
                fix="Leave WeightsFormat out.",
            )
        if WeightsFormat is not None:
            given = dlarray(given, WeightsFormat)
            has_labels = True
        if not has_labels and labels.trimmed_shape("", given.shape) != self.Y.shape:
            raise FormatError(
                f"{self.name}: weights without labels must be a scalar or have the size of Y.",
                got={"Y": labels.show(self.Y.shape, self.Y.dims), "weights": shown(given)},
                fix='For one weight per class say WeightsFormat="C" (a row vector: "UC").',
            )
        return self.line_up("weights", given, self.Y.shape, expand=True)
