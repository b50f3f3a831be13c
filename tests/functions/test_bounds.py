"""`bounds` and `clip`."""

import numpy as np
import pytest
from hypothesis import given

from dltk._errors import OptionError, UnsupportedError
from dltk.autodiff import dlfeval
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _bounds as dl
from tests import matlab_model as model
from tests.functions.gradients import assert_derivatives, gradient
from tests.strategies import assert_like, labelled, quick


def test_bounds_are_the_smallest_and_largest():
    S, L = dl.bounds(dlarray([[1.0, 5.0], [3.0, 2.0]], "CB"), nargout=2)
    assert (extractdata(S).tolist(), extractdata(L).tolist()) == ([[1, 2]], [[3, 5]])
    assert dl.bounds([4.0, 2.0]) == 2
    assert dl.bounds([[4.0, np.nan], [1.0, 3.0]], "all", nargout=2) == (1, 4)
    assert np.isnan(dl.bounds([4.0, np.nan], "includenan", nargout=2)).all()
    with pytest.raises(OptionError, match='bounds: "linear" is not an option'):
        dl.bounds([1.0], "linear")


def test_the_range_is_their_distance():
    Y = dl.range_(dlarray([[1.0, 5.0], [3.0, np.nan]], "CB"))
    assert (Y.dims, extractdata(Y).tolist()) == ("CB", [[2, 0]])
    assert dl.range_([[4.0, 2.0], [1.0, 3.0]], "all") == 3
    assert_derivatives(dl.range_, [[0.3, 2.0], [1.0, 0.4]])


@quick
@given(labelled())
def test_clip_keeps_numbers_between_its_ends(pair):
    X, m = pair
    m.cells = {index: float(np.clip(value, -3, 4)) for index, value in m.cells.items()}
    assert_like(dl.clip(X, -3, 4), m)
    assert_like(np.clip(X, -3, 4), m)
    assert_like(dlfeval(dl.clip, X, -3, 4), m)


def test_ends_line_up_by_label():
    X = dlarray(np.array([[0.0, 5.0], [0.0, 5.0]]), "CB")
    Y = dl.clip(X, dlarray([1.0, 2.0], "C"), dlarray([3.0, 4.0], "C"))
    assert (Y.dims, extractdata(Y).tolist()) == ("CB", [[1, 3], [2, 4]])
    assert_like(dl.clip(dlarray([[0.0]], "CB"), [[1.0], [2.0]], 9), model.make([[1], [2]], "CB"))


def test_the_derivative_goes_to_what_was_taken():
    x = np.array([-2.0, 0.0, 0.5, 1.0, 3.0])
    assert gradient(lambda X: dl.clip(X, 0, 1), x).tolist() == [0, 1, 1, 1, 0]
    assert gradient(lambda L: dl.clip(x, L, 1.0), [0.1]).tolist() == [2]
    assert_derivatives(dl.clip, np.array([[0.3, 2.0]]), [[0.5, 0.1]], [[0.8, 0.9]], order=2)


def test_nan_stays_and_types_mix():
    assert np.isnan(dl.clip(np.nan, 0, 1))
    assert dl.clip(dlarray(np.float32([2.0])), 0, 1).dtype == np.float32


def test_ends_in_the_wrong_order_are_refused():
    with pytest.raises(OptionError, match="clip: the lower end is above the upper end") as error:
        dl.clip([1.0], 2, 1)
    assert error.value.got == {"lower": 2, "upper": 1}
    with pytest.raises(UnsupportedError, match="clip: complex numbers have no order"):
        dl.clip(1j, 0, 1)
