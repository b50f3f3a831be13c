import re
import time
import warnings

import numpy as np
import pytest

from dltk._errors import DltkWarning, FormatError, OptionError, StateError
from dltk._random import host
from dltk.data import (
    arrayDatastore,
    categorical,
    cellstr,
    combine,
    hasdata,
    minibatchqueue,
    next,
    onehotencode,
    padsequences,
    partition,
    reset,
    shuffle,
    transform,
)
from dltk.dlarray import dlarray, extractdata

IMAGES = np.random.RandomState(0).rand(6, 5, 2, 10)
ROWS = np.arange(20.0).reshape(10, 2)
LABELS = categorical(list("abcabcabca"))


def flat(lists):
    return [value for values in lists for value in values]


def images():
    return arrayDatastore(IMAGES, IterationDimension=4)


def both():
    return combine(images(), arrayDatastore(LABELS))


def one_hot(XCell, TCell):
    return np.stack(XCell, axis=3), onehotencode(TCell, 1)


def numbers(mbq):
    """What is left in a queue of numbers, a list per mini-batch."""
    return [np.ravel(extractdata(X)).tolist() for X in mbq]


def counting(n=10, **options):
    return minibatchqueue(arrayDatastore(np.arange(float(n))), MiniBatchFormat="CB", **options)


# what a mini-batch is


def test_images_are_put_together_along_the_batch_dimension():
    mbq = minibatchqueue(images(), MiniBatchSize=4, MiniBatchFormat="SSCB")
    for k, X in enumerate(mbq):
        assert X.dims == "SSCB"
        assert X.dtype == np.float32
        np.testing.assert_array_equal(
            extractdata(X), IMAGES[..., 4 * k : 4 * k + 4].astype(np.float32)
        )
    assert k == 2


@pytest.mark.parametrize(
    ("data", "fmt", "shape", "dims"),
    [
        # reference page of next: two grayscale images 100x100 with "SSBC" are 100x100x1x2 "SSCB"
        (arrayDatastore(np.ones((7, 7, 2)), IterationDimension=3), "SSBC", (7, 7, 1, 2), "SSCB"),
        # the same page: labels with "BC" are 1x2 "CB"
        (arrayDatastore(np.ones(2)), "BC", (1, 2), "CB"),
        (arrayDatastore(np.ones((2, 1))), "BC", (1, 2), "CB"),
        # rows of a matrix with "BC", as in the examples that solve differential equations
        (arrayDatastore(np.ones((9, 3))), "BC", (3, 9), "CB"),
        (arrayDatastore(np.ones((3, 9)), IterationDimension=2), "CB", (3, 9), "CB"),
        (arrayDatastore(np.ones((4, 3, 9)), IterationDimension=3), "CTB", (4, 9, 3), "CBT"),
        (arrayDatastore([np.ones((4, 3))] * 9, OutputType="same"), "CTB", (4, 9, 3), "CBT"),
        (arrayDatastore([np.ones(4)] * 9, OutputType="same"), "CB", (4, 9), "CB"),
        (arrayDatastore([np.ones(4)] * 9, OutputType="same"), "BC", (4, 9), "CB"),
        (arrayDatastore([2.0] * 9, OutputType="same"), "B", (9, 1), "BU"),
        (arrayDatastore(np.ones((7, 7, 2)), IterationDimension=3), "SSCB", (7, 7, 1, 2), "SSCB"),
        (arrayDatastore(np.ones((9, 4, 3))), "BTC", (3, 9, 4), "CBT"),
    ],
)
def test_collate_concatenates_where_the_format_has_its_b(data, fmt, shape, dims):
    X = next(minibatchqueue(data, MiniBatchFormat=fmt))
    assert X.shape == shape
    assert X.dims in (dims, dims.rstrip("U"))


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        (images(), (6, 5, 2, 10)),
        (arrayDatastore(np.ones((4, 3, 9)), IterationDimension=2), (4, 1, 9, 3)),
        (arrayDatastore(np.ones(9)), (9,)),
        (arrayDatastore(np.ones((9, 1))), (9, 1)),
    ],
)
def test_without_a_format_observations_lie_along_a_new_last_dimension(data, shape):
    assert next(minibatchqueue(data, OutputAsDlarray=False)).shape == shape


def test_collate_gives_the_same_for_arrays_and_for_single_observations():
    one_by_one = transform(images(), lambda data: data)
    fast, slow = (next(minibatchqueue(ds, MiniBatchFormat="SSCB")) for ds in (images(), one_by_one))
    np.testing.assert_array_equal(extractdata(fast), extractdata(slow))


def test_a_function_gets_a_list_per_variable():
    seen = []

    def look(XCell, TCell):
        seen.append((type(XCell), len(XCell), XCell[0].shape, cellstr(TCell[1])))
        return one_hot(XCell, TCell)

    mbq = minibatchqueue(both(), MiniBatchSize=7, MiniBatchFcn=look, MiniBatchFormat=["SSCB", "CB"])
    shapes = [(X.shape, T.shape) for X, T in mbq]
    assert seen == [(list, 7, (6, 5, 2), ["b"]), (list, 3, (6, 5, 2), ["c"])]
    assert shapes == [((6, 5, 2, 7), (3, 7)), ((6, 5, 2, 3), (3, 3))]


def test_padded_sequences_and_their_mask_are_two_outputs_of_one_variable():
    sequences = [np.ones((3, length)) for length in (4, 2, 5)]
    mbq = minibatchqueue(
        arrayDatastore(sequences, OutputType="same"),
        2,
        MiniBatchFcn=lambda XCell: padsequences(XCell, 2),
        MiniBatchFormat="CTB",
        OutputCast=["single", "logical"],
    )
    X, mask = next(mbq)
    assert X.shape == mask.shape == (3, 3, 5)
    assert mask.dtype == bool
    assert extractdata(mask).sum() == extractdata(X).sum() == 3 * 11


def test_the_first_outputs_of_a_function_are_taken_when_their_number_is_said():
    X = next(minibatchqueue(both(), 1, MiniBatchFcn=one_hot, MiniBatchFormat="SSCB"))
    assert X.shape == (6, 5, 2, 10)


@pytest.mark.parametrize(
    ("typename", "expected"),
    [
        ("double", [-1.5, 2.5, 300.0]),
        ("single", [-1.5, 2.5, 300.0]),
        ("", [-1.5, 2.5, 300.0]),
        ("int8", [-2, 3, 127]),  # MATLAB rounds halves away from zero and saturates
        ("uint8", [0, 3, 255]),
        ("logical", [True, True, True]),
    ],
)
def test_outputs_are_cast_as_matlab_casts(typename, expected):
    ds = arrayDatastore(np.array([-1.5, 2.5, 300.0]))
    value = next(minibatchqueue(ds, OutputCast=typename, OutputAsDlarray=False))
    assert value.tolist() == expected
    wanted = {"double": "float64", "single": "float32", "": "float32", "logical": "bool"}
    assert value.dtype == wanted.get(typename, typename)


def test_what_is_no_array_passes_unchanged_where_no_dlarray_is_wanted():
    boxes = [[1, 2], [3]]
    mbq = minibatchqueue(
        arrayDatastore(np.ones(2)), 2, MiniBatchFcn=lambda X: (X[0], boxes),
        OutputAsDlarray=[True, False],
    )  # fmt: skip
    X, B = next(mbq)
    assert isinstance(X, dlarray)
    assert B is boxes


def test_a_function_may_return_formatted_dlarrays():
    def label(XCell):
        return dlarray(np.stack(XCell, 3), "SSCB")

    assert next(minibatchqueue(images(), MiniBatchFcn=label)).dims == "SSCB"


def test_mini_batches_stay_numpy_inside_and_lie_as_a_dlarray_stores_them():
    X = next(minibatchqueue(images(), MiniBatchFormat="SSCB"))
    assert isinstance(X._data, np.ndarray)
    assert X._data.flags.c_contiguous


# categoricals


def test_categories_become_their_numbers_and_the_names_stay_reachable():
    ds = arrayDatastore(categorical(["b", "", "a"], ["b", "a"]))
    mbq = minibatchqueue(ds, MiniBatchFormat="CB", OutputCast="single")
    np.testing.assert_array_equal(extractdata(next(mbq)), [[1, np.nan, 2]])
    assert mbq.class_names == [["b", "a"]]


def test_a_hint_to_one_hot_encoding_comes_once_and_names_the_line_of_the_loop():
    mbq = minibatchqueue(both(), MiniBatchSize=5, MiniBatchFormat=["SSCB", "CB"])
    with pytest.warns(
        DltkWarning, match=r"output 2 is categorical .* onehotencode\(T, 1\)"
    ) as seen:
        next(mbq)
    assert seen[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        next(mbq)


def test_categories_stay_with_outputcast_categorical():
    mbq = minibatchqueue(
        arrayDatastore(LABELS), MiniBatchSize=3, OutputCast="categorical", OutputAsDlarray=False
    )
    assert cellstr(next(mbq)) == ["a", "b", "c"]


# walking


def test_mini_batches_follow_the_order_of_the_datastore():
    assert numbers(counting(MiniBatchSize=4)) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


@pytest.mark.parametrize("environment", ["serial", "background"])
@pytest.mark.parametrize("countable", [True, False], ids=["arrays", "transform"])
@pytest.mark.parametrize(("n", "batches"), [(10, 2), (8, 2), (3, 0), (4, 1)])
def test_partial_mini_batches_can_be_discarded(n, batches, countable, environment):
    ds = arrayDatastore(np.arange(float(n)))
    ds = ds if countable else transform(ds, lambda data: data)
    mbq = minibatchqueue(
        ds,
        MiniBatchSize=4,
        PartialMiniBatch="discard",
        MiniBatchFormat="CB",
        PreprocessingEnvironment=environment,
    )
    for _ in range(2):
        assert numbers(mbq) == [list(range(4 * k, 4 * k + 4)) for k in range(batches)]
        assert not hasdata(mbq)
        with pytest.raises(StateError):
            next(mbq)
        reset(mbq)


def test_the_end_is_an_error_that_says_how_to_go_on():
    mbq = counting()
    next(mbq)
    assert not hasdata(mbq)
    message = r"end of the data is reached.*\n.*128 obs.*\nCall reset\(mbq\) or shuffle\(mbq\)"
    with pytest.raises(StateError, match=message):
        next(mbq)


def test_shuffle_reorders_and_reset_returns_to_the_order_of_the_datastore():
    # what the reference page of shuffle shows: isequal(X1,X2) is 0, isequal(X1,X3) is 1
    mbq = counting(50, MiniBatchSize=10)
    first = extractdata(next(mbq))
    shuffle(mbq)
    second = numbers(mbq)
    reset(mbq)
    third = extractdata(next(mbq))
    assert sorted(flat(second)) == list(range(50))
    assert second[0] != first.ravel().tolist()
    np.testing.assert_array_equal(first, third)


def test_every_shuffle_gives_another_order():
    mbq = counting(50)
    orders = []
    for _ in range(3):
        shuffle(mbq)
        orders.append(tuple(numbers(mbq)[0]))
    assert len(set(orders)) == 3


def test_two_queues_over_one_datastore_do_not_disturb_each_other():
    ds = arrayDatastore(np.arange(6.0))
    a, b = (minibatchqueue(ds, MiniBatchSize=2, MiniBatchFormat="CB") for _ in range(2))
    next(a)
    shuffle(b)
    assert numbers(a) == [[2, 3], [4, 5]]
    assert hasdata(ds)


def test_partitions_are_consecutive_parts_with_the_same_options():
    mbq = counting(10, MiniBatchSize=3)
    parts = [partition(mbq, 3, k) for k in (1, 2, 3)]
    assert [flat(numbers(part)) for part in parts] == [[0, 1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert parts[0].MiniBatchSize == 3
    shuffle(parts[1])
    assert sorted(flat(numbers(parts[1]))) == [4, 5, 6]
    assert numbers(mbq)[0] == [0, 1, 2]


def test_a_shuffled_queue_is_divided_as_it_stands_and_a_part_resets_to_its_start():
    mbq = counting(12)
    shuffle(mbq)
    order = numbers(mbq)[0]
    shuffle_again = partition(mbq, 2, 2)
    assert numbers(shuffle_again)[0] == order[6:]
    reset(shuffle_again)
    assert numbers(shuffle_again)[0] == order[6:]


def test_python_loops_and_pythons_next_work():
    mbq = counting(4, MiniBatchSize=2)
    assert __builtins__["next"](mbq).shape == (1, 2)
    assert len(list(mbq)) == 1
    assert next(iter([5])) == 5
    assert next(iter([]), "default") == "default"


# arrays instead of datastores


@pytest.mark.parametrize(
    ("data", "fmt", "shape"),
    [
        (IMAGES, "SSCB", (6, 5, 2, 10)),
        (ROWS, "BC", (2, 10)),
        (ROWS.T, "CB", (2, 10)),
        (ROWS[:, 0], "CB", (1, 10)),
        (ROWS[:, :1], "", (10, 1)),
        (ROWS[:, :1].T, "", (10, 1)),
        (dlarray(ROWS, "BC"), "CB", (2, 10)),
        ([ROWS] * 3, "SCB", (10, 2, 3)),
    ],
)
def test_arrays_are_accepted_where_it_is_clear_what_an_observation_is(data, fmt, shape):
    assert next(minibatchqueue(data, MiniBatchFormat=fmt)).shape == shape


def test_a_tuple_of_arrays_is_several_variables():
    mbq = minibatchqueue((IMAGES, LABELS), MiniBatchFcn=one_hot, MiniBatchFormat=["SSCB", "CB"])
    X, T = next(mbq)
    assert X.shape == (6, 5, 2, 10)
    assert T.shape == (3, 10)


# in the background


def test_the_background_gives_the_same_mini_batches_in_the_same_order():
    def slow(X):
        time.sleep(0.001)
        return np.stack(X)

    ds = arrayDatastore(np.arange(100.0))
    queues = [
        minibatchqueue(ds, MiniBatchSize=7, MiniBatchFcn=slow, PreprocessingEnvironment=place)
        for place in ("serial", "background")
    ]
    assert numbers(queues[0]) == numbers(queues[1])


# options


def test_display_is_that_of_matlab():
    # reference page of next (numbers of spaces included)
    mbq = minibatchqueue(both(), MiniBatchSize=2, MiniBatchFormat=["SSBC", "BC"])
    assert repr(mbq).splitlines() == [
        "minibatchqueue with 2 outputs and properties:",
        "",
        "   Mini-batch creation:",
        "               MiniBatchSize: 2",
        "            PartialMiniBatch: 'return'",
        "                MiniBatchFcn: 'collate'",
        "    PreprocessingEnvironment: 'serial'",
        "",
        "   Outputs:",
        "                  OutputCast: {'single'  'single'}",
        "             OutputAsDlarray: [1 1]",
        "             MiniBatchFormat: {'SSBC'  'BC'}",
        "           OutputEnvironment: {'auto'  'auto'}",
    ]


def test_properties_have_a_value_per_output():
    mbq = minibatchqueue(both(), OutputAsDlarray=[1, 0], MiniBatchFormat=["SSCB", ""])
    assert mbq.NumOutputs == 2
    assert mbq.OutputCast == ["single", "single"]
    assert mbq.OutputAsDlarray == [True, False]
    assert mbq.MiniBatchFormat == ["SSCB", ""]
    assert mbq.OutputEnvironment == ["auto", "auto"]
    assert counting(DispatchInBackground=True).PreprocessingEnvironment == "background"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"MiniBatchSize": 0}, "MiniBatchSize must be a whole number"),
        ({"MiniBatchSize": "128"}, "MiniBatchSize must be a whole number"),
        ({"PartialMiniBatch": "retrun"}, 'Did you mean "return"'),
        ({"MiniBatchFcn": "colate"}, 'Did you mean "collate"'),
        ({"PreprocessingEnvironment": "thread"}, 'Use one of: "serial", "background"'),
        ({"OutputCast": "singel"}, 'Did you mean "single"'),
        ({"OutputCast": "int8"}, 'output 1 is cast to "int8", but a dlarray'),
        ({"OutputCast": ["single"] * 3}, r"3 values for 2 outputs.*\n.*\n  NumOutputs: 2"),
        ({"OutputAsDlarray": "yes"}, "OutputAsDlarray is 'yes'"),
        (
            {"OutputAsDlarray": False, "MiniBatchFormat": ["SSCB", ""]},
            'output 1 has the format "SSCB"',
        ),
        ({"MiniBatchFormat": "SSQB"}, '"Q" is not a dimension label'),
        ({"OutputEnvironment": "gpuu"}, 'Did you mean "gpu"'),
    ],
    ids=str,
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises((OptionError, FormatError), match=message):
        minibatchqueue(both(), **options)


def test_a_gpu_that_is_missing_is_an_error(monkeypatch):
    monkeypatch.setattr("dltk.data._outputs.canUseGPU", lambda: False)
    with pytest.raises(OptionError, match=r'output 1 has OutputEnvironment "gpu", but .* no GPU'):
        minibatchqueue(images(), OutputEnvironment="gpu")


def test_with_a_gpu_outputs_are_moved_there_unless_cpu_is_said(monkeypatch):
    moved = []
    monkeypatch.setattr("dltk.data._outputs.canUseGPU", lambda: True)
    monkeypatch.setattr("dltk.data._outputs.gpuArray", lambda X: moved.append(X) or X)
    mbq = minibatchqueue(
        combine(images(), images(), images()),
        MiniBatchFormat="SSCB",
        OutputEnvironment=["auto", "cpu", "gpu"],
    )
    first, _, third = next(mbq)
    assert moved == [first, third] or [id(m) for m in moved] == [id(first), id(third)]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: minibatchqueue(5), "expected a datastore, got a int"),
        (lambda: minibatchqueue(ROWS), "either the rows or the columns.*\n.*10×2\n.*Iteration"),
        (lambda: minibatchqueue((IMAGES, 5)), "expected a datastore, got a int"),
        (lambda: minibatchqueue(arrayDatastore([])), "datastore is empty"),
        (
            lambda: next(minibatchqueue(both(), 3, OutputCast="single")),
            "3 outputs, but the .* 2 var",
        ),
        (
            lambda: next(minibatchqueue(both(), MiniBatchFcn=lambda X, T: np.stack(X))),
            r"returned 1 outputs, the queue has 2(.|\n)*minibatchqueue\(ds, 1, ...\)",
        ),
        (
            lambda: next(minibatchqueue(images(), MiniBatchFcn=lambda X: (np.stack(X), 1))),
            r"returned 2 outputs, the queue has 1(.|\n)*minibatchqueue\(ds, 2, ...\)",
        ),
        (
            lambda: next(minibatchqueue(images(), MiniBatchFcn=lambda X: X)),
            r"output 1 is a list, not an array of numbers.*\n.*np.stack",
        ),
        (
            lambda: next(minibatchqueue(arrayDatastore(["a"], OutputType="same"))),
            "output 1 is an array of <U1",
        ),
        (
            lambda: next(minibatchqueue(arrayDatastore([ROWS, ROWS]))),
            r"are lists, not arrays(.|\n)*OutputType=.same",
        ),
        (
            lambda: next(minibatchqueue(arrayDatastore([ROWS, ROWS.T], OutputType="same"))),
            r"variable 1 have different sizes(.|\n)*first observation: 10×2\n"
            r"  observation 2 of the mini-batch: 2×10\n.*padsequences",
        ),
        (
            lambda: next(minibatchqueue(images(), MiniBatchFormat="BSSC")),
            r'size 6 in dimension 1, where the format "BSSC" has its B',
        ),
    ],
)
def test_what_does_not_fit_is_refused(make, message):
    with pytest.raises((OptionError, FormatError), match=message):
        make()


def test_a_format_that_does_not_fit_names_the_output():
    mbq = minibatchqueue(both(), MiniBatchFcn=one_hot, MiniBatchFormat=["SSCB", "C"])
    with pytest.raises(FormatError) as error:
        next(mbq)
    assert error.value.__notes__ == ["in output 2 of the minibatchqueue"]


def test_errors_of_the_function_keep_their_type_and_say_where_they_arose():
    mbq = minibatchqueue(both(), MiniBatchFcn=lambda X: X)
    with pytest.raises(TypeError) as error:
        next(mbq)
    assert re.search("MiniBatchFcn .* 2 lists of 10 obs", error.value.__notes__[0])


# speed


def test_a_mini_batch_of_images_takes_about_a_millisecond_at_most():
    X = np.zeros((28, 28, 1, 2000))
    mbq = minibatchqueue(arrayDatastore(X, IterationDimension=4), MiniBatchFormat="SSCB")
    shuffle(mbq)
    times = []
    while hasdata(mbq):
        start = time.perf_counter()
        next(mbq)
        times.append(time.perf_counter() - start)
    assert min(times) < 2e-3  # about 1e-4 where this was written


def test_random_numbers_of_a_serial_function_are_drawn_mini_batch_by_mini_batch():
    mbq = minibatchqueue(
        arrayDatastore(np.zeros(6)), MiniBatchSize=2, MiniBatchFcn=lambda X: host().rand(len(X))
    )
    drawn = flat(numbers(mbq))
    expected = np.random.RandomState(5489).rand(6).astype(np.float32)
    np.testing.assert_array_equal(np.float32(drawn), expected)


def test_a_datastore_may_shuffle_itself_in_place():
    class Own:
        order = (0.0, 1.0, 2.0)

        def hasdata(self):
            return bool(self.left)

        def read(self):
            return self.left.pop(0)

        def reset(self):
            self.left = list(self.order)

        def shuffle(self):
            self.order = self.order[::-1]

    mbq = minibatchqueue(Own(), MiniBatchFormat="CB")
    assert numbers(mbq) == [[0, 1, 2]]
    shuffle(mbq)
    assert numbers(mbq) == [[2, 1, 0]]
