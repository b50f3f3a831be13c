"""DifferentiableFunction: hand-written gradients against finite differences and closed forms."""

import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special

from dltk import abs as abs_
from dltk import debug, dlfeval, dlgradient, real, stripdims
from dltk import sum as sum_
from dltk._differentiable import DifferentiableFunction
from dltk._errors import DltkWarning, FormatError, OptionError, StateError, UnsupportedError
from dltk._jacobian import dldivergence, dljacobian, dllaplacian
from dltk.dlarray import dlarray, extractdata

RANDOM = np.random.default_rng(11)
TIGHT = {"rtol": 1e-10, "atol": 1e-12}
CB = dlarray(np.ones((2, 3)), "CB")


class sreluFunction(DifferentiableFunction):
    """S-shaped ReLU: slopes al below tl and ar above tr, the identity between."""

    def __init__(self):
        super().__init__(1, SaveInputsForBackward=True)

    def forward(self, X, tl, al, tr, ar):
        below, above = tl >= X, tr <= X
        return jnp.where(below, tl + al * (X - tl), jnp.where(above, tr + ar * (X - tr), X))

    def backward(self, dLdY, computeGradients, X, tl, al, tr, ar):
        below, above = tl >= X, tr <= X
        dX = dLdY * jnp.where(below, al, jnp.where(above, ar, 1.0))
        sums = [
            (dLdY * below * (1 - al)),
            (dLdY * below * (X - tl)),
            (dLdY * above * (1 - ar)),
            (dLdY * above * (X - tr)),
        ]
        return dX, *(s.sum().reshape(1, 1) for s in sums)


def srelu_loss(*inputs):
    srelu = sreluFunction()
    Y = srelu(*inputs)
    return sum_(Y**2, "all"), dlgradient(sum_(Y**2, "all"), *inputs), Y.dims


def plain_srelu_loss(X, tl, al, tr, ar):
    Y = np.where(tl >= X, tl + al * (X - tl), np.where(tr <= X, tr + ar * (X - tr), X))
    return (Y**2).sum()


@pytest.mark.parametrize("eagerly", [False, True], ids=["compiled", "eager"])
def test_srelu_has_the_gradients_of_finite_differences(eagerly):
    X = RANDOM.uniform(-3, 3, (4, 5))
    values = [X, *(np.array([[v]]) for v in (-1.1, 0.3, 0.9, 0.6))]
    inputs = [dlarray(X, "CB"), *map(dlarray, values[1:])]
    with debug.eager() if eagerly else warnings.catch_warnings():
        warnings.simplefilter("error", DltkWarning)
        loss, gradients, labels = dlfeval(srelu_loss, *inputs)
    assert labels == "CB"
    np.testing.assert_allclose(float(loss), plain_srelu_loss(*values), **TIGHT)
    for place, gradient in enumerate(gradients):
        expected = np.zeros_like(values[place])
        for index in np.ndindex(expected.shape):
            moved = [[v.copy() for v in values] for _ in range(2)]
            moved[0][place][index] += 1e-6
            moved[1][place][index] -= 1e-6
            expected[index] = np.subtract(*(plain_srelu_loss(*m) for m in moved)) / 2e-6
        np.testing.assert_allclose(extractdata(gradient), expected, rtol=1e-6, atol=1e-7)


class everything(DifferentiableFunction):
    """Two outputs, two memory values, everything saved; remembers what backward was given."""

    def __init__(self, record):
        super().__init__(
            2, SaveInputsForBackward=True, SaveOutputsForBackward=True, NumMemoryValues=2
        )
        self.record = record

    def forward(self, A, B):
        return A * B, A + B, "a word", 7.0 * A

    def backward(self, *arguments):
        self.record.append(arguments)
        dLdY1, dLdY2, _, A, B, *_ = arguments
        return dLdY1 * B + dLdY2, dLdY1 * A + dLdY2


def test_backward_is_called_in_the_documented_order():
    record = []
    fcn = everything(record)

    def loss(A):
        Y1, Y2 = fcn(A, dlarray(np.full((1, 2), 5.0)))
        return dlgradient(sum_(2.0 * Y1 + 3.0 * Y2, "all"), A)

    with debug.eager():
        gradient = dlfeval(loss, dlarray([[1.0, 2.0]]))
    np.testing.assert_array_equal(extractdata(gradient), [[13.0, 13.0]])
    dLdY1, dLdY2, computeGradients, A, B, Y1, Y2, word, memory = record[0]
    np.testing.assert_array_equal(dLdY1, [[2.0, 2.0]])
    np.testing.assert_array_equal(dLdY2, [[3.0, 3.0]])
    np.testing.assert_array_equal(computeGradients, [True, False])
    np.testing.assert_array_equal(A, [[1.0, 2.0]])
    np.testing.assert_array_equal(B, [[5.0, 5.0]])
    np.testing.assert_array_equal(Y1, [[5.0, 10.0]])
    np.testing.assert_array_equal(Y2, [[6.0, 7.0]])
    assert word == "a word"
    np.testing.assert_array_equal(memory, [[7.0, 14.0]])
    assert all(isinstance(a, jax.Array) for a in (dLdY1, A, B, Y1, memory))


class expByOutput(DifferentiableFunction):
    def __init__(self):
        super().__init__(SaveOutputsForBackward=True)

    def forward(self, X):
        return jnp.exp(X)

    def backward(self, dLdY, computeGradients, Y):
        return dLdY * Y


class sineByMemory(DifferentiableFunction):
    def __init__(self):
        super().__init__(NumMemoryValues=1)

    def forward(self, X):
        return jnp.sin(X), jnp.cos(X)

    def backward(self, dLdY, computeGradients, cosine):
        return dLdY * cosine


@pytest.mark.parametrize(
    ("fcn", "slope"), [(expByOutput(), np.exp), (sineByMemory(), np.cos)], ids=["output", "memory"]
)
def test_only_what_was_saved_is_handed_over(fcn, slope):
    x = RANDOM.standard_normal((2, 3))
    found = dlfeval(lambda x: dlgradient(sum_(fcn(x), "all"), x), dlarray(x, "CB"))
    np.testing.assert_allclose(extractdata(found), slope(x), **TIGHT)


class linear(DifferentiableFunction):
    """Y = c X."""

    def __init__(self, c):
        super().__init__()
        self.c = c

    def forward(self, X):
        return self.c * X

    def backward(self, dLdY, computeGradients):
        return jnp.conj(self.c) * dLdY


def test_complex_gradients_are_those_of_matlab():
    # L = real((2+3i) z): 2-3i; L = |(2+3i) z|^2 = 13 |z|^2: 26 z
    fcn, z = linear(2 + 3j), dlarray(1.0 + 2.0j)
    found = dlfeval(lambda z: dlgradient(real(fcn(z)), z), z)
    np.testing.assert_allclose(extractdata(found), 2 - 3j, **TIGHT)
    found = dlfeval(lambda z: dlgradient(abs_(fcn(z)) ** 2, z), z)
    np.testing.assert_allclose(extractdata(found), 26 * (1 + 2j), **TIGHT)


def test_properties_are_seen_at_every_call():
    fcn = linear(2.0)

    def slope(x):
        return dlgradient(sum_(fcn(x), "all"), x)

    assert float(dlfeval(slope, dlarray(1.0))) == 2.0
    fcn.c = 7.0
    assert float(dlfeval(slope, dlarray(1.0))) == 7.0


def test_a_property_changed_after_the_call_does_not_change_its_gradient():
    def slope(x):
        fcn = linear(2.0)
        y = fcn(x)
        fcn.c = 100.0
        return dlgradient(sum_(y, "all"), x, EnableHigherDerivatives=True)

    assert float(dlfeval(slope, dlarray(1.0))) == 2.0


class besselFunction(DifferentiableFunction):
    """Something that JAX does not have: computed by SciPy."""

    def __init__(self):
        super().__init__(SaveInputsForBackward=True)

    def forward(self, X):
        return scipy.special.jv(2.5, np.asarray(X))

    def backward(self, dLdY, computeGradients, X):
        return np.asarray(dLdY) * scipy.special.jvp(2.5, np.asarray(X))


def test_a_forward_that_jax_cannot_trace_runs_without_compiling():
    bessel, x = besselFunction(), RANDOM.uniform(1, 3, (2, 3))

    def loss(x):
        y = sum_(bessel(x) ** 2, "all")
        return y, dlgradient(y, x)

    with pytest.warns(DltkWarning, match="runs without compiling"):
        y, gradient = dlfeval(loss, dlarray(x, "CB"))
    value, slope = scipy.special.jv(2.5, x), scipy.special.jvp(2.5, x)
    np.testing.assert_allclose(float(y), (value**2).sum(), **TIGHT)
    np.testing.assert_allclose(extractdata(gradient), 2 * value * slope, **TIGHT)


def test_labels_stay_where_the_number_of_dimensions_does():
    class firstAndSum(DifferentiableFunction):
        def forward(self, X):
            return X[:1], X.sum()

        def backward(self, dLdY1, dLdY2, computeGradients):
            return None

    first, total = firstAndSum(2)(CB)
    assert (first.dims, first.shape) == ("CB", (1, 3))
    assert (total.dims, total.shape) == ("", (1, 1))


def test_gradients_of_formatted_inputs_are_theirs_element_by_element():
    image = RANDOM.standard_normal((3, 2, 4, 5))
    fcn, X = sineByMemory(), dlarray(image, "SSCB")
    found = dlfeval(lambda X: dlgradient(sum_(fcn(X), "all"), X), X)
    np.testing.assert_allclose(extractdata(found), np.cos(image), **TIGHT)


def test_plain_in_plain_out():
    Y = linear(2.0)(np.array([1.0, 2.0]))
    assert not isinstance(Y, dlarray)
    np.testing.assert_array_equal(Y, [2.0, 4.0])


def test_single_stays_single():
    fcn, x = linear(np.float64(2.0)), dlarray(np.ones((2, 3), np.float32), "CB")
    y, g = dlfeval(lambda x: (y := fcn(x), dlgradient(sum_(y, "all"), x)), x)
    assert (y.dtype, g.dtype) == (np.float32, np.float32)


@pytest.mark.parametrize("nothing", [None, []], ids=["None", "[]"])
def test_nothing_for_an_input_means_zero(nothing):
    class product(DifferentiableFunction):
        def forward(self, X, Y):
            return X * Y

        def backward(self, dLdY, computeGradients):
            return nothing, dLdY

    fcn = product()
    gx, gy = dlfeval(lambda x, y: dlgradient(sum_(fcn(x, y), "all"), x, y), CB, CB)
    np.testing.assert_array_equal(extractdata(gx), np.zeros((2, 3)))
    np.testing.assert_array_equal(extractdata(gy), np.ones((2, 3)))


def test_jacobian_and_divergence_go_through_once():
    fcn, x = sineByMemory(), RANDOM.standard_normal((3, 4))

    def both(x):
        return dljacobian(fcn(x), x, 1), dldivergence(fcn(x), x, 1)

    J, divergence = dlfeval(both, dlarray(x))
    np.testing.assert_allclose(extractdata(J)[1, 1], np.cos(x[1]), **TIGHT)
    np.testing.assert_allclose(extractdata(divergence)[0], np.cos(x).sum(0), **TIGHT)


def test_traced_first_derivatives_are_allowed_as_long_as_nobody_differentiates_them():
    fcn = sineByMemory()
    found = dlfeval(
        lambda x: dlgradient(sum_(fcn(x), "all"), x, EnableHigherDerivatives=True), dlarray(0.0)
    )
    assert float(found) == 1.0


# Errors


def refusal(function, *arrays, kind):
    with debug.eager(), pytest.raises(kind) as caught:
        dlfeval(function, *arrays)
    return str(caught.value)


def second_by_gradient(x):
    first = dlgradient(sum_(sineByMemory()(x), "all"), x, EnableHigherDerivatives=True)
    return dlgradient(sum_(first, "all"), x)


def second_by_laplacian(x):
    return dllaplacian(sum_(sineByMemory()(stripdims(x)), 1), x, 1)


def second_by_divergence(x):
    return dldivergence(dljacobian(sineByMemory()(x), x, 2), x, 1)


@pytest.mark.parametrize(
    "function", [second_by_gradient, second_by_laplacian, second_by_divergence]
)
@pytest.mark.parametrize("eagerly", [False, True], ids=["compiled", "eager"])
def test_second_derivatives_are_refused(function, eagerly):
    if eagerly:
        text = refusal(function, dlarray(np.ones((2, 1))), kind=UnsupportedError)
    else:
        with pytest.raises(UnsupportedError) as caught:
            dlfeval(function, dlarray(np.ones((2, 1))))
        text = str(caught.value)
    assert "sineByMemory: only first derivatives go through a DifferentiableFunction." in text
    assert "jaxfunction" in text


def test_numpy_with_traced_derivatives_is_refused():
    bessel = besselFunction()

    def slope(x):
        return dlgradient(sum_(bessel(x), "all"), x, EnableHigherDerivatives=True)

    text = refusal(slope, CB, kind=UnsupportedError)
    assert "besselFunction: forward needs the values of its arguments" in text


def gradient_of(fcn):
    return lambda x: dlgradient(sum_(fcn(x), "all"), x)


def test_forward_with_another_number_of_values():
    class wrong(DifferentiableFunction):
        def forward(self, X):
            return X, X, X

    text = refusal(gradient_of(wrong(1, NumMemoryValues=1)), CB, kind=OptionError)
    assert "wrong: forward returned 3 values" in text
    assert "announces 1 output and 1 memory value." in text


def test_backward_with_another_number_of_gradients():
    class wrong(expByOutput):
        def backward(self, dLdY, computeGradients, Y):
            return dLdY, dLdY

    text = refusal(gradient_of(wrong()), CB, kind=OptionError)
    assert "wrong: backward returned 2 gradients for 1 input." in text


def test_a_gradient_of_another_size():
    class summed(sineByMemory):
        def backward(self, dLdY, computeGradients, cosine):
            return (dLdY * cosine).sum(0)

    text = refusal(gradient_of(summed()), CB, kind=FormatError)
    assert text.startswith("summed: backward returned a gradient of another size than input 1.")
    assert "input: 2(C) × 3(B)" in text
    assert "gradient: 3" in text


def test_a_constructor_that_does_not_call_its_base():
    class careless(DifferentiableFunction):
        def __init__(self):
            self.alpha = 1.0

    with pytest.raises(StateError, match="careless: DifferentiableFunction has not been init"):
        careless()(CB)


@pytest.mark.parametrize("method", ["forward", "backward"])
def test_a_missing_method_is_named(method):
    class half(DifferentiableFunction):
        if method == "backward":

            def forward(self, X):
                return X

    with pytest.raises(NotImplementedError, match=f"half must define {method}"):
        dlfeval(gradient_of(half()), CB)


@pytest.mark.parametrize("count", [0, 1.5, True, "two"])
def test_the_number_of_outputs_is_a_positive_whole_number(count):
    with pytest.raises(OptionError, match="numOutputs must be a whole number of at least 1"):
        DifferentiableFunction(count)
