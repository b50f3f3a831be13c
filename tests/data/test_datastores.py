import jax.numpy as jnp
import numpy as np
import pytest

from dltk._errors import FormatError, OptionError, StateError
from dltk._random import generator
from dltk.data import (
    arrayDatastore,
    categorical,
    cellstr,
    combine,
    hasdata,
    numobservations,
    partition,
    preview,
    read,
    readall,
    reset,
    shuffle,
    subset,
    transform,
)
from dltk.dlarray import dlarray

A = np.arange(24.0).reshape(4, 3, 2)


def flat(lists):
    return [value for values in lists for value in values]


def everything(ds):
    """All reads of a datastore, from where it stands."""
    reads = []
    while hasdata(ds):
        reads.append(read(ds))
    return reads


class Countdown:
    """A datastore as a user writes it: no base class, three methods."""

    def __init__(self, count):
        self.count = count
        self.reset()

    def hasdata(self):
        return self.left > 0

    def read(self):
        self.left -= 1
        return np.full((1, 2), self.left), self.left % 2

    def reset(self):
        self.left = self.count


class Numbers(Countdown):
    """One that can be shuffled, divided and combined."""

    def __init__(self, values):
        self.values = list(values)
        super().__init__(len(self.values))

    def read(self):
        self.left -= 1
        return (self.values[self.count - self.left - 1],)

    def numobservations(self):
        return self.count

    def subset(self, indices):
        return Numbers([self.values[k] for k in indices])


# arrayDatastore


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_observations_are_slices_with_the_dimensions_of_matlab(dim):
    ds = arrayDatastore(A, IterationDimension=dim)
    slices = [A.take([k], axis=dim - 1) for k in range(A.shape[dim - 1])]
    shape = A.shape[:2] if dim == 3 else slices[0].shape  # MATLAB has no trailing singletons
    for [observation], expected in zip(everything(ds), slices, strict=True):
        assert observation.shape == shape
        np.testing.assert_array_equal(observation, expected.reshape(shape))


def test_matrices_give_rows_or_columns_and_vectors_give_scalars():
    matrix = A[:, :, 0]
    assert read(arrayDatastore(matrix))[0].shape == (1, 3)
    assert read(arrayDatastore(matrix, IterationDimension=2))[0].shape == (4, 1)
    assert np.shape(read(arrayDatastore(matrix[:, 0]))[0]) == ()


def test_images_keep_their_channel_dimension():
    assert read(arrayDatastore(np.ones((5, 4, 1, 7)), IterationDimension=4))[0].shape == (5, 4, 1)


def test_output_same_returns_what_was_given():
    ds = arrayDatastore(A[:, :, 0], OutputType="same", ReadSize=3)
    first, rest = everything(ds)
    np.testing.assert_array_equal(first, A[:3, :, 0])
    np.testing.assert_array_equal(rest, A[3:, :, 0])
    labels = arrayDatastore(categorical(["b", "a"]), OutputType="same", ReadSize=2)
    assert cellstr(read(labels)) == ["b", "a"]


def test_elements_of_lists_come_in_lists_unless_output_is_same():
    cells = ["x", "y", "z"]
    assert everything(arrayDatastore(cells)) == [[["x"]], [["y"]], [["z"]]]
    assert everything(arrayDatastore(cells, OutputType="same", ReadSize=2)) == [["x", "y"], ["z"]]


@pytest.mark.parametrize(
    "convert", [jnp.asarray, lambda X: dlarray(X, "SSB"), np.asfortranarray], ids=["jax", "dl", "F"]
)
def test_other_arrays_give_the_same_slices(convert):
    ds = arrayDatastore(convert(A.astype(np.float32)), IterationDimension=3)
    np.testing.assert_array_equal(readall(ds), np.moveaxis(A, 2, 0))


def test_later_changes_of_the_array_do_not_reach_the_datastore():
    values = np.zeros((3, 2))
    ds = arrayDatastore(values)
    values[:] = 1
    np.testing.assert_array_equal(readall(ds), np.zeros((3, 1, 2)))


def test_memory_mapped_and_read_only_arrays_are_not_copied(tmp_path):
    mapped = np.memmap(tmp_path / "data", np.float32, "w+", shape=(3, 2))
    ds = arrayDatastore(mapped)
    mapped[:] = 5
    assert read(ds)[0].tolist() == [[5, 5]]


def test_reading_position():
    ds = arrayDatastore(np.arange(10.0), ReadSize=4)
    assert [len(data) for data in everything(ds)] == [4, 4, 2]
    with pytest.raises(StateError, match=r"no data left.*\nCall reset\(ds\)"):
        read(ds)
    reset(ds)
    data, info = read(ds, nargout=2)
    assert data == [0, 1, 2, 3]
    assert info["observations"].tolist() == [0, 1, 2, 3]
    ds.ReadSize = 1  # a changed property starts again
    assert read(ds) == [0]
    assert readall(ds) == list(range(10))
    assert preview(ds) == list(range(8))
    assert read(ds) == [1]


# choosing and shuffling


def test_subset_takes_numbers_from_zero_and_masks():
    ds = arrayDatastore(np.arange(5.0))
    assert readall(subset(ds, [4, 0, 0])) == [4, 0, 0]
    assert readall(subset(subset(ds, [4, 0, 3]), [2, 1])) == [3, 0]
    assert readall(subset(ds, np.array([True, False, False, True, False]))) == [0, 3]
    assert readall(subset(ds, [])) == []


def test_shuffle_returns_a_permuted_datastore_and_leaves_the_first_alone():
    ds = arrayDatastore(np.arange(50.0))
    mixed = readall(shuffle(ds))
    assert mixed != list(range(50))
    assert sorted(mixed) == list(range(50))
    assert readall(ds) == list(range(50))


def test_the_seed_decides_the_order():
    ds = arrayDatastore(np.arange(20.0))
    orders = []
    for seed in (1, 1, 2):
        generator.seed(seed)
        orders.append(readall(shuffle(ds)))
    assert orders[0] == orders[1] != orders[2]


@pytest.mark.parametrize("parts", [1, 3, 7])
def test_parts_are_consecutive_and_make_up_the_whole(parts):
    ds = arrayDatastore(np.arange(16.0))
    pieces = [readall(partition(ds, parts, k + 1)) for k in range(parts)]
    assert flat(pieces) == list(range(16))
    assert max(map(len, pieces)) - min(map(len, pieces)) <= 1


# combine


def test_combined_observations_stay_together_when_shuffled():
    ds = combine(
        arrayDatastore(np.arange(30.0)),
        arrayDatastore([str(k) for k in range(30)], OutputType="same"),
    )
    rows = readall(shuffle(ds))
    assert all(str(int(number)) == text for number, text in rows)
    assert len({text for _, text in rows}) == 30


def test_combined_reads_are_tuples_and_lists_of_tuples():
    parts = [arrayDatastore(np.arange(3.0) + k, ReadSize=1) for k in (0, 10)]
    assert read(combine(*parts)) == (0, 10)
    for part in parts:
        part.ReadSize = 2
    assert everything(combine(*parts)) == [[(0, 10), (1, 11)], [(2, 12)]]
    assert read(combine(combine(*parts), parts[0])) == [(0, 10, 0), (1, 11, 1)]


def test_the_shortest_datastore_ends_the_combined_one():
    ds = combine(arrayDatastore(np.arange(5.0)), arrayDatastore(np.arange(3.0)))
    assert numobservations(ds) == len(everything(ds)) == 3


def test_sequential_datastores_follow_each_other():
    ds = combine(
        arrayDatastore(np.arange(3.0)), arrayDatastore(np.arange(2.0) + 10), ReadOrder="sequential"
    )
    assert [data[0] for data in everything(ds)] == [0, 1, 2, 10, 11]
    assert [data[0] for data in everything(subset(ds, [4, 0, 3, 1]))] == [11, 0, 10, 1]
    assert sorted(data[0] for data in everything(shuffle(ds))) == [0, 1, 2, 10, 11]


# transform


def test_transform_sees_what_read_returns():
    seen = []

    def double(data):
        seen.append(data)
        return [2 * data[0]]

    ds = transform(arrayDatastore(np.arange(3.0)), double)
    assert everything(ds) == [[0], [2], [4]]
    assert seen == [[0], [1], [2]]
    assert readall(ds) == [0, 2, 4]
    assert readall(subset(ds, [2])) == [4]
    assert sorted(readall(shuffle(ds))) == [0, 2, 4]


def test_transform_of_combined_data_gets_and_returns_variables():
    source = combine(arrayDatastore(np.arange(3.0)), arrayDatastore(np.arange(3.0) * 10))
    swap = transform(source, lambda data: [data[1], data[0], 7])
    assert readall(swap) == [(0, 0, 7), (10, 1, 7), (20, 2, 7)]
    assert readall(combine(swap, source)) == [(0, 0, 7, 0, 0), (10, 1, 7, 1, 10), (20, 2, 7, 2, 20)]


def test_transform_may_return_a_bare_array_or_more_observations():
    source = arrayDatastore(np.arange(4.0).reshape(2, 2))
    assert [row.tolist() for row in readall(transform(source, lambda data: data[0][0]))] == [
        [0, 1],
        [2, 3],
    ]
    twice = transform(source, lambda data: [(data[0],), (-data[0],)])
    assert len(readall(twice)) == 4


def test_transform_with_info():
    ds = transform(
        arrayDatastore(np.arange(3.0)),
        lambda data, info: ([data[0] + info["observations"][0]], info),
        IncludeInfo=True,
    )
    assert readall(ds) == [0, 2, 4]


# a user's own


def test_an_object_with_three_methods_is_a_datastore():
    ds = transform(Countdown(3), lambda row: (row[0] + 1, row[1]))
    assert [(X.tolist(), t) for X, t in everything(ds)] == [
        ([[3, 3]], 0),
        ([[2, 2]], 1),
        ([[1, 1]], 0),
    ]


def test_five_methods_allow_shuffling_in_step():
    ds = combine(Numbers(range(20)), arrayDatastore(np.arange(20.0)))
    rows = readall(shuffle(ds))
    assert all(a == b for a, b in rows)
    assert [a for a, _ in rows] != list(range(20))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: shuffle(Countdown(3)),
            OptionError,
            "lacks numobservations and subset.*\nGive the",
        ),
        (lambda: partition(Countdown(3), 2, 1), OptionError, r"or partition\(n, index\)"),
        (
            lambda: shuffle(combine(Countdown(3), Countdown(3))),
            OptionError,
            "Countdown has no numob",
        ),
        (lambda: shuffle(transform(Countdown(3), len)), OptionError, "Countdown has no numobserv"),
        (lambda: combine(A, A), OptionError, "got a NumPy array of float64.*\n.*\nPut arrays"),
        (lambda: combine(), OptionError, "no datastore"),
        (lambda: combine(Countdown), OptionError, "got the class Countdown itself"),
        (lambda: combine(Countdown(1), ReadOrder="sequentiel"), OptionError, 'mean "sequential"'),
        (lambda: transform(len, Countdown(1)), OptionError, "expected a datastore"),
        (lambda: transform(Countdown(1), 3), OptionError, "fun is a int"),
        (lambda: arrayDatastore(A, IterationDimension=4), OptionError, r"has 3 dim.*\n  A: 4×3×2"),
        (lambda: arrayDatastore(A, OutputType="some"), OptionError, 'Did you mean "same"'),
        (
            lambda: arrayDatastore(A, IterationDimension=3, OutputType="same"),
            OptionError,
            "needs It",
        ),
        (
            lambda: arrayDatastore([1], IterationDimension=2),
            OptionError,
            "a list has one dimension",
        ),
        (lambda: arrayDatastore({"a": 1}), OptionError, "type dict cannot be cut"),
        (lambda: arrayDatastore(A, ReadSize=0), OptionError, "ReadSize must be a whole number"),
        (
            lambda: subset(arrayDatastore(A), [4]),
            OptionError,
            r"4 observations.*\n.*\[4\]\n.*0 to 3",
        ),
        (lambda: subset(arrayDatastore(A), [True]), OptionError, "do not fit 4"),
        (lambda: partition(arrayDatastore(A), 2, 0), OptionError, "no part 0 of 2"),
        (lambda: hasdata(A), OptionError, "a NumPy array of float64 has no method hasdata"),
        (lambda: readall(Countdown(2)), OptionError, "no method readall"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_changing_numbers_of_variables_are_refused():
    ds = transform(Countdown(3), lambda row: row if row[1] else row[:1])
    with pytest.raises(FormatError, match=r"different numbers of variables.*\n.*\[1, 2\]"):
        combine(ds, ds).reader().take(3)
