"""Interpolation against NumPy and SciPy's classes of the same methods."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import Akima1DInterpolator, CubicSpline, PchipInterpolator

import dltk.functions._reduction  # noqa: F401  (operators)
from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._interpolation import interp1
from tests.functions.compiling import assert_compiles
from tests.functions.gradients import assert_derivatives
from tests.strategies import few

RANDOM = np.random.default_rng(12)
X = np.array([0.0, 1.0, 1.5, 3.0, 4.2, 5.0])
V = RANDOM.standard_normal(6)
Q = np.array([0.0, 0.3, 1.0, 1.2, 2.9, 4.4, 5.0])
WITNESS = {
    "linear": lambda x, v: lambda q: np.interp(q, x, v),
    "pchip": PchipInterpolator,
    "makima": lambda x, v: Akima1DInterpolator(x, v, method="makima"),
    "spline": CubicSpline,
}
STEPS = ["nearest", "previous", "next"]


def slow_step(method, x, v, q):
    """By looking at every point."""
    if method == "nearest":
        return v[max(range(len(x)), key=lambda i: (-abs(x[i] - q), x[i]))]
    if method == "previous":
        return v[max(i for i in range(len(x)) if x[i] <= q)]
    return v[min(i for i in range(len(x)) if x[i] >= q)]


@pytest.mark.parametrize("method", WITNESS)
@pytest.mark.parametrize("count", [2, 3, 4, 6])
def test_methods_against_other_implementations(method, count):
    x, v = X[:count], V[:count]
    q = np.linspace(x[0], x[-1], 17)
    witness = WITNESS[method](x, v)
    if count == 2:  # a line, for all of them
        witness = WITNESS["linear"](x, v)
    np.testing.assert_allclose(interp1(x, v, q, method), witness(q), atol=1e-13)
    Y = interp1(dlarray(x), v, q, method)
    np.testing.assert_allclose(extractdata(Y)[0], witness(q), atol=1e-13)


@few
@given(st.lists(st.integers(-9, 9), min_size=2, max_size=7), st.sampled_from(["pchip", "makima"]))
def test_flat_and_turning_data(values, method):
    x, q = np.arange(len(values)) * 1.5, np.linspace(0, 1.5 * (len(values) - 1), 23)
    witness = WITNESS["linear" if len(values) == 2 else method](x, np.array(values, float))
    wanted = np.nan_to_num(witness(q)) if not np.any(values) else witness(q)
    np.testing.assert_allclose(interp1(x, values, q, method), wanted, atol=1e-12)


@few
@given(st.permutations(range(6)), st.sampled_from(STEPS), st.lists(st.integers(0, 20), min_size=1))
def test_steps(order, method, quarters):
    q = np.array(quarters) / 4
    wanted = [slow_step(method, X, V, z) for z in q]
    order = list(order)
    np.testing.assert_array_equal(interp1(X[order], V[order], q, method), wanted)


@pytest.mark.parametrize("method", [*WITNESS, *STEPS])
def test_points_in_any_order(method):
    order = [3, 0, 5, 1, 4, 2]
    np.testing.assert_allclose(
        interp1(X[order], V[order], Q, method), interp1(X, V, Q, method), rtol=1e-13
    )
    np.testing.assert_allclose(
        interp1(X[::-1], V[::-1], Q, method), interp1(X, V, Q, method), rtol=1e-13
    )


def test_what_lies_outside():
    x, v, q = [0.0, 1.0, 2.0], [0.0, 10.0, 40.0], [-1.0, 0.0, 2.0, 3.0]
    nan = np.nan
    for method in ("linear", *STEPS):
        np.testing.assert_array_equal(interp1(x, v, q, method), [nan, 0, 40, nan])
        np.testing.assert_array_equal(interp1(x, v, q, method, 7), [7, 0, 40, 7])
    np.testing.assert_allclose(interp1(x, v, q, "linear", "extrap"), [-10, 0, 40, 70])
    np.testing.assert_array_equal(interp1(x, v, q, "nearest", "extrap"), [0, 0, 40, 40])
    np.testing.assert_array_equal(interp1(x, v, q, "previous", "extrap"), [nan, 0, 40, 40])
    np.testing.assert_array_equal(interp1(x, v, q, "next", "extrap"), [0, 0, 40, nan])
    for method in ("pchip", "makima", "spline"):
        assert np.isfinite(interp1(X, V, [-1.0, 9.0], method)).all()
        np.testing.assert_array_equal(interp1(X, V, [-1.0, 9.0], method, nan), [nan, nan])
    np.testing.assert_allclose(interp1(X, V, [-1.0, 9.0], "spline"), CubicSpline(X, V)([-1, 9]))
    np.testing.assert_array_equal(interp1(x, v, [nan, 1.0], "nearest", 5), [nan, 10])


def test_without_points_they_are_1_2_3():
    assert interp1([10.0, 20.0, 40.0], [1.0, 2.5]).tolist() == [10, 30]
    assert interp1(dlarray([10.0, 20.0, 40.0]), 2.5, "nearest").item() == 40


def test_sizes_are_those_of_the_query_points():
    column, grid = Q[:, None], Q[:6].reshape(2, 3)
    assert interp1(X, V, 0.5).shape == ()
    assert interp1(X, V, column).shape == (7, 1)
    assert interp1(dlarray(X), V[:, None], Q).shape == (1, 7)
    np.testing.assert_allclose(interp1(X, V, grid), np.interp(grid, X, V))
    columns = RANDOM.standard_normal((6, 2))
    Y = interp1(X, dlarray(columns), Q)
    witness = np.stack([np.interp(Q, X, c) for c in columns.T], axis=1)
    np.testing.assert_allclose(extractdata(Y), witness, atol=1e-14)
    np.testing.assert_allclose(interp1(X, columns, Q), witness, atol=1e-14)
    assert interp1(X, columns, grid).shape == (2, 3, 2)
    assert interp1(X, RANDOM.standard_normal((6, 2, 3)), Q).shape == (7, 2, 3)
    assert interp1(X, V, np.zeros((0, 1))).shape == (0, 1)


def test_types():
    assert interp1(X, dlarray(V.astype(np.float32)), Q).dtype == np.float32
    for method in ("linear", "pchip", "spline", "next"):
        Z = interp1(X, V + 1j * V[::-1], Q, method)
        if method != "pchip":  # which is not linear in the values
            np.testing.assert_allclose(Z.imag, interp1(X, V[::-1], Q, method), atol=1e-14)
            np.testing.assert_allclose(Z.real, interp1(X, V, Q, method), atol=1e-14)


@pytest.mark.parametrize("method", WITNESS)
def test_derivatives(method):
    q = np.array([0.3, 1.2, 2.9, 4.4])
    order = 1 if method == "makima" else 2
    assert_derivatives(lambda x, v, q: interp1(x, v, q, method), X, V, q, order=order)


def test_derivatives_of_steps_and_of_the_value_outside():
    q = np.array([0.3, 1.2, 2.9, 7.0])
    for method in STEPS:
        assert_derivatives(lambda v, q, m=method: interp1(X, v, q, m, 0), V, q)
    assert_derivatives(lambda v, f: interp1(X, v, q, "linear", f) ** 2, V, 2.0, order=2)
    assert_derivatives(lambda q: interp1(X, V, q, "linear", "extrap"), q)


@pytest.mark.parametrize("method", [*WITNESS, *STEPS])
def test_compiled_and_eager_are_equal(method):
    assert_compiles(lambda x, v, q: interp1(x, v, q, method), X, V, Q[1:4])


def test_what_does_not_fit_is_refused():
    with pytest.raises(FormatError, match="interp1: v must be an array without labels"):
        interp1(X, dlarray(V, "T"), Q)
    with pytest.raises(FormatError, match="interp1: x must be a vector with a point for") as error:
        interp1(X[:5], V, Q)
    assert error.value.got == {"x": "1×5", "v": "6×1", "xq": "1×7"}
    with pytest.raises(OptionError, match="interp1: x must have no point twice"):
        interp1([0.0, 1.0, 1.0], [1.0, 2.0, 3.0], 0.5)
    with pytest.raises(OptionError, match='interp1: "cubic" is not one of its methods') as error:
        interp1(X, V, Q, "cubic")
    assert '"pchip"' in error.value.fix
    with pytest.raises(OptionError, match='"extra" does not say what to do outside'):
        interp1(X, V, Q, "linear", "extra")
    with pytest.raises(FormatError, match="interp1: at least two points are needed"):
        interp1([1.0], [2.0], 1.0)
    with pytest.raises(OptionError, match="interp1: points must be real"):
        interp1(X * 1j, V, Q)
    with pytest.raises(OptionError, match="interp1: expected points, values and query points"):
        interp1(V)
