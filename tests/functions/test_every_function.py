"""Every public function is held to the same claims; the table is in `every.py`.

Labels out, number types, compiled and not, derivatives of first and second order against finite
differences in double, wrong input. Values have their witnesses in the test of each module.
"""

import builtins

import jax
import numpy as np
import pytest

import dltk
from dltk import DltkError, StateError, debug, dlarray, dlfeval, dlgradient, extractdata
from dltk import sum as total

from .every import ROWS, arrays, labels, weighed

pytestmark = pytest.mark.filterwarnings("ignore:.*was compiled .* times")


@pytest.fixture(autouse=True, scope="module")
def compiled_fast():
    """Compiling takes most of the time here, and speed does not matter."""
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", False)


@pytest.fixture(scope="module", params=ROWS)
def row(request):
    """One row of the table; all claims about it are tested before the next one."""
    if request.param == "gpuArray" and not dltk.canUseGPU():
        pytest.skip("needs a GPU")
    return ROWS[request.param]


def directions(row):
    """A direction for each array of a row."""
    random = np.random.default_rng(8)
    return [random.uniform(-1, 1, X.shape) for X in arrays(row)]


@pytest.fixture(scope="module")
def program(row):
    """Outputs, and for a traced one its weighed sum with derivatives of both orders."""

    def outputs(given, ways):
        return row(*given), None, None, None

    def with_derivatives(given, ways):
        Y = row(*given)
        loss = weighed(Y[0])
        slopes = dlgradient(loss, given, EnableHigherDerivatives=True)
        along = builtins.sum(total(s * w, "all") for s, w in zip(slopes, ways, strict=True))
        return Y, loss, slopes, dlgradient(along, given)

    return outputs if row.derivative == "no" else with_derivatives


def evaluate(row, program, move=0.0):
    """The program at the arrays of the row, or some way off along their directions."""
    dltk.rng(0)
    ways = directions(row)
    given = [dlarray(X + move * w, X.dims) for X, w in zip(arrays(row), ways, strict=True)]
    if row.compiles:
        return dlfeval(program, given, ways)
    with debug.eager():
        return dlfeval(program, given, ways)


@pytest.fixture(scope="module")
def result(row, program):
    """The program at the arrays of the row."""
    return evaluate(row, program)


def numbers(tree):
    """Plain arrays of a list of dlarrays, one after the other."""
    return np.concatenate([np.ravel(extractdata(Y)) for Y in tree])


def test_every_public_function_has_a_row():
    elsewhere = {"dims", "extractdata", "finddim", "isdlarray", "stripdims", "gather", "gpuArray"}
    transforms = {f"deep.transform.{name}" for name in dltk.deep.transform.__all__}
    no_arrays = {"rng"}
    assert set(ROWS) == (set(dltk.functions.__all__) | elsewhere | transforms) - no_arrays


def test_labels_out_are_those_of_the_table(row, result):
    assert tuple(labels(Y) for Y in result[0]) == row.out


def test_single_stays_single_and_double_stays_double(row):
    for number, kinds in ((np.float32, "f4 c8"), (np.float64, "f8 c16")):
        seen = []
        with jax.enable_x64(True):
            if row.compiles:  # types are known without running it
                jax.eval_shape(lambda *X: seen.append(row(*X)) and None, *arrays(row, number))  # noqa: B023
            else:
                seen.append(row(*arrays(row, number)))
        Y = seen[0][0]
        if row.follows and Y.dtype.kind != "b":
            assert Y.dtype.str[1:] in kinds.split()


def test_compiled_is_the_same_as_eager(row, result):
    def run(given):
        return row(*given)

    dltk.rng(0)
    with debug.eager():
        eager = dlfeval(run, arrays(row))
    for a, b in zip(result[0], eager, strict=True):
        a, b = np.asarray(extractdata(a)), np.asarray(extractdata(b))
        assert a.dtype == b.dtype
        if a.dtype.kind in "fc":
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)
        else:
            np.testing.assert_array_equal(a, b)


def test_derivatives_are_those_of_finite_differences(row, program, result):
    if row.derivative == "no":
        pytest.skip("its result is not traced")
    _, _, slopes, bends = result
    if row.derivative == "zero":
        assert not numbers(slopes).any()
        return
    (_, up, slopes_up, _), (_, down, slopes_down, _) = (
        evaluate(row, program, move) for move in (row.step, -row.step)
    )
    ways = np.concatenate([w.ravel() for w in directions(row)])
    slope = (up.item() - down.item()) / (2 * row.step)
    bend = (numbers(slopes_up) - numbers(slopes_down)) / (2 * row.step)
    assert slope != 0
    np.testing.assert_allclose(numbers(slopes) @ ways, slope, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(numbers(bends), bend, rtol=1e-6, atol=1e-6)


def test_what_has_no_derivative_is_not_traced(row):
    if row.derivative != "no" or row.out[0] is None:
        pytest.skip("it has a derivative or a plain result")

    def slope(given):
        return dlgradient(weighed(row(*given)[0]), given)

    with debug.eager(), pytest.raises(StateError, match="not traced"):
        dlfeval(slope, arrays(row))


def test_nonsense_is_refused_in_words(row):
    name = row.name.split(".")[-1].rstrip("_").lower()
    for wrong in row.wrong:

        def spoiled(*given, **options):
            return row.function(wrong, *given[1:], **options)  # noqa: B023

        with pytest.raises((DltkError, TypeError)) as refused:
            row.call(spoiled, *arrays(row))
        assert name in str(refused.value).lower()


def test_a_function_on_unformatted_arrays_refuses_labels(row):
    if any(labels(X) for X in arrays(row)):
        pytest.skip("it takes labels")
    shaped = [dlarray(X, "SSS"[: X.ndim]) for X in arrays(row)]
    with pytest.raises(DltkError, match="label"):
        row(*shaped)
