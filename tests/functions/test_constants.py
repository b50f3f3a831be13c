"""Numbers with names."""

import copy
import math
import pickle

import numpy as np
import pytest

from dltk._errors import OptionError
from dltk.autodiff import dlfeval
from dltk.dlarray import dlarray, extractdata, isdlarray
from dltk.functions import _constants as dl
from tests.functions.gradients import gradient

LIMITS = {
    "realmin": (2.0**-1022, 2.0**-126),
    "realmax": ((2 - 2.0**-52) * 2.0**1023, (2 - 2.0**-23) * 2.0**127),
    "flintmax": (2.0**53, 2.0**24),
    "eps": (2.0**-52, 2.0**-23),
}


@pytest.mark.parametrize(("name", "values"), LIMITS.items(), ids=LIMITS)
def test_limits_of_the_number_types(name, values):
    number = getattr(dl, name)
    double, single = values
    assert number == number() == number("double") == double
    assert (number("single"), number("single").dtype) == (single, np.float32)
    X = dlarray(np.ones((2, 3), np.float32), "CB")
    for made in (number("like", X), number(like=X)):
        assert isdlarray(made)
        assert (made.dims, made.dtype, made.item()) == ("", np.float32, single)
    assert number(like=np.float64(1)) == number(like=1.0) == double
    assert pickle.loads(pickle.dumps(number)) == copy.deepcopy(number) == double
    with pytest.raises(OptionError, match=f"{name}: 'uint8' is no number type"):
        number("uint8")


def test_they_are_numbers_in_formulas():
    assert dl.pi == dl.pi() == math.pi
    assert (dlarray(np.float32([0])) + dl.eps).dtype == np.float32
    assert dlfeval(lambda X: X * dl.pi + dl.eps, dlarray(1.0)).item() == math.pi + 2.0**-52


def test_the_distance_to_the_next_number():
    x = [0.0, 1.0, -1.5, 2.0, 1e300, 2.0**-1060]
    assert dl.eps(x).tolist() == np.spacing(np.abs(x)).tolist()
    assert np.isnan(dl.eps(np.inf))
    X = dlarray(np.float32([1, 100]), "C")
    Y = dl.eps(X)
    assert (Y.dims, Y.dtype) == ("CU", np.float32)
    assert extractdata(Y).ravel().tolist() == np.spacing(np.float32([1, 100])).tolist()
    assert extractdata(dlfeval(dl.eps, X)).tolist() == extractdata(Y).tolist()
    assert gradient(dl.eps, [1.0, 3.0]).tolist() == [0, 0]
