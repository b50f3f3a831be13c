"""jaxfunction: JAX's own values and derivatives, labels, types, and what it says to a wrong use."""

import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dltk import debug, dlfeval, dlgradient, struct
from dltk import sum as sum_
from dltk._errors import DltkWarning, FormatError, OptionError, UnsupportedError
from dltk._jacobian import dljacobian, dllaplacian
from dltk._jaxfunction import jaxfunction
from dltk.dlarray import dlarray, extractdata

RANDOM = np.random.default_rng(5)
TIGHT = {"rtol": 1e-10, "atol": 1e-12}
CB = dlarray(np.ones((2, 3)), "CB")


def double(*shape):
    return RANDOM.standard_normal(shape)


def slope_of(function, *x, order=1):
    """Derivative of the sum of the results by the first argument, taken ``order`` times."""

    def loss(*x):
        y = function(*x)
        for _ in range(order):
            y = dlgradient(sum_(y, "all"), x[0], EnableHigherDerivatives=True)
        return y

    return extractdata(dlfeval(loss, *x))


# Values and derivatives


def test_values_are_those_of_the_function_in_the_order_of_size():
    image = double(4, 5, 2, 3)
    X = dlarray(image.transpose(3, 0, 1, 2), "BSSC")
    Y = jaxfunction(lambda x: x.at[0, :, 1, 2].set(7.0))(X)
    image[0, :, 1, 2] = 7
    np.testing.assert_array_equal(extractdata(Y), image)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("eagerly", [False, True], ids=["compiled", "eager"])
def test_derivatives_of_any_order(order, eagerly):
    x = double(2, 3)
    with debug.eager() if eagerly else warnings.catch_warnings():
        found = slope_of(jaxfunction(lambda x: jnp.sin(2 * x)), dlarray(x, "CB"), order=order)
    expected = [2 * np.cos(2 * x), -4 * np.sin(2 * x), -8 * np.cos(2 * x)][order - 1]
    np.testing.assert_allclose(found, expected, **TIGHT)


def test_gradients_by_several_arguments_are_jaxs():
    def f(x, w, *, scale):
        return jax.nn.log_softmax(w @ x, axis=0) * scale

    lifted = jaxfunction(f)

    def gradients(x, w):
        return dlgradient(sum_(lifted(x, w, scale=3.0) ** 2, "all"), x, w)

    x, w = double(4, 5), double(3, 4)
    found = dlfeval(gradients, dlarray(x), dlarray(w))
    with jax.enable_x64(True):
        expected = jax.grad(lambda x, w: (f(x, w, scale=3.0) ** 2).sum(), (0, 1))(x, w)
    for g, e in zip(found, expected, strict=True):
        np.testing.assert_allclose(extractdata(g), e, **TIGHT)


def test_complex_gradients_follow_matlab():
    # L = real((2+3i) z) has the gradient 2-3i in MATLAB
    found = slope_of(jaxfunction(lambda z: ((2 + 3j) * z).real), dlarray(1.0 + 1j))
    np.testing.assert_allclose(found, 2 - 3j)


def test_control_flow_of_jax_works_in_both_directions():
    power = jaxfunction(lambda x: jax.lax.fori_loop(0, 3, lambda i, y: y * x, jnp.ones_like(x)))
    x = double(2, 3)
    np.testing.assert_allclose(slope_of(power, dlarray(x)), 3 * x**2, **TIGHT)
    lap = dlfeval(lambda x: dllaplacian(sum_(power(x), 1), x, 1), dlarray(x))
    np.testing.assert_allclose(extractdata(lap)[0], 6 * x.sum(0), **TIGHT)


def test_a_derivative_of_its_own_is_used():
    @jax.custom_jvp
    def step(x):
        return jnp.sign(x)

    step.defjvp(lambda x, dx: (step(*x), 10 * dx[0]))
    np.testing.assert_array_equal(slope_of(jaxfunction(step), CB), np.full((2, 3), 10.0))


# Arguments and results


def test_dlarrays_are_found_in_containers_and_other_arguments_stay():
    seen = {}

    @jaxfunction
    def affine(parameters, x, mode, table, axis=0, *, flag=True):
        seen.update(mode=mode, table=table, axis=axis, flag=flag)
        return parameters["W"] @ x + jnp.broadcast_to(parameters["b"], (2, 4))

    table = np.arange(3, dtype=np.uint8)
    parameters = {"W": dlarray(W := double(2, 3)), "b": dlarray(b := double(2, 1))}
    Y = affine(parameters, dlarray(x := double(3, 4), "CB"), "same", table, axis=1, flag=False)
    np.testing.assert_allclose(extractdata(Y), W @ x + b, **TIGHT)
    assert seen == {"mode": "same", "table": table, "axis": 1, "flag": False}


def test_a_struct_of_parameters_gives_a_struct_of_gradients():
    parameters = struct()
    parameters.fc.W = dlarray(double(2, 3))
    lifted = jaxfunction(lambda p, x: p.fc.W @ x)
    x = double(3, 4)

    def gradients(parameters):
        return dlgradient(sum_(lifted(parameters, dlarray(x)), "all"), parameters)

    found = extractdata(dlfeval(gradients, parameters).fc.W)
    np.testing.assert_allclose(found, np.tile(x.sum(1), (2, 1)), **TIGHT)


def test_results_come_back_in_the_nest_of_the_function():
    lifted = jaxfunction(lambda x: {"all": (x, [x.sum(), x > 0])})
    out = lifted(CB)
    x, (total, positive) = out["all"]
    assert (x.dims, total.dims, positive.dims) == ("CB", "", "CB")
    assert (x.shape, total.shape, positive.dtype) == ((2, 3), (1, 1), np.dtype(bool))


def test_plain_arguments_give_plain_results():
    out = jaxfunction(lambda x: x * 2)(np.array([1.0, 2.0]))
    assert not isinstance(out, dlarray)
    np.testing.assert_array_equal(out, [2.0, 4.0])


@pytest.mark.parametrize(
    ("fmt", "f", "expected"),
    [
        (None, lambda x: x[:1], "CB"),
        (None, lambda x: x.reshape(3, 2, 1), ""),
        (None, jnp.sum, ""),
        ("BC", lambda x: x.T, "CB"),
        ("B", lambda x: x[0], "BU"),
        ("", lambda x: x, ""),
        ("SSCB", lambda x: x[None, None], "SSCB"),
    ],
)
def test_labels_of_the_result(fmt, f, expected):
    assert jaxfunction(f, fmt=fmt)(CB).dims == expected


def test_labels_go_with_their_dimensions():
    Y = jaxfunction(lambda x: x.T, fmt="BC")(dlarray(x := double(2, 3), "CB"))
    np.testing.assert_array_equal(extractdata(Y), x)


def test_one_format_for_each_result():
    first, second = jaxfunction(lambda x: (x.T, x.sum(0)), fmt=("TC", ""))(CB)
    assert (first.dims, second.dims, second.shape) == ("CT", "", (1, 3))


def test_a_trailing_channel_of_size_one_keeps_its_label():
    X = dlarray(np.ones((4, 1, 1)), "SCB")
    assert jaxfunction(lambda x: x + 1)(X).dims == "SCB"


def test_single_wins_over_double_and_constants_of_the_function():
    table = np.linspace(0, 1, 3)
    lifted = jaxfunction(lambda x, y: x * y + table[None] + jnp.linspace(0, 1, 3)[None])
    single, double_ = dlarray(np.ones((2, 3), np.float32)), dlarray(np.ones((2, 3)))
    assert lifted(single, double_).dtype == np.float32
    assert lifted(double_, double_).dtype == np.float64


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [("int32", "float64"), ("bfloat16", "float32"), ("float16", "float32"), ("bool", "bool")],
)
def test_other_number_types_become_those_of_dlarrays(dtype, expected):
    assert jaxfunction(lambda x: x.astype(dtype))(CB).dtype.name == expected


# As a decorator, and in dlfeval


def test_decorated_functions_and_methods_keep_their_name():
    class Model:
        factor = 3.0

        @jaxfunction(fmt="CB")
        def scaled(self, x):
            """Scaled."""
            return self.factor * x

    Y = Model().scaled(CB)
    assert float(Y[0, 0]) == 3.0
    assert Model.scaled.__name__ == "scaled"
    assert Model.scaled.__doc__ == "Scaled."
    assert repr(Model.scaled) == "jaxfunction(scaled)"


SCALE = 2.0


@jaxfunction
def scaled_by_a_global(x):
    return SCALE * x


def test_what_the_function_reads_is_never_stale(monkeypatch):
    def loss(X):
        return sum_(scaled_by_a_global(X), "all")

    assert float(dlfeval(loss, CB)) == 12.0
    monkeypatch.setitem(globals(), "SCALE", 5.0)
    assert float(dlfeval(loss, CB)) == 30.0


def test_what_the_function_reads_may_change_before_the_gradient_is_taken():
    def loss(x):
        total = 0.0
        for k in (1.0, 10.0):
            total = total + sum_(jaxfunction(lambda x: k * x**2)(x), "all")  # noqa: B023
        return dlgradient(total, x, EnableHigherDerivatives=True)

    found = dlfeval(loss, dlarray([3.0]))
    assert float(found) == 66.0


def test_functions_of_libraries_compile_without_a_warning():
    gelu, softplus = jaxfunction(jax.nn.gelu), jaxfunction(jax.jit(jax.nn.softplus))
    with warnings.catch_warnings():
        warnings.simplefilter("error", DltkWarning)
        slope = slope_of(lambda x: gelu(x, approximate=False) + softplus(x), dlarray(0.0))
    np.testing.assert_allclose(slope, 1.0)  # 1/2 and 1/2


def test_jacobian_through_a_lifted_function():
    A = double(3, 2)
    J = dlfeval(lambda x: dljacobian(jaxfunction(lambda x: A @ x)(x), x, 1), dlarray(double(2, 1)))
    np.testing.assert_allclose(extractdata(J)[:, :], A, **TIGHT)


# Errors


def refusal(function, kind):
    with pytest.raises(kind) as caught:
        function()
    return str(caught.value)


@pytest.mark.parametrize("inside", [False, True], ids=["outside", "in dlfeval"])
def test_numpy_inside_says_what_to_use_instead(inside):
    def waves(x):
        return np.sin(x)

    lifted = jaxfunction(waves)
    text = refusal(lambda: dlfeval(lifted, CB) if inside else lifted(CB), UnsupportedError)
    assert text.startswith("jaxfunction: ")
    assert "waves needs the values of its arguments" in text
    assert "Use jax.numpy instead of numpy" in text


def test_a_branch_on_a_value_says_what_to_use_instead():
    lifted = jaxfunction(lambda x: x if x.sum() > 0 else -x)
    text = refusal(lambda: lifted(CB), UnsupportedError)
    assert "jnp.where" in text
    assert "boolean conversion" in text


@pytest.mark.parametrize(
    ("value", "what"), [(None, "NoneType"), ("text", "str"), ({"a": None}, "NoneType")]
)
def test_results_that_are_no_arrays(value, what):
    text = refusal(lambda: jaxfunction(lambda x: value)(CB), OptionError)
    assert f"returned a {what}, not an array" in text


def test_a_dlarray_read_besides_the_arguments():
    W = dlarray(np.ones((2, 2)))
    text = refusal(lambda: jaxfunction(lambda x: W * 2)(CB), OptionError)
    assert "returned a dlarray" in text
    assert "Pass every dlarray as an argument" in text


def test_a_value_kept_from_an_earlier_call():
    kept = []

    def impure(x):
        kept.append(x)
        return x + kept[0]

    lifted = jaxfunction(impure)
    lifted(CB)
    text = refusal(lambda: lifted(CB), UnsupportedError)
    assert "impure is not pure: it uses a value kept from an earlier call" in text


def test_the_functions_own_errors_come_through():
    with pytest.raises(TypeError, match="dot_general"):
        jaxfunction(lambda x: x @ x)(CB)


def test_formats_that_do_not_fit():
    text = refusal(lambda: jaxfunction(lambda x: (x, x), fmt=("CB",))(CB), FormatError)
    assert "1 formats for 2 results" in text
    text = refusal(lambda: jaxfunction(lambda x: x, fmt="C")(CB), FormatError)
    assert "result 1 of <lambda> has 2 dimensions, its format 1 label" in text
    text = refusal(lambda: jaxfunction(lambda x: x, fmt="CN"), FormatError)
    assert text.startswith('jaxfunction: "N" is not a dimension label')
    text = refusal(lambda: jaxfunction(lambda x: x, fmt=3), OptionError)
    assert "fmt must be a format" in text


@pytest.mark.parametrize("value", [CB, 3, None])
def test_something_that_is_no_function(value):
    if value is None:
        assert callable(jaxfunction(value))  # the decorator with arguments
        return
    assert "expected a function" in refusal(lambda: jaxfunction(value), OptionError)
