"""Window arithmetic and folds: properties, and loops in NumPy."""

import itertools

import jax
import numpy as np
import pytest

from dltk._errors import OptionError
from dltk.functions._folds import fold, overlap
from dltk.functions._windows import amounts, cells, count, same

RANDOM = np.random.default_rng(5)

SIZES = list(itertools.product(range(1, 12), range(1, 6), range(1, 5)))


@pytest.mark.parametrize(("n", "reach", "stride"), SIZES)
def test_same_padding_gives_the_rounded_up_size_with_the_least_padding(n, reach, stride):
    ((before, after),) = same((n,), (reach,), (stride,))
    assert count(n + before + after, reach, stride) == -(-n // stride)
    assert after - before in (0, 1)
    if before + after:
        assert count(n + before + after - 1, reach, stride) < -(-n // stride)


def test_forms_of_padding():
    assert amounts("f", "Padding", 3, 2) == ((3, 3), (3, 3))
    assert amounts("f", "Padding", [1, 2], 2) == ((1, 1), (2, 2))
    assert amounts("f", "Padding", [[1], [2]], 2) == ((1, 1), (2, 2))
    assert amounts("f", "Padding", [[1, 2], [3, 4]], 2) == ((1, 3), (2, 4))
    assert amounts("f", "Padding", [[1, 2, 3], [4, 5, 6]], 3) == ((1, 4), (2, 5), (3, 6))
    assert amounts("f", "Padding", [[4], [0]], 1) == ((4, 0),)
    assert amounts("f", "Padding", "same", 2) is None


@pytest.mark.parametrize("value", [-1, 1.5, [1, 2, 3], [[1, 2, 3], [1, 2, 3]], "valid", None])
def test_other_forms_of_padding_are_refused(value):
    with pytest.raises(OptionError, match="f: Padding"):
        amounts("f", "Padding", value, 2)


@pytest.mark.parametrize(("n", "window", "stride"), [s for s in SIZES if s[0] >= s[1]])
def test_cells_counts_what_is_not_padding(n, window, stride):
    padded = np.pad(np.ones(n), (1, 2))
    starts = range(0, n + 3 - window + 1, stride)
    assert cells(n, (1, 2), window, stride).tolist() == [
        padded[s : s + window].sum() for s in starts
    ]


def words(first, second):
    """An operation that is associative but not commutative: the product of matrices."""
    a, b, c, d = first
    e, f, g, h = second
    return a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h


@pytest.mark.parametrize(
    ("window", "stride"),
    [(1, 1), (2, 2), (3, 3), (7, 7), (11, 13), (2, 1), (3, 2), (8, 3), (9, 1), (13, 2), (16, 5)],
)
def test_fold_combines_each_window_from_first_to_last(window, stride):
    values = RANDOM.integers(-1, 2, (4, 3, 27, 2))  # four entries of a matrix, axis 1 slides
    with jax.enable_x64(True):
        found = fold(words, tuple(values), 1, window, stride)
    matrices = values.transpose(1, 3, 2, 0).reshape(3, 2, 27, 2, 2)
    for p in range(count(27, window, stride)):
        wanted = matrices[:, :, p * stride]
        for i in range(1, window):
            wanted = wanted @ matrices[:, :, p * stride + i]
        entries = wanted.reshape(3, 2, 4).transpose(2, 0, 1)
        assert np.array_equal(np.asarray(found)[:, :, p], entries)


@pytest.mark.parametrize(
    ("window", "stride", "dilation", "first", "total"),
    [(3, 1, 1, 0, 7), (3, 2, 1, 1, 9), (2, 3, 1, 0, 15), (4, 2, 3, 2, 11), (1, 4, 1, 0, 17)],
)
def test_overlap_adds_up_windows(window, stride, dilation, first, total):
    y = RANDOM.integers(-9, 10, (2, 5, 3, window)).astype(float)
    whole = np.zeros((2, 40, 3))
    for p, i in itertools.product(range(5), range(window)):
        whole[:, stride * p + dilation * i] += y[:, p, :, i]
    with jax.enable_x64(True):
        found = overlap(y, 1, 3, stride, dilation, first, total)
    assert np.array_equal(found, whole[:, first : first + total])
