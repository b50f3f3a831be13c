"""Labels as users hand them over: lists, numbers, text, missing values; sorted out once, here."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._errors import OptionError


def encode(values: Any) -> tuple[list[Any], np.ndarray]:
    """Distinct values, sorted, and for each element its position among them (-1 when missing).

    Missing are ``None``, NaN and empty text. Text loses blanks at its ends.

    >>> encode(["dog", "cat", "", "dog"])
    (['cat', 'dog'], array([ 1,  0, -1,  1]))
    >>> encode([30.0, float("nan"), 4.0])
    ([4.0, 30.0], array([ 1, -1,  0]))
    """
    array = np.asarray(values)
    if array.dtype.kind == "U" and isinstance(values, (list, tuple)) and not _all_text(values):
        return _encode_objects(np.asarray(values, object))  # NumPy would turn 1 into "1"
    if array.dtype.kind in "US":
        array = np.char.strip(array.astype(str))
        return _positions(array, array == "")
    if array.dtype.kind == "f":
        return _positions(array, np.isnan(array))
    if array.dtype.kind in "iub":
        return _positions(array, np.zeros(array.shape, bool))
    if array.dtype == object:
        return _encode_objects(array)
    raise OptionError(
        f"categorical: values of type {array.dtype} cannot be labels.",
        fix="Pass text, numbers, logicals or a categorical.",
    )


def _all_text(values: Any) -> bool:
    nested = (list, tuple)
    return all(_all_text(v) if isinstance(v, nested) else isinstance(v, str) for v in values)


def _positions(array: np.ndarray, missing: Any) -> tuple[list[Any], np.ndarray]:
    present = ~np.asarray(missing).reshape(-1)
    known, positions = np.unique(array.reshape(-1)[present], return_inverse=True)
    codes = np.full(array.size, -1)
    codes[present] = positions.reshape(-1)
    return known.tolist(), codes.reshape(array.shape)


def _encode_objects(array: np.ndarray) -> tuple[list[Any], np.ndarray]:
    """Lists with None in them, or with arrays of one element."""
    flat = [
        v.item() if isinstance(v, (np.ndarray, np.generic)) and v.size == 1 else v
        for v in array.ravel()
    ]
    missing = np.array([v is None or v == "" or v != v for v in flat], bool)
    present = [v for v, gone in zip(flat, missing, strict=True) if not gone]
    kinds = {isinstance(v, str) for v in present}
    if len(kinds) > 1 or not all(
        isinstance(v, (str, bool, int, float, np.generic)) for v in present
    ):
        shown = ", ".join(repr(v) for v in present[:5])
        raise OptionError(
            "categorical: the values must be all text or all numbers.",
            got={"first values": shown},
            fix="Convert them to text first, for example [str(v) for v in values].",
        )
    known, positions = encode(present)
    codes = np.full(len(flat), -1)
    codes[~missing] = positions
    return known, codes.reshape(array.shape)


def match(found: list[Any], valueset: Any) -> list[Any]:
    """The values of ``valueset`` as a list, checked against the kind of the values found."""
    wanted = np.asarray(valueset).ravel().tolist()
    if len(set(wanted)) < len(wanted):
        raise OptionError(
            "categorical: valueset names a value twice.",
            got={"valueset": wanted},
            fix="Each value makes one category; to merge values give them equal names.",
        )
    kinds = {isinstance(v, str) for v in [*found, *wanted]}
    if len(kinds) > 1:
        raise OptionError(
            "categorical: values and valueset must both be text or both be numbers.",
            got={"values": found[:5], "valueset": wanted},
            fix="Write the valueset in the type of the values.",
        )
    return wanted


def name_of(value: Any) -> str:
    """The category name that MATLAB gives to a value.

    >>> name_of(3.0), name_of(0.25), name_of(3.14159265), name_of(True), name_of("cat")
    ('3', '0.25', '3.1416', 'true', 'cat')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    return str(int(value)) if value == int(value) else f"{value:.5g}"
