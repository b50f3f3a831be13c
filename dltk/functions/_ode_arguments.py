"""What `dlode45` is called with, checked."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import DOUBLE, Raw, is_known, raw
from ..dlarray import dlarray
from ._ode_network import NAME
from ._options import number, word

MODES = ("direct", "adjoint", "adjoint-seminorm")


def mode(new: str, old: str | None) -> str:
    if old is not None and new != "direct":
        raise OptionError(
            f"{NAME}: GradientsMode is the older name of GradientMode; give one of them.",
            got={"GradientMode": new, "GradientsMode": old},
        )
    return word(NAME, "GradientMode", new if old is None else old, MODES)


def state(Y0: Any, DataFormat: str | None) -> dlarray:
    y0 = Y0 if isinstance(Y0, dlarray) else dlarray(raw(Y0, NAME))
    if "T" in y0.dims or "T" in (DataFormat or ""):
        raise FormatError(
            f'{NAME}: the state has a time dimension "T" already; the solution adds it.',
            got={"Y0": labels.show(y0.shape, y0.dims), "DataFormat": DataFormat},
            fix="Take one time step, or use another label.",
        )
    if DataFormat is None:
        return y0
    if y0.dims:
        raise FormatError(
            f"{NAME}: DataFormat is given, but Y0 has labels.",
            got={"Y0": labels.show(y0.shape, y0.dims), "DataFormat": f'"{DataFormat}"'},
            fix="Leave DataFormat out, or remove the labels first: stripdims(Y0).",
        )
    if len(labels.check(str(DataFormat), NAME)) < y0.ndim:
        raise FormatError(
            f"{NAME}: DataFormat has {len(DataFormat)} labels, Y0 has {y0.ndim} dimensions.",
            got={"Y0": labels.show(y0.shape), "DataFormat": f'"{DataFormat}"'},
            fix=f"Give one label per dimension: {labels.MEANING}.",
        )
    return y0


def size(times: Any) -> int:
    return int(np.prod(times.shape))


def times(tspan: Any) -> Any:
    times = tspan if isinstance(tspan, dlarray) else raw(tspan, NAME)
    if isinstance(times, dlarray) and times.dims:
        raise FormatError(
            f"{NAME}: tspan has labels.",
            got={"tspan": labels.show(times.shape, times.dims)},
            fix="Times have none: stripdims(tspan).",
        )
    data = times._data if isinstance(times, dlarray) else times
    shown = labels.show(data.shape)
    if size(data) < 2 or max(data.shape) != size(data) or data.dtype.kind != "f":
        raise OptionError(
            f"{NAME}: tspan must be a vector of at least two times.",
            got={"tspan": f"{shown} {data.dtype}"},
            fix="Give the start and the end, or all times at which the solution is wanted.",
        )
    if is_known(data):
        if not np.isfinite(data).all():
            raise OptionError(f"{NAME}: a time in tspan is not finite.", got={"tspan": f"{data}"})
        steps = np.diff(np.asarray(data).ravel())
        if not ((steps > 0).all() or (steps < 0).all()):
            at = int(np.flatnonzero(~(steps * (1 if steps[0] > 0 else -1) > 0))[0])
            first, second = np.asarray(data).ravel()[at : at + 2]
            raise OptionError(
                f"{NAME}: the times in tspan must increase strictly, or decrease strictly.",
                got={f"tspan[{at}] and tspan[{at + 1}]": f"{first:g}, {second:g}"},
            )
    return times


def numbers(first: Any, most: Any, relative: Any, absolute: Any) -> Raw:
    """Step sizes (0: to be chosen) and tolerances as one vector."""
    sizes = {"InitialStepSize": first, "MaxStepSize": most}
    values = [0.0 if _is_empty(v) else number(NAME, k, v, above=0) for k, v in sizes.items()]
    tolerances = {"RelativeTolerance": relative, "AbsoluteTolerance": absolute}
    values += [number(NAME, k, v, above=0) for k, v in tolerances.items()]
    values = [v._data if isinstance(v, dlarray) else v for v in values]
    if all(map(is_known, values)):
        return np.array([float(np.asarray(v).reshape(())) for v in values], DOUBLE)
    with jax.enable_x64(True):
        return jnp.stack([jnp.asarray(v).astype(DOUBLE).reshape(()) for v in values])


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, (list, np.ndarray)) and len(value) == 0)
