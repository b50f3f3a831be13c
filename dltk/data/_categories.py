"""What MATLAB does with the categories of a categorical: list, count, add, remove, rename, sort."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._errors import OptionError
from ._categorical import UNDEFINED, categorical


def categories(c: categorical) -> list[str]:
    """Names of all categories, used or not, in their order.

    Args:
        c: A categorical of any shape.

    Example:
        >>> categories(categorical([3, 1, 10]))
        ['1', '3', '10']

    Source:
        https://www.mathworks.com/help/matlab/ref/categorical.categories.html
    """
    return list(_checked(c, "categories")._names)


def iscategory(c: categorical, catnames: str | Sequence[str]) -> Any:
    """Whether names are categories of ``c``, a logical per name.

    Example:
        >>> bool(iscategory(categorical(["cat", "dog"]), "cow"))
        False

    Source:
        https://www.mathworks.com/help/matlab/ref/categorical.iscategory.html
    """
    return np.isin(np.asarray(catnames), _checked(c, "iscategory")._names)


def isundefined(c: categorical) -> Any:
    """Which elements have no category, a logical array of the shape of ``c``.

    Example:
        >>> isundefined(categorical(["cat", ""]))
        array([False,  True])

    Source:
        https://www.mathworks.com/help/matlab/ref/categorical.isundefined.html
    """
    return _checked(c, "isundefined")._codes < 0


def countcats(c: categorical, dim: int | None = None) -> np.ndarray:
    """How often each category occurs, in the order of `categories`.

    Args:
        c: A vector (a count per category comes back, as a vector) or an array.
        dim: Dimension to count along, from 1; its size becomes the number of categories. Without
            it, all of a vector, or the first dimension whose size is not 1.

    Example:
        >>> countcats(categorical(["dog", "cat", "dog"]))
        array([1, 2])

    Source:
        https://www.mathworks.com/help/matlab/ref/categorical.countcats.html
    """
    codes = _checked(c, "countcats")._codes
    long = [axis for axis, n in enumerate(codes.shape) if n != 1]
    if dim is None and len(long) <= 1:
        return np.bincount(codes[codes >= 0].reshape(-1), minlength=len(c._names))
    axis = long[0] if dim is None else dim - 1
    if not 0 <= axis < codes.ndim:
        raise OptionError(
            f"countcats: dim is {dim}, the array has {codes.ndim} dimensions.",
            fix="Dimensions count from 1.",
        )
    counts = [np.sum(codes == code, axis=axis) for code in range(len(c._names))]
    return np.stack(counts, axis=axis)


def addcats(c: categorical, newcats: str | Sequence[str]) -> categorical:
    """A copy with further categories behind the present ones; no element changes.

    Example:
        >>> categories(addcats(categorical(["cat"]), ["dog", "bird"]))
        ['cat', 'dog', 'bird']

    Source:
        https://www.mathworks.com/help/matlab/ref/categorical.addcats.html
    """
    names, new = _checked(c, "addcats")._names, _listed(newcats)
    twice = [name for name in new if name in names]
    if twice:
        raise OptionError(
            f'addcats: "{twice[0]}" is a category already.',
            got={"categories": ", ".join(names)},
            fix="Add only new names.",
        )
    return categorical._make(c._codes.copy(), (*names, *dict.fromkeys(new)))


def removecats(c: categorical, oldcats: str | Sequence[str] | None = None) -> categorical:
    """A copy without some categories; their elements become ``<undefined>``.

    Args:
        c: A categorical.
        oldcats: Names to remove. Without it, all categories that no element has.

    Example:
        >>> T = categorical(["cat", "dog"])
        >>> removecats(T, "cat")
        categorical(['<undefined>', 'dog'], categories: dog)
        >>> categories(removecats(T[:1]))
        ['cat']

    Source:
        https://www.mathworks.com/help/matlab/ref/categorical.removecats.html
    """
    names = _checked(c, "removecats")._names
    if oldcats is None:
        used = set(np.unique(c._codes).tolist())
        kept = [name for code, name in enumerate(names) if code in used]
    else:
        gone = _known(c, _listed(oldcats), "removecats")
        kept = [name for name in names if name not in gone]
    return _with_names(c, kept, {name: name for name in kept})


def renamecats(c: categorical, *names: str | Sequence[str]) -> categorical:
    """A copy with other category names; the order stays.

    ``renamecats(c, newnames)`` renames all categories, ``renamecats(c, oldnames, newnames)`` some.

    Example:
        >>> T = categorical([1, 2, 1])
        >>> renamecats(T, ["one", "two"])
        categorical(['one', 'two', 'one'], categories: one, two)
        >>> renamecats(T, "1", "uno")
        categorical(['uno', '2', 'uno'], categories: uno, 2)

    Source:
        https://www.mathworks.com/help/matlab/ref/categorical.renamecats.html
    """
    present = list(_checked(c, "renamecats")._names)
    old = present if len(names) == 1 else _known(c, _listed(names[0]), "renamecats")
    new = _listed(names[-1])
    if len(old) != len(new):
        raise OptionError(
            f"renamecats: {len(new)} new names for {len(old)} categories.",
            got={"old": ", ".join(old), "new": ", ".join(new)},
            fix="Give one new name per category.",
        )
    renamed = [dict(zip(old, new, strict=True)).get(name, name) for name in present]
    if len(set(renamed)) < len(renamed):
        raise OptionError(
            "renamecats: two categories would have one name.",
            got={"names": ", ".join(renamed)},
            fix="Use mergecats to make one category of several.",
        )
    return categorical._make(c._codes.copy(), tuple(renamed))


def mergecats(c: categorical, oldcats: Sequence[str], newcat: str | None = None) -> categorical:
    """A copy in which several categories are one, at the place of the first of them.

    Args:
        c: A categorical.
        oldcats: Names of the categories to merge.
        newcat: Name of the result; the first of ``oldcats`` without it.

    Example:
        >>> mergecats(categorical(["cat", "cow", "dog"]), ["cat", "dog"], "pet")
        categorical(['pet', 'cow', 'pet'], categories: pet, cow)

    Source:
        https://www.mathworks.com/help/matlab/ref/categorical.mergecats.html
    """
    old = _known(c, _listed(oldcats), "mergecats")
    target = old[0] if newcat is None else newcat
    become = {name: target if name in old else name for name in c._names}
    return _with_names(c, list(dict.fromkeys(become.values())), become)


def reordercats(c: categorical, neworder: Sequence[str] | None = None) -> categorical:
    """A copy whose categories stand in another order; elements keep their names.

    Args:
        c: A categorical.
        neworder: All category names in the new order; alphabetical without it.

    Example:
        >>> categories(reordercats(categorical(["cat", "dog"]), ["dog", "cat"]))
        ['dog', 'cat']

    Source:
        https://www.mathworks.com/help/matlab/ref/categorical.reordercats.html
    """
    names = _checked(c, "reordercats")._names
    order = sorted(names) if neworder is None else _listed(neworder)
    if sorted(order) != sorted(names):
        raise OptionError(
            "reordercats: the new order must name every category once.",
            got={"categories": ", ".join(names), "new order": ", ".join(order)},
            fix="Add or remove categories with addcats and removecats.",
        )
    return _with_names(c, order, {name: name for name in names})


def cellstr(c: categorical | str | Sequence[str]) -> list[str]:
    """Names of the elements as a list of str, column by column; ``<undefined>`` where undefined.

    Example:
        >>> cellstr(categorical([7, 3]))
        ['7', '3']

    Source:
        https://www.mathworks.com/help/matlab/ref/cellstr.html
    """
    return np.asarray(c).reshape(-1, order="F").tolist()


def _checked(c: object, who: str) -> categorical:
    if not isinstance(c, categorical):
        raise OptionError(
            f"{who}: expected a categorical, got a {type(c).__name__}.",
            fix="Convert labels first: T = categorical(labels).",
        )
    return c


def _listed(names: str | Sequence[str]) -> list[str]:
    return [names] if isinstance(names, str) else [str(name) for name in names]


def _known(c: categorical, names: list[str], who: str) -> list[str]:
    """``names``, after a check that they are categories of ``c``."""
    present = _checked(c, who)._names
    unknown = [name for name in names if name not in present]
    if unknown or not names:
        shown = f'"{unknown[0]}" is not a category' if unknown else "no category is named"
        raise OptionError(
            f"{who}: {shown}.",
            got={"categories": ", ".join(present)},
            fix=f"Elements without a category are {UNDEFINED}; they cannot be named here.",
        )
    return names


def _with_names(c: categorical, names: list[str], become: dict[str, str]) -> categorical:
    """``c`` with categories ``names``; old names turn into ``become[name]`` or undefined."""
    place = {name: code for code, name in enumerate(names)}
    lookup = [place[become[name]] if name in become else -1 for name in c._names]
    return categorical._make(np.array([*lookup, -1], np.int32)[c._codes], tuple(names))
