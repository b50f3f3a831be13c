"""Connectionist temporal classification: the loss of sequences whose alignment is unknown.

The sum over all alignments is the usual forward recursion over time, in logarithms, on the target
with a blank before, between and after its classes. It is ordinary JAX, so derivatives of any order
exist; what is impossible has a logarithm so small that it takes no part in any of them.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import Raw, common, convert, raw
from ..dlarray import apply, dlarray
from ._loss_common import log_bounded
from ._operands import formatted, need, shown
from ._options import whole, word

NAME = "ctc"
NEVER = -1e30  # logarithm of the probability of what cannot be; finite, so derivatives are 0


def ctc(
    Y: Any,
    targets: Any,
    YMask: Any,
    targetsMask: Any,
    *,
    DataFormat: str | None = None,
    BlankIndex: Literal["first", "last"] | int = "first",
) -> dlarray:
    r"""Connectionist temporal classification loss, for sequences of classes without alignment.

    .. math:: \text{loss} = -\frac{1}{N} \sum_n \ln \sum_{a \in A(T_n)} \prod_t Y_{a_t, n, t}

    where A(T) are the alignments of the target: sequences of classes, as long as the prediction,
    that become T when repeated classes are taken once and then blanks are left out.

    Args:
        Y: Probabilities of classes, one of them the blank: a dlarray with "C" and "T", usually
            "CBT", or an unformatted one with ``DataFormat``. Those of 0 count as the smallest
            positive number.
        targets: Class numbers from 1 to the number of channels, never that of the blank, with "B"
            and "T" like ``Y`` and "C" of size 1 or missing. The number of time steps is its own. A
            wrong number makes the loss NaN where it is not known before the loss is computed
            (inside a compiled function).
        YMask: 1 for time steps of ``Y`` to use, 0 for padding; with as many channels as ``Y``, one,
            or no "C". None uses all.
        targetsMask: The same for the targets.
        DataFormat: Labels of unformatted ``Y``, targets and masks. Without it unformatted targets
            and masks have their dimensions in the order in which ``Y`` shows its own.
        BlankIndex: The class that is the blank: "first", "last", or its number.

    Returns:
        The mean over the observations, an unformatted 1-by-1 dlarray. It is Inf if a target does
        not fit into its prediction.

    Raises:
        FormatError: Labels or sizes do not fit, or ``Y`` has none.
        OptionError: A target that is no class, or is the blank; another blank.

    Example:
        >>> Y = dlarray([[[0.5, 0.25]], [[0.5, 0.75]]], "CBT")  # blank and one class, two steps
        >>> targets = dlarray([[2.0]], "BT")
        >>> loss = ctc(Y, targets, None, None)
        >>> print(f"{loss.item():.4f}")  # all but twice blank: -ln(1 - 0.5 * 0.25)
        0.1335

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.ctc.html and Graves et al.,
        Connectionist temporal classification, 2006.
    """
    data, restore = formatted(NAME, Y, DataFormat, targets, what="Y")
    del restore  # the loss has no dimensions to bring back
    classes, steps = need(NAME, data, "C", "Y"), need(NAME, data, "T", "Y")
    if set(data.dims) - set("CBT"):
        raise FormatError(
            f'{NAME}: Y has labels other than "C", "B" and "T".', got={"Y": shown(data)}
        )
    batch = data.shape[data.dims.index("B")] if "B" in data.dims else 1
    blank = _blank(BlankIndex, classes)
    order = DataFormat or data.dims
    given = {"targets": _sequence("targets", targets, data, order, (1,), None)}
    length = _steps(given["targets"])
    if YMask is not None:
        given["YMask"] = _sequence("YMask", YMask, data, order, (classes, 1), steps)
    if targetsMask is not None:
        given["targetsMask"] = _sequence("targetsMask", targetsMask, data, order, (1,), length)
    _check_targets(given, classes, blank)

    def loss(y: Raw, *values: Raw) -> Raw:
        y = convert(y, common([y.dtype])).reshape(steps, batch, classes)
        flat = {key: _flat(v, X) for (key, X), v in zip(given.items(), values, strict=True)}
        ymask = flat.get("YMask", np.ones((steps, batch)))
        tmask = flat.get("targetsMask", np.ones((length, batch)))
        return _loss(y, flat["targets"], ymask != 0, tmask != 0, blank)

    return apply(NAME, loss, [data, *given.values()], "", mix=False)


@partial(jax.jit, static_argnames="blank")
def _loss(y: Raw, targets: Raw, ymask: Raw, tmask: Raw, blank: int) -> Raw:
    """The mean loss: y is (time, observation, class), the others are (time, observation)."""
    classes = y.shape[-1]
    front = jnp.argsort(~tmask, axis=0, stable=True)  # padding may be on either side
    targets, tmask = (jnp.take_along_axis(v, front, axis=0).T for v in (targets, tmask))
    is_class = (targets >= 1) & (targets <= classes) & (targets == jnp.round(targets))
    valid = jnp.all((is_class & (targets != blank + 1)) | ~tmask, axis=1)
    chosen = jnp.where(is_class & tmask, targets - 1, blank).astype(np.int32)
    lengths = jnp.sum(tmask, axis=1, dtype=np.int32)

    states = jnp.full((len(chosen), 2 * chosen.shape[1] + 1), blank, np.int32)
    states = states.at[:, 1::2].set(chosen)
    logs = log_bounded(y, jnp.finfo(y.dtype).tiny)
    logs = jnp.take_along_axis(logs, states[None], axis=-1, mode="clip")
    ends = _forward(logs, ymask, _may_skip(states, blank))
    last = jnp.take_along_axis(ends, 2 * lengths[:, None], axis=1)[:, 0]
    before = jnp.take_along_axis(ends, jnp.maximum(2 * lengths - 1, 0)[:, None], axis=1)[:, 0]
    total = jnp.logaddexp(last, jnp.where(lengths > 0, before, NEVER))
    each = jnp.where(total < NEVER / 2, jnp.inf, -total)
    return jnp.mean(jnp.where(valid, each, jnp.nan)).reshape(1, 1)


def _may_skip(states: Raw, blank: int) -> Raw:
    """States that can follow the one before the blank before them: another class than that."""
    other = (states[:, 2:] != states[:, :-2]) & (states[:, 2:] != blank)
    return jnp.pad(other, ((0, 0), (2, 0)))


def _forward(logs: Raw, ymask: Raw, may_skip: Raw) -> Raw:
    """Logarithms of the probabilities of all states after the last step that counts."""
    never = np.asarray(NEVER, logs.dtype)
    start = jnp.full(logs.shape[1:], never).at[:, 0].set(0)

    def step(before: Raw, at: tuple[Raw, Raw]) -> tuple[Raw, None]:
        log, used = at
        one, two = (
            jnp.pad(before[:, :-k], ((0, 0), (k, 0)), constant_values=never) for k in (1, 2)
        )
        after = jnp.logaddexp(before, one)
        after = jnp.logaddexp(after, jnp.where(may_skip, two, never)) + log
        return jnp.where(used[:, None], jnp.maximum(after, never), before), None

    return lax.scan(step, start, (logs, ymask))[0]


def _flat(value: Raw, X: dlarray) -> Raw:
    """(time, observation), whatever labels of size 1 are missing; one channel stands for all."""
    return (value[..., 0] if "C" in X.dims else value).reshape(_steps(X), -1)


def _steps(X: dlarray) -> int:
    return X.shape[X.dims.index("T")] if "T" in X.dims else 1


def _blank(BlankIndex: Any, classes: int) -> int:
    """The number of the blank, from 0."""
    if isinstance(BlankIndex, str):
        return {"first": 0, "last": classes - 1}[
            word(NAME, "BlankIndex", BlankIndex, ["first", "last"])
        ]
    (number,) = whole(NAME, "BlankIndex", BlankIndex)
    if number > classes:
        raise OptionError(
            f"{NAME}: there is no class {number} to be the blank.",
            got={"BlankIndex": number, "classes": classes},
            fix='BlankIndex is "first", "last", or a number up to the size of "C" of Y.',
        )
    return number - 1


def _sequence(
    what: str, value: Any, Y: dlarray, order: str, channels: tuple[int, ...], steps: int | None
) -> dlarray:
    """Targets or a mask with labels; unformatted ones may lack the channels."""
    if value is None or isinstance(value, str):
        raise OptionError(f"{NAME}: {what} must be numbers, not {value!r}.")
    value = value if isinstance(value, dlarray) else raw(value, NAME)
    batch = Y.shape[Y.dims.index("B")] if "B" in Y.dims else 1

    def fits(X: dlarray) -> bool:
        sizes = dict(zip(X.dims, X.shape, strict=True))
        rest = {"C": channels, "B": (batch,), "T": (steps or _steps(X),)}
        return (
            set(X.dims) <= set("CBTU")
            and all(n in rest.get(letter, (1,)) for letter, n in sizes.items())
            and sizes.get("B", 1) == batch
        )

    if isinstance(value, dlarray) and value.dims:
        candidates = [value]
    else:
        rank = len(labels.trimmed_shape("", value.shape))
        orders = [order, order.replace("C", "")]
        candidates = [dlarray(value, fmt) for fmt in orders if rank <= max(len(fmt), 2) and fmt]
    found = next((X for X in candidates if fits(X)), None)
    if found is None:
        number = "its own number of" if steps is None else f"{steps}"
        raise FormatError(
            f"{NAME}: {what} does not fit Y.",
            got={"Y": shown(Y), what: shown(value)},
            fix=f'{what} needs {batch} observations ("B"), {number} time steps ("T") and '
            f'{" or ".join(str(n) for n in channels)} channels, or no "C". Label it as Y was '
            f"labelled: dlarray({what}, format).",
        )
    return found


def _check_targets(given: dict[str, dlarray], classes: int, blank: int) -> None:
    """Refuse numbers that are no class, or the blank, if the targets are at hand."""
    values = [X._data for key, X in given.items() if key != "YMask"]
    if not all(isinstance(v, np.ndarray) for v in values):
        return
    targets = given["targets"]
    numbers = _flat(values[0], targets)
    wrong = (numbers < 1) | (numbers > classes) | (numbers != np.round(numbers))
    wrong |= numbers == blank + 1
    if len(values) == 2:
        wrong = wrong & (_flat(values[1], given["targetsMask"]) != 0)
    if wrong.any():
        number = numbers[wrong].flat[0]
        kind = "the blank" if number == blank + 1 else "not a class number"
        raise OptionError(
            f"{NAME}: {number:g} is {kind}.",
            got={"targets": shown(targets), "classes": classes, "blank": blank + 1},
            fix=f'Classes are numbered from 1 to {classes}, the size of "C" of Y; the blank is no '
            "target. Padding is left out by targetsMask.",
        )
