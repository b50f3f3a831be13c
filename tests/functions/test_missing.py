"""NaN and infinite numbers anywhere in an array."""

import numpy as np
import pytest

from dltk.autodiff import dlfeval, without_compiling
from dltk.dlarray import dlarray, isdlarray
from dltk.functions import _missing as dl


@pytest.mark.parametrize(
    ("values", "nan", "finite"),
    [
        ([1.0, 2.0], False, True),
        ([1.0, np.nan], True, False),
        ([1.0, np.inf], False, False),
        ([], False, True),
        ([True, False], False, True),
        ([1j, complex(0, np.nan)], True, False),
    ],
    ids=str,
)
def test_anynan_and_allfinite(values, nan, finite):
    assert dl.anynan(values) == nan
    assert dl.allfinite(values) == finite
    X = dlarray(np.reshape(values, (1, 1, -1)))
    for function, answer in ((dl.anynan, nan), (dl.allfinite, finite)):
        found = function(X)
        assert isdlarray(found)
        assert (found.dims, found.shape, found.dtype, bool(found)) == ("", (1, 1), bool, answer)


def test_they_may_steer_a_loss():
    def run(X):
        return X * 0 if dl.anynan(X) else X * 2

    with without_compiling():
        assert dlfeval(run, dlarray([3.0])).item() == 6
        assert np.isnan(dlfeval(run, dlarray([np.nan])).item())
