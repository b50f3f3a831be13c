"""Errors inside dlfeval: the user's own lines, the failing one last."""

import traceback

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import dltk
from dltk import (
    FormatError,
    StateError,
    crossentropy,
    dlaccelerate,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    jaxfunction,
    softmaxLayer,
)

NET = dlnetwork([featureInputLayer(4), fullyConnectedLayer(3), softmaxLayer()])
X = dlarray(np.ones((4, 8), np.float32), "CB")


def helper(Y, T):
    return crossentropy(Y, T)


def modelLoss(net, X, T):
    Y = forward(net, X)
    loss = helper(Y, T)
    return loss, dlgradient(loss, net.Learnables)


def lines_of(error):
    """The source lines of a traceback, from the call on."""
    return [frame.line for frame in traceback.extract_tb(error.__traceback__)][1:]


RUNS = {
    "dlfeval": dlfeval,
    "accelerated": lambda f, *args: dlfeval(dlaccelerate(f), *args),
    "whole": lambda f, *args: dlaccelerate(lambda *a: dlfeval(f, *a))(*args),
    "eager": dltk.debug.eager()(lambda f, *args: dlfeval(f, *args)),
}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_the_failing_line_of_the_user_stands_last(run):
    with pytest.raises(FormatError) as caught:
        run(modelLoss, NET, X, dlarray(np.ones((2, 8), np.float32), "CB"))
    lines = lines_of(caught.value)
    assert lines[-2:] == ["loss = helper(Y, T)", "return crossentropy(Y, T)"]
    files = [f.filename for f in traceback.extract_tb(caught.value.__traceback__)]
    ours = [name for name in files if "/dltk/" in name and "/tests/" not in name]
    assert len([name for name in files if "site-packages/jax" in name]) == 0
    assert len(ours) <= 2  # dlfeval itself, and what was called around it


def test_both_operands_are_shown_with_sizes_and_labels():
    with pytest.raises(FormatError) as caught:
        dlfeval(lambda x, y: x + y, dlarray(np.ones((3, 2)), "CB"), dlarray(np.ones((4, 2)), "CB"))
    assert caught.value.got == {"operand 1": "3(C) × 2(B)", "operand 2": "4(C) × 2(B)"}


def test_an_error_in_a_layer_names_the_layer_and_ends_at_the_users_line():
    with pytest.raises(FormatError) as caught:
        dlfeval(modelLoss, NET, dlarray(np.ones((5, 8), np.float32), "CB"), X)
    assert lines_of(caught.value)[-1] == "Y = forward(net, X)"
    assert caught.value.__notes__ == ['in layer "input" (featureInputLayer, 1 of 3)']


def test_an_error_that_jax_raised_says_how_to_see_all_frames(monkeypatch):
    wrong = jaxfunction(lambda a: jnp.dot(a, jnp.ones((7, 7))))

    def loss(x):
        return wrong(x)

    with pytest.raises(TypeError) as caught:
        dlfeval(loss, dlarray(1.0))
    assert "return wrong(x)" in lines_of(caught.value)
    assert "JAX_TRACEBACK_FILTERING" in "".join(traceback.format_exception(caught.value))


def test_all_frames_are_there_on_request():
    before = jax.config.jax_traceback_filtering
    jax.config.update("jax_traceback_filtering", "off")
    try:
        with pytest.raises(FormatError) as caught:
            dlfeval(modelLoss, NET, X, X)
    finally:
        jax.config.update("jax_traceback_filtering", before)
    assert lines_of(caught.value)[-1] != "return crossentropy(Y, T)"


def test_a_name_error_is_the_users_own():
    def loss(x):
        return undefined_name * x  # noqa: F821

    with pytest.raises(NameError, match="undefined_name") as caught:
        dlfeval(loss, dlarray(1.0))
    assert lines_of(caught.value)[-1] == "return undefined_name * x  # noqa: F821"


def test_a_value_that_escaped_says_what_happened_and_what_to_do():
    escaped = []

    def loss(x):
        escaped.append(x * 2)
        return x

    jax.jit(lambda data: loss(dlarray(data))._data)(np.ones((1, 1), np.float32))
    for use in (lambda x: x + 1, float, bool, lambda x: x.item(), lambda x: x[0] > 0):
        with pytest.raises(StateError, match="kept after it returned") as caught:
            use(escaped[0])
        assert "Return it from the function" in str(caught.value)
