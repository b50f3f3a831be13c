"""MATLAB's categorical array: names stored once, a small number per element.

An array of integer codes points into a tuple of category names; code -1 is ``<undefined>``. What
concerns names (sorting, merging, renaming) touches the short tuple, what concerns elements
(subscripts, shapes, comparison) the integers, so it is as fast as NumPy is with integers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from .._errors import OptionError
from ._label_values import encode, match, name_of

UNDEFINED = "<undefined>"


class categorical:
    """Array of labels from a finite list of categories.

    Without ``valueset`` the categories are the distinct values, sorted: numbers ascending, text
    alphabetically. ``None``, NaN and empty text become ``<undefined>``, which equals nothing. A
    vector may stay one-dimensional; subscripts are Python's and give categoricals (of shape ``()``
    for one element) with all the categories.

    Args:
        values: Text, numbers, logicals (a list or array of any shape) or a categorical.
        valueset: The values that become categories, in this order; others become ``<undefined>``.
        names: Names of the categories, one per value of ``valueset``. Equal names merge.

    Raises:
        OptionError: Text mixed with numbers, repeated values in ``valueset``, or a wrong number of
            names.

    Example:
        >>> T = categorical(["dog", "cat", "dog"])
        >>> T
        categorical(['dog', 'cat', 'dog'], categories: cat, dog)
        >>> T == "dog"
        array([ True, False,  True])
        >>> categorical([1, 2, 2], [2, 1], ["two", "one"])
        categorical(['one', 'two', 'two'], categories: two, one)

    Source:
        https://www.mathworks.com/help/matlab/ref/categorical.html
    """

    __slots__ = ("_codes", "_names")
    __hash__ = None  # type: ignore[assignment]
    __array_ufunc__ = None  # so that array == categorical asks categorical.__eq__

    _codes: np.ndarray
    _names: tuple[str, ...]

    def __init__(self, values: Any, valueset: Any = None, names: Sequence[str] | None = None):
        if isinstance(values, (list, tuple)) and any(isinstance(v, categorical) for v in values):
            values = _join(values, np.stack)
        if isinstance(values, categorical):
            found, codes = list(values._names), values._codes
        else:
            found, codes = encode(values)
        wanted = found if valueset is None else match(found, valueset)
        self._names, positions = _unique_names(wanted, names)
        if wanted is not found:
            place = {value: position for position, value in enumerate(wanted)}
            positions = np.array([positions[place[v]] if v in place else -1 for v in found])
        lookup = np.append(positions, -1).astype(np.int32)
        self._codes = lookup[codes]

    @classmethod
    def _make(cls, codes: Any, names: tuple[str, ...]) -> categorical:
        """From codes (from 0, -1 for undefined) and names, unchecked."""
        made = object.__new__(cls)
        made._codes = codes
        made._names = names
        return made

    @classmethod
    def shared_codes(cls, parts: Sequence[Any]) -> tuple[list[Any], Callable[[Any], categorical]]:
        """Code arrays of several categoricals (or texts) that mean the same in each of them.

        Whatever joins the arrays joins the categoricals: ``wrap(join(codes))``.

        Returns:
            The integer arrays, and ``wrap``, which makes such an array a categorical again. New
            categories stand behind those of the first.
        """
        made = [part if isinstance(part, cls) else cls(part) for part in parts]
        names = made[0]._names
        if any(part._names is not names for part in made):
            names = _union([part._names for part in made])
        return [_recode(part, names) for part in made], lambda codes: cls._make(codes, names)

    # shape

    @property
    def shape(self) -> tuple[int, ...]:
        return self._codes.shape

    @property
    def ndim(self) -> int:
        return self._codes.ndim

    @property
    def size(self) -> int:
        return self._codes.size

    @property
    def T(self) -> categorical:
        return self._make(self._codes.T, self._names)

    def reshape(self, *shape: Any) -> categorical:
        """The same elements in another shape, last subscript fastest (as in NumPy)."""
        return self._make(self._codes.reshape(*shape), self._names)

    def ravel(self) -> categorical:
        """The elements as a vector."""
        return self.reshape(-1)

    def __len__(self) -> int:
        return len(self._codes)

    def __iter__(self) -> Iterator[categorical]:
        return (self._make(code, self._names) for code in self._codes)

    # elements

    def __getitem__(self, index: Any) -> categorical:
        if isinstance(index, categorical):
            raise OptionError(
                "categorical: a categorical cannot be a subscript.",
                got={"subscript": index},
                fix='Compare first, as in T[T == "cat"].',
            )
        return self._make(np.array(self._codes[index]), self._names)

    def __setitem__(self, index: Any, value: Any) -> None:
        new = value if isinstance(value, categorical) else categorical(value)
        self._names = _union([self._names, new._names])
        self._codes[index] = _recode(new, self._names)

    def __eq__(self, other: object) -> Any:
        if isinstance(other, categorical):
            names = (
                self._names if other._names == self._names else _union([self._names, other._names])
            )
            codes = _recode(other, names)
        else:
            codes = self._codes_of(other)
        return (self._codes == codes) & (self._codes >= 0)

    def __ne__(self, other: object) -> Any:
        return ~np.asarray(self == other) if self.ndim else not (self == other)

    def _codes_of(self, other: object) -> Any:
        """Codes of one text or an array of texts; -2 for a text that is no category."""
        place = {name: code for code, name in enumerate(self._names)}
        if isinstance(other, str):
            return place.get(other, -2)
        texts = np.asarray(other)
        if texts.dtype.kind not in "UO" or not all(isinstance(t, str) for t in texts.ravel()):
            raise OptionError(
                "categorical: == compares with text or with another categorical.",
                got={"categories": ", ".join(self._names), "compared with": repr(other)},
                fix='Quote the category name, as in T == "3".',
            )
        return np.array([place.get(t, -2) for t in texts.ravel()], np.int32).reshape(texts.shape)

    def __contains__(self, name: object) -> bool:
        return bool(np.any(self == name))

    # conversion

    def double(self) -> np.ndarray:
        """Category numbers, from 1 on; NaN where undefined."""
        return np.where(self._codes < 0, np.nan, self._codes + 1.0)

    def tolist(self) -> Any:
        """The names as a (nested) list of str."""
        return np.asarray(self).tolist()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if dtype is not None and np.dtype(dtype).kind in "fiub":
            return self.double().astype(dtype)
        names = np.array([*self._names, UNDEFINED])[self._codes]
        return np.asarray(names, dtype)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func in (np.concatenate, np.stack, np.hstack, np.vstack, np.append):
            arrays, rest = (args[:2], args[2:]) if func is np.append else (args[0], args[1:])
            join = (lambda parts, **kw: np.append(*parts, **kw)) if func is np.append else func
            return _join(arrays, lambda parts: join(parts, *rest, **kwargs))
        if func in (np.reshape, np.ravel, np.transpose, np.squeeze, np.expand_dims, np.take):
            return self._make(func(args[0]._codes, *args[1:], **kwargs), args[0]._names)
        if func in (np.shape, np.ndim, np.size):
            return func(args[0]._codes, *args[1:], **kwargs)
        named = [np.asarray(a) if isinstance(a, categorical) else a for a in args]
        return func(*named, **kwargs)

    def __str__(self) -> str:
        return str(np.asarray(self)) if self.ndim else str(np.asarray(self).item())

    def __repr__(self) -> str:
        names = np.asarray(self)
        shown = np.array2string(names, separator=", ", threshold=20, edgeitems=4)
        where = f"{' × '.join(map(str, self.shape))}, " if self.size > 20 else ""
        return f"categorical({shown}, {where}categories: {', '.join(self._names) or 'none'})"


def join(parts: Sequence[Any], axis: int = 0) -> categorical:
    """Concatenate categoricals; new categories stand behind those of the first.

    >>> join([categorical(["b"]), categorical(["a"])])
    categorical(['b', 'a'], categories: b, a)
    """
    return _join(parts, lambda codes: np.concatenate(codes, axis=axis))


def _join(parts: Sequence[Any], how: Callable[[list[Any]], Any]) -> categorical:
    codes, wrap = categorical.shared_codes(parts)
    return wrap(how(codes))


def _union(all_names: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in all_names for name in names))


def _recode(values: categorical, names: tuple[str, ...]) -> Any:
    """The codes of ``values`` counted in ``names``, which holds all its categories."""
    if values._names is names or values._names == names[: len(values._names)]:
        return values._codes
    lookup = np.array([*(names.index(name) for name in values._names), -1], np.int32)
    return lookup[values._codes]


def _unique_names(values: Sequence[Any], names: Sequence[str] | None) -> tuple[Any, np.ndarray]:
    """Category names without repetition, and for each value the position of its name."""
    texts = [name_of(v) for v in values] if names is None else [str(name) for name in names]
    if len(texts) != len(values):
        raise OptionError(
            f"categorical: {len(texts)} names for {len(values)} categories.",
            got={"valueset": list(values), "names": texts},
            fix="Give one name per value of valueset.",
        )
    unique = list(dict.fromkeys(texts))
    if names is None and len(unique) < len(texts):
        raise OptionError(
            "categorical: different numbers get the same category name.",
            got={"names": texts},
            fix="Names have five digits; give valueset and names, or round the numbers first.",
        )
    return tuple(unique), np.array([unique.index(text) for text in texts], np.int32)
