"""Number types."""

import jax
import numpy as np
import pytest

import dltk.functions._elementwise  # noqa: F401  (operators)
from dltk._errors import OptionError
from dltk.data._categorical import categorical
from dltk.dlarray import dlarray, extractdata, isdlarray
from dltk.functions import _convert as dl
from tests.functions.gradients import gradient

KINDS = {"single": np.float32, "double": np.float64, "logical": np.bool_}


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
@pytest.mark.parametrize("given", KINDS.values())
def test_conversion_keeps_labels(name, kind, given):
    X = dlarray(np.array([[1, 0, 1]], given), "BC")
    for Y in (getattr(dl, name)(X), dl.cast(X, name), dl.cast(X, "like", np.ones(1, kind))):
        assert (Y.dims, Y.dtype) == ("CB", kind)
        assert extractdata(Y).ravel().tolist() == [1, 0, 1]
        assert dl.underlyingType(Y) == name


def test_plain_numbers_of_any_type_convert():
    assert dl.single(np.array([1, 255], np.uint8)).dtype == np.float32
    assert dl.double([1, 2]).tolist() == [1.0, 2.0]
    assert dl.logical([0, 2]).tolist() == [False, True]
    assert isinstance(dl.single(3), np.float32)
    assert dl.double(categorical(["b", "a"])).tolist() == [2, 1]
    with pytest.raises(OptionError, match="single: expected numbers, got a str"):
        dl.single("1")


def test_complex_numbers_keep_their_imaginary_part():
    assert dl.single(dlarray(1 + 2j)).dtype == np.complex64
    assert dl.double(np.complex64(1 + 2j)) == 1 + 2j


@pytest.mark.parametrize(("value", "what"), [(np.nan, "NaN"), (1j, "complex numbers")])
def test_what_is_neither_true_nor_false(value, what):
    with pytest.raises(OptionError, match=f"logical: {what} cannot become true or false"):
        dl.logical(dlarray([value]))


def test_like_a_dlarray_makes_a_dlarray():
    Y = dl.cast(np.array([1, 2], np.uint8), like=dlarray(np.float32(1), "C"))
    assert isdlarray(Y)
    assert (Y.dims, Y.dtype) == ("", np.float32)
    assert dl.cast(dlarray([1.0], "C"), "like", dlarray(np.float32(0))).dims == "CU"


def test_wrong_types_are_refused():
    with pytest.raises(OptionError, match="cast: 'singel' is no number type") as error:
        dl.cast(dlarray(1.0), "singel")
    assert 'Did you mean "single"?' in error.value.fix
    with pytest.raises(OptionError, match="cast: expected one type"):
        dl.cast(dlarray(1.0))


def test_conversion_has_a_derivative():
    assert gradient(lambda X: dl.double(dl.single(X) * 3), [1.0, 2.0]).tolist() == [3, 3]


@pytest.mark.parametrize(
    ("value", "name", "isfloat", "isnumeric", "islogical", "isreal"),
    [
        (dlarray(np.float32(1)), "single", True, True, False, True),
        (dlarray(True), "logical", False, False, True, True),
        (dlarray(1j), "double", True, True, False, False),
        (1, "double", True, True, False, True),
        (True, "logical", False, False, True, True),
        (np.zeros(2, np.uint8), "uint8", False, True, False, True),
        ("text", "string", False, False, False, False),
    ],
    ids=repr,
)
def test_questions(value, name, isfloat, isnumeric, islogical, isreal):
    assert dl.underlyingType(value) == name
    assert dl.isUnderlyingType(value, name)
    assert dl.isfloat(value) == isfloat
    assert dl.isnumeric(value) == isnumeric
    assert dl.islogical(value) == islogical
    assert dl.isreal(value) == isreal


def test_data_lies_on_a_gpu_only_if_jax_has_put_it_there():
    assert not dl.isgpuarray(np.zeros(2))
    on_accelerator = jax.default_backend() != "cpu"
    assert dl.isgpuarray(dlarray(jax.numpy.zeros(2))) == on_accelerator
