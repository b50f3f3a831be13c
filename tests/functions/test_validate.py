"""Checks of arguments."""

import numpy as np
import pytest

from dltk._errors import OptionError
from dltk.autodiff import dlfeval
from dltk.dlarray import dlarray
from dltk.functions import _validate as dl

COLUMN = dlarray([1.0, 2.0], "C")

# a value that has the attributes, one that has not, what the error says
ATTRIBUTES = [
    (["2d"], np.ones((2, 3)), np.ones((2, 3, 4)), "two-dimensional"),
    (["3d"], np.ones((2, 3, 4)), np.ones((2, 3, 4, 5)), "at most three-dimensional"),
    (["column"], COLUMN, [1, 2], "a column"),
    (["row"], [1, 2], COLUMN, "a row"),
    (["scalar"], 1, [1, 2], "a scalar"),
    (["vector"], COLUMN, np.ones((2, 2)), "a vector"),
    (["square"], np.eye(2), COLUMN, "square"),
    (["nonempty"], 1, [], "nonempty"),
    (["binary"], [0, 1], [0, 2], "0 and 1 only"),
    (["even"], [0, -2], [1, 2], "even"),
    (["odd"], [1, -3], [1, 2], "odd"),
    (["integer"], [1.0, 2.0], [1.5], "whole numbers"),
    (["integer"], [1.0, 2.0], [np.inf], "whole numbers"),
    (["real"], 1.0, 1j, "real"),
    (["finite"], 1.0, np.nan, "finite"),
    (["nonnan"], np.inf, np.nan, "without NaN"),
    (["nonnegative"], [0, 1], [-1], "nonnegative"),
    (["nonzero"], [1], [0], "nonzero"),
    (["positive"], COLUMN, [0], "positive"),
    (["increasing"], COLUMN, [1, 1], "increasing"),
    (["decreasing"], [3, 2], [2, 2], "decreasing"),
    (["nondecreasing"], [2, 2], [2, 1], "nondecreasing"),
    (["nonincreasing"], np.array([[2, 2], [1, 2]]), np.array([[2, 2], [1, 3]]), "nonincreasing"),
    (["size", [2, np.nan]], np.ones((2, 7)), np.ones((3, 7)), r"of size \[2, nan\]"),
    (["size", [2, 1, 1]], COLUMN, np.ones((2, 1, 2)), "of size"),
    (["numel", 2], COLUMN, 1, "an array of 2 elements"),
    (["ncols", 1], COLUMN, [1, 2], "an array with 1 columns"),
    (["nrows", 2], COLUMN, [1, 2], "an array with 2 rows"),
    (["ndims", 2], COLUMN, np.ones((2, 2, 2)), "an array with 2 dimensions"),
    ([">", 0], COLUMN, [0], "larger than 0"),
    ([">=", 1], COLUMN, [0], "at least 1"),
    (["<", 3], COLUMN, [3], "smaller than 3"),
    (["<=", 2], COLUMN, [3], "at most 2"),
]


@pytest.mark.parametrize(
    ("attributes", "right", "wrong", "text"), ATTRIBUTES, ids=[str(a[0]) for a in ATTRIBUTES]
)
def test_attributes(attributes, right, wrong, text):
    dl.validateattributes(right, ["numeric"], attributes)
    with pytest.raises(OptionError, match=f"f: W must be {text}"):
        dl.validateattributes(wrong, [], ["nonsparse", *attributes], "f", "W")


def test_classes():
    dl.validateattributes(COLUMN, ["dlarray"], [])
    dl.validateattributes(COLUMN, ["single", "double"], [])
    dl.validateattributes(True, ["logical"], [])
    with pytest.raises(
        OptionError, match=r"the input \(argument 2\) must be of class float"
    ) as error:
        dl.validateattributes(dlarray([[True]], "CB"), ["float"], [], "", "", 2)
    assert error.value.got == {"input": "1(C) × 1(B) logical"}


def test_sizes_count_as_the_labels_show_them():
    dl.validateattributes(dlarray(np.ones((3, 4)), "BC"), [], ["size", [4, 3]])


def test_what_is_no_attribute_is_refused():
    with pytest.raises(OptionError, match="validateattributes: 'positiv' is not an attr") as error:
        dl.validateattributes(1, [], ["positiv"])
    assert 'Did you mean "positive"?' in error.value.fix
    with pytest.raises(OptionError, match='validateattributes: a value must follow "numel"'):
        dl.validateattributes(1, [], ["numel"])


def test_number_types():
    dl.mustBeUnderlyingType(COLUMN, "double")
    dl.mustBeUnderlyingType(COLUMN, ["single", "double"])
    with pytest.raises(
        OptionError, match="mustBeUnderlyingType: the number type must be single"
    ) as e:
        dl.mustBeUnderlyingType(COLUMN, "single")
    assert e.value.got == {"X": "2(C) × 1(U) double"}
    assert "single(X)" in e.value.fix


def test_values_are_not_checked_while_dlfeval_compiles():
    def run(X):
        dl.validateattributes(X, ["numeric"], ["column", "positive"])
        return X * 2

    assert dlfeval(run, dlarray([-1.0, 1.0], "C")).shape == (2, 1)
    with pytest.raises(OptionError, match="must be a row"):
        dlfeval(lambda X: dl.validateattributes(X, [], ["row"]), COLUMN)
