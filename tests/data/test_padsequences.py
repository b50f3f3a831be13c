import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dltk import dlaccelerate, sum
from dltk._errors import FormatError, OptionError
from dltk.data import padsequences
from dltk.dlarray import dlarray

LENGTHS = (3, 1, 4)
SEQUENCES = [np.arange(2.0 * n).reshape(2, n) + 1 for n in LENGTHS]


def test_sequences_become_one_array_with_observations_last():
    X, mask = padsequences(SEQUENCES, 2)
    assert X.shape == mask.shape == (2, 4, 3)
    assert mask.dtype == bool
    for k, sequence in enumerate(SEQUENCES):
        n = sequence.shape[1]
        np.testing.assert_array_equal(X[:, :n, k], sequence)
        np.testing.assert_array_equal(X[:, n:, k], 0)
        assert mask[:, :n, k].all()
        assert not mask[:, n:, k].any()


@pytest.mark.parametrize(
    ("direction", "length", "expected", "mask"),
    [
        ("right", "longest", [1, 2, 3, 9, 9], [1, 1, 1, 0, 0]),
        ("left", "longest", [9, 9, 1, 2, 3], [0, 0, 1, 1, 1]),
        ("both", "longest", [9, 1, 2, 3, 9], [0, 1, 1, 1, 0]),
        ("both", 6, [9, 1, 2, 3, 9, 9], [0, 1, 1, 1, 0, 0]),
        ("right", 2, [1, 2], [1, 1]),
        ("left", 2, [2, 3], [1, 1]),
        ("both", 1, [2], [1]),
        ("both", 2, [1, 2], [1, 1]),
    ],
)
def test_values_are_added_or_cut_where_the_direction_says(direction, length, expected, mask):
    cells = [np.array([[1, 2, 3]]), np.array([[1, 2, 3, 4, 5]])]
    X, M = padsequences(cells, 2, Direction=direction, Length=length, PaddingValue=9)
    assert X[0, :, 0].tolist() == expected
    assert M[0, :, 0].tolist() == [bool(m) for m in mask]


@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=5),
    st.sampled_from(["right", "left", "both"]),
    st.sampled_from(["longest", "shortest", 3]),
    st.sampled_from([1, 2, 3]),
)
def test_the_mask_marks_values_of_the_sequences_in_order(lengths, direction, length, dim):
    shapes = [[2, 2, 2] for _ in lengths]
    for shape, n in zip(shapes, lengths, strict=True):
        shape[dim - 1] = n
    cells = [1.0 + np.arange(np.prod(shape)).reshape(shape) for shape in shapes]
    padded, masks = padsequences(
        cells, dim, Direction=direction, Length=length, PaddingValue=-1, UniformOutput=False
    )
    wanted = {"longest": max(lengths), "shortest": min(lengths)}.get(length, length)
    for cell, X, mask, n in zip(cells, padded, masks, lengths, strict=True):
        assert X.shape == mask.shape
        assert X.shape[dim - 1] == wanted
        assert (X[~mask] == -1).all()
        assert mask.sum() == cell.size // n * min(n, wanted)
        kept = X[mask]
        assert np.isin(kept, cell).all()
        assert len(set(kept.tolist())) == kept.size


def test_type_is_kept_and_the_sequences_are_not_changed():
    cells = [np.ones((1, 2), np.float32), np.ones((1, 3), np.float32)]
    X, _ = padsequences(cells, 2)
    X[:] = 7
    assert X.dtype == np.float32
    assert cells[1].tolist() == [[1, 1, 1]]


def test_words_may_be_written_in_any_case():
    for call in ({"Length": "Shortest"}, {"Direction": "LEFT"}):
        lower = {key: value.lower() for key, value in call.items()}
        for got, wanted in zip(
            padsequences(SEQUENCES, 2, **call), padsequences(SEQUENCES, 2, **lower), strict=True
        ):
            np.testing.assert_array_equal(got, wanted)


def test_lists_come_back_without_uniform_output_and_dlarrays_may_go_in():
    X, mask = padsequences(
        [dlarray(s) for s in SEQUENCES], 2, UniformOutput=False, PaddingValue=np.nan
    )
    assert isinstance(X, list)
    assert isinstance(mask, list)
    for padded, kept, sequence in zip(X, mask, SEQUENCES, strict=True):
        assert padded.shape == kept.shape == (2, 4)
        np.testing.assert_array_equal(padded[kept], sequence.ravel())
        assert np.isnan(padded[~kept]).all()


def test_vectors_and_two_dimensions():
    assert padsequences([np.ones(2), np.ones(3)], 1)[0].shape == (3, 2)
    X, mask = padsequences([np.ones((2, 3)), np.ones((4, 1))], [1, 2])
    assert X.shape == (4, 3, 2)
    assert mask.sum() == 10


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: padsequences(SEQUENCES, 1), FormatError, "sequence 1: 2×3\n  sequence 2: 2×1"),
        (lambda: padsequences(SEQUENCES, 3), OptionError, "paddingDim is 3, the sequences have 2"),
        (lambda: padsequences(SEQUENCES, 0), OptionError, "Dimensions count from 1"),
        (lambda: padsequences(SEQUENCES[0], 2), OptionError, "X is a NumPy array"),
        (lambda: padsequences([], 2), OptionError, "an empty list"),
        (lambda: padsequences([SEQUENCES], 2), OptionError, "OutputType"),
        (lambda: padsequences(SEQUENCES, 2, Length="longets"), OptionError, 'mean "longest"'),
        (lambda: padsequences(SEQUENCES, 2, Length=0), OptionError, "Length is 0"),
        (lambda: padsequences(SEQUENCES, 2, Length=2.5), OptionError, "Length is 2.5"),
        (lambda: padsequences(SEQUENCES, 2, Direction="rihgt"), OptionError, 'mean "right"'),
        (
            lambda: padsequences(SEQUENCES, 2, Direction=1),
            OptionError,
            "Direction 1 does not exist",
        ),
        (
            lambda: padsequences(SEQUENCES, 2, PaddingValue=[0, 1]),
            OptionError,
            "must be one number",
        ),
        (lambda: padsequences(SEQUENCES, 2, PaddingValue="0"), OptionError, "must be one number"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(
    ("buckets", "lengths"),
    [([8, 4], [4, 4, 8, 8, 9]), (5, [5, 5, 5, 10, 10]), ((), [3, 4, 5, 8, 9])],
)
def test_longest_is_rounded_up_to_a_bucket(buckets, lengths):
    found = [padsequences([np.ones((1, n))], 2, buckets=buckets) for n in (3, 4, 5, 8, 9)]
    assert [X.shape[1] for X, _ in found] == lengths
    assert [int(mask.sum()) for _, mask in found] == [3, 4, 5, 8, 9]


def test_sequences_in_buckets_compile_once_per_bucket():
    step = dlaccelerate(lambda X, mask: sum(X * mask, "all"))
    for n in (3, 5, 9, 4, 13, 6, 16, 11):
        X, mask = padsequences([np.ones((2, n)), np.ones((2, 1))], 2, buckets=8)
        assert step(dlarray(X, "CTB"), dlarray(mask, "CTB")).item() == 2 * n + 2
    assert step.HitRate == 75  # two of eight calls compiled


def test_buckets_are_lengths():
    with pytest.raises(OptionError, match=r"buckets must be lengths[\s\S]*multiples"):
        padsequences([np.ones((1, 3))], 2, buckets=[8, 0.5])
