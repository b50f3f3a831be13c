"""A labelled datastore divided so that each part has its share of every label."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._errors import OptionError
from .._random import host
from .._struct import struct
from ._categorical import categorical


def splitEachLabel(imds: Any, *p: Any, Include: Any = None, Exclude: Any = None) -> tuple[Any, ...]:
    """Divide a labelled datastore by fractions or numbers of each label.

    Args:
        imds: An `imageDatastore` with labels, or another datastore with ``Labels`` and ``subset``.
        *p: How much of each label goes to the first part, the second, and so on: all of them
            fractions between 0 and 1, or all of them numbers of files. What is left makes one more
            part. "randomized" as the last argument takes files at random instead of the first ones.
        Include: Labels that take part; all without.
        Exclude: Labels that do not.

    Returns:
        The datastores, one more than there are numbers.

    Raises:
        OptionError: No labels, numbers that do not fit, or a label that does not exist.

    Example:
        >>> import tempfile
        >>> from PIL import Image
        >>> from dltk.data import imageDatastore
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for k in range(6):
        ...         Image.fromarray(np.zeros((2, 2), np.uint8)).save(f"{folder}/{k}.png")
        ...
        ...     imds = imageDatastore(folder, Labels=["a", "a", "b", "b", "b", "b"])
        ...     imdsTrain, imdsTest = splitEachLabel(imds, 0.5, "randomized")
        >>> imdsTrain.Labels
        categorical(['a', 'b', 'b'], categories: a, b)

    Source:
        https://www.mathworks.com/help/matlab/ref/matlab.io.datastore.imagedatastore.spliteachlabel.html
    """
    labels = _labels("splitEachLabel", imds)
    numbers = [value for value in p if not isinstance(value, str)]
    words = [value for value in p if isinstance(value, str)]
    if words not in ([], ["randomized"]):
        raise OptionError(f"splitEachLabel: {words[0]!r} is no option.", fix='Use "randomized".')
    _check_numbers(numbers)
    parts: list[list[np.ndarray]] = [[] for _ in range(len(numbers) + 1)]
    for code in _taking_part(labels, Include, Exclude):
        members = np.flatnonzero(labels._codes == code)
        if words:
            members = members[host().permutation(len(members))]
        cuts = _cuts(numbers, len(members), labels._names[code])
        for part, chosen in zip(parts, np.split(members, cuts), strict=True):
            part.append(chosen)
    return tuple(imds.subset(np.sort(np.concatenate([*part, []])).astype(int)) for part in parts)


def countEachLabel(imds: Any) -> struct:
    """How often each label occurs.

    Args:
        imds: An `imageDatastore` with labels, or another datastore with ``Labels``.

    Returns:
        A struct with the columns ``Label`` (a categorical) and ``Count``.

    Raises:
        OptionError: No labels.

    Example:
        >>> counts = countEachLabel(struct(Labels=categorical(["a", "b", "b"])))
        >>> counts.Label, counts.Count
        (categorical(['a', 'b'], categories: a, b), array([1, 2]))

    Source:
        https://www.mathworks.com/help/matlab/ref/matlab.io.datastore.imagedatastore.counteachlabel.html
    """
    labels = _labels("countEachLabel", imds)
    counts = np.bincount(labels._codes[labels._codes >= 0], minlength=len(labels._names))
    there = np.flatnonzero(counts)
    found = categorical._make(there.astype(np.int32), labels._names)
    return struct(Label=found, Count=counts[there])


def _labels(who: str, imds: Any) -> categorical:
    labels = getattr(imds, "Labels", None)
    if not isinstance(labels, categorical):
        raise OptionError(
            f"{who}: the datastore has no labels.",
            fix='Make it with LabelSource="foldernames" or assign imds.Labels.',
        )
    return labels


def _check_numbers(numbers: list[Any]) -> None:
    fractions = all(isinstance(n, (int, float)) and 0 < n < 1 for n in numbers)
    counts = all(isinstance(n, (int, np.integer)) and n >= 1 for n in numbers)
    if not numbers or not (fractions or counts) or (fractions and sum(numbers) > 1):
        raise OptionError(
            "splitEachLabel: expected fractions between 0 and 1, or whole numbers.",
            got={"given": numbers},
            fix='Write splitEachLabel(imds, 0.7, "randomized"); fractions add up to 1 at most.',
        )


def _taking_part(labels: categorical, include: Any, exclude: Any) -> list[int]:
    def codes(names: Any) -> set[int]:
        wanted = [names] if isinstance(names, str) else [str(name) for name in names]
        missing = [name for name in wanted if name not in labels._names]
        if missing:
            raise OptionError(
                f'splitEachLabel: there is no label "{missing[0]}".',
                got={"labels": ", ".join(labels._names)},
            )
        return {labels._names.index(name) for name in wanted}

    everything = set(np.unique(labels._codes[labels._codes >= 0]).tolist())
    chosen = everything if include is None else codes(include)
    return sorted(chosen - (set() if exclude is None else codes(exclude)))


def _cuts(numbers: list[Any], count: int, label: str) -> np.ndarray:
    """Where the files of one label are cut."""
    if all(n < 1 for n in numbers):
        return np.rint(np.cumsum(numbers) * count).astype(int)
    cuts = np.cumsum(numbers)
    if cuts[-1] > count:
        raise OptionError(
            f'splitEachLabel: label "{label}" has {count} files, {cuts[-1]} are asked for.'
        )
    return cuts
