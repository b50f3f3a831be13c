"""Whether a function gives the same in a compiled dlfeval and in one that is not."""

import numpy as np

import dltk.functions._reduction as reduction
from dltk.autodiff import dlfeval, dlgradient, without_compiling
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _elementwise as elementwise


def assert_compiles(function, *arrays):
    """Values and gradients are equal; a function that dlfeval cannot compile warns, and so fails.

    ``function`` takes unformatted dlarrays and gives one; its gradient is that of the sum of the
    squared absolute values.
    """

    def evaluated(*given):
        Y = function(*given)
        loss = reduction.sum(elementwise.power(elementwise.abs(Y), 2), "all")
        return Y, *dlgradient(loss, list(given))

    given = [dlarray(a) for a in arrays]
    compiled = dlfeval(evaluated, *given)
    with without_compiling():
        eager = dlfeval(evaluated, *given)
    for a, b in zip(compiled, eager, strict=True):
        np.testing.assert_allclose(extractdata(a), extractdata(b), rtol=1e-10, atol=1e-11)
