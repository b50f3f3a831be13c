import jax.numpy as jnp
import numpy as np
import pytest

from dltk import _errors
from dltk.dlarray import dlarray
from dltk.monitor._series import Series, as_text, check_number, kind, number


def filled(*values):
    series = Series("Loss")
    for step, value in enumerate(values, start=1):
        series.append(step, value)
    return series


def test_a_value_is_read_when_settled_and_then_only_once(watched):
    value = watched(0.25)
    series = filled(value)
    assert value.reads == 0
    series.settle(wait=True)
    series.settle(wait=True)
    assert (value.reads, series.latest()) == (1, 0.25)


def test_without_waiting_reading_ends_before_the_first_value_that_is_not_computed(watched):
    values = [watched(1.0), watched(2.0, ready=False), watched(3.0)]
    series = filled(*values)
    series.settle(wait=False)
    assert [value.reads for value in values] == [1, 0, 0]
    np.testing.assert_array_equal(series.arrays(), [[1.0], [1.0]])
    values[1].ready = True
    series.settle(wait=False)
    np.testing.assert_array_equal(series.arrays(), [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]])


def test_an_array_that_is_overwritten_later_keeps_its_value_of_the_record():
    running = np.array([1.0])
    series = filled(running)
    running += 1
    series.settle(wait=True)
    assert series.latest() == 1.0


def test_a_value_that_fails_to_be_read_is_named_once_and_leaves_nan(watched):
    series = filled(1.0, watched("no number"), 3.0)
    with pytest.raises(_errors.OptionError, match='value of "Loss" could not be read') as caught:
        series.settle(wait=True)
    assert caught.value.got["step"] == "2"
    assert (
        caught.value.got["reason"] == "ValueError: could not convert string to float: 'no number'"
    )
    series.settle(wait=True)
    np.testing.assert_array_equal(series.arrays()[1], [1.0, np.nan, 3.0])


SCALARS = [
    3,
    0.1,
    True,
    np.float32(0.1),
    np.int64(-7),
    np.array(2.5),
    np.ones((1, 1)),
    jnp.float32(0.1),
    jnp.full((1, 1, 1), 4.0),
    jnp.bfloat16(0.5),
    dlarray(np.single(0.1)),
    dlarray(np.ones((1, 1)), "CB"),
]


@pytest.mark.parametrize("value", SCALARS, ids=lambda value: type(value).__name__)
def test_every_scalar_is_read_as_numpy_reads_it(value):
    check_number("recordMetrics", "Loss", value)
    assert number(value) == np.asarray(value, np.float64).item()


NOT_SCALARS = {
    "text '0.5'": "0.5",
    "list": [0.5],
    "NoneType": None,
    "complex": 1j,
    "dict": {},
    "ndarray of size 2 x 3": np.zeros((2, 3)),
    "ndarray of size 0": np.zeros(0),
    "ndarray of size 1 (complex128)": np.array([1j]),
    "dlarray of size 10(C) x 128(B)": dlarray(np.zeros((10, 128)), "CB"),
}


@pytest.mark.parametrize("shown", NOT_SCALARS)
def test_what_is_no_real_scalar_is_refused_and_described(shown):
    with pytest.raises(_errors.OptionError, match='value of "Loss" is not a real scalar') as caught:
        check_number("recordMetrics", "Loss", NOT_SCALARS[shown])
    assert caught.value.got == {"Loss": shown}


def test_describing_does_not_read(watched):
    value = watched()
    assert (kind(value), value.reads) == ("Watched", 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0093457943925, "0.0093458"),
        (np.float32(0.1).item(), "0.1"),
        (1e-12, "1e-12"),
        (250.0, "250"),
        (123456789, "123456789"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Inf"),
        (True, "True"),
        ("3 of 10", "3 of 10"),
    ],
)
def test_numbers_as_text(value, text):
    assert as_text(value) == text
