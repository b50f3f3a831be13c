"""findnan names the operation, the line, the entry, in the forward pass and on the way back."""

import numpy as np
import pytest

from dltk import (
    adamupdate,
    debug,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    exp,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    functionLayer,
    log,
    mean,
    sqrt,
    struct,
    sum,
)


def test_forward_the_first_operation_its_line_and_entry_are_named(capsys):
    def loss(X):
        Y = log(X)
        return sum(Y * 2, "all")

    result = debug.findnan(loss, dlarray(np.array([[1.0, 2.0, 3.0], [4.0, -1.0, 5.0]]), "CB"))
    assert not result
    assert (result.first.kind, result.first.operation, result.first.during) == (
        "NaN",
        "log",
        "forward",
    )
    assert result.first.line.endswith("Y = log(X)")
    assert (result.first.entry, result.first.count, result.first.size) == ((1, 1), 1, 6)
    out = capsys.readouterr().out
    assert out.startswith("NaN first appears in log.\n")
    assert "operand 1: 2(C) × 3(B), from -1 to 5" in out
    assert out.endswith("Not finite: output 1.\n")


def test_a_gradient_that_is_not_finite_is_traced_to_its_operation():
    def loss(x):
        y = sum(sqrt(x), "all")
        return y, dlgradient(y, x)

    result = debug.findnan(loss, dlarray([4.0, 0.0]))
    (only,) = result.origins
    assert (only.kind, only.operation, only.during) == ("Inf", "sqrt", "gradient")
    assert only.entry == (0, 1)
    assert only.line.endswith('y = sum(sqrt(x), "all")')
    assert result.results == ("output 2",)


def test_a_mask_does_not_hide_nan_on_the_way_back():
    def loss(x):
        y = sum((x > 0) * sqrt(x), "all")
        return y, dlgradient(y, x)

    result = debug.findnan(loss, dlarray([4.0, 0.0]))
    assert [(o.kind, o.operation) for o in result.origins] == [("NaN", "sqrt")]


def test_without_a_gradient_that_of_the_loss_is_looked_at():
    result = debug.findnan(lambda p: sum(sqrt(p["w"]), "all"), {"w": dlarray(0.0)})
    assert result.first.during == "gradient"
    assert result.results == ()
    assert "All outputs are finite." in str(result)


def test_derivatives_that_are_differentiated_again_are_looked_into():
    def loss(p, x):
        u = sqrt(p.w * x)
        slope = dlgradient(sum(u, "all"), x, EnableHigherDerivatives=True)
        value = mean(slope**2, "all")
        return value, dlgradient(value, p)

    first = debug.findnan(loss, struct(w=dlarray(2.0)), dlarray([0.0, 1.0])).first
    assert (first.operation, first.during) == ("sqrt", "gradient")
    assert first.line.endswith("u = sqrt(p.w * x)")


def test_the_layer_is_named():
    grow = functionLayer(exp, Formattable=True, Name="grow")
    net = dlnetwork([featureInputLayer(2), grow, fullyConnectedLayer(1)])

    def loss(net, X):
        return sum(forward(net, X), "all")

    first = debug.findnan(loss, net, dlarray(np.full((2, 3), 100, np.float32), "CB")).first
    assert (first.kind, first.layer, first.operation) == ("Inf", "grow", "exp")


@pytest.mark.parametrize(
    ("x", "captured", "place"),
    [
        (np.nan, 1.0, 'the input "x"'),
        (1.0, np.inf, "an operand of times"),
    ],
)
def test_values_that_came_in_are_told_from_those_that_were_made(x, captured, place):
    result = debug.findnan(lambda x: x * captured, dlarray(x))
    assert result.first.place == place


def test_what_no_operation_made_is_found_among_the_outputs():
    result = debug.findnan(lambda x: (x, np.array([1.0, np.nan])), dlarray(1.0))
    assert result.first.place == 'the output "output 2"'


def test_an_update_that_blows_up_is_found():
    def step(w):
        loss, gradient = dlfeval(lambda w: (w**2, dlgradient(w**2, w)), w)
        w, *_ = adamupdate(w, gradient, [], [], 1, np.inf)
        return w, loss

    result = debug.findnan(step, dlarray(1.0))
    assert result.first.operation == "adamupdate"


def test_what_was_found_before_an_error_is_printed(capsys):
    def loss(x):
        y = log(x)
        raise ValueError(f"my own check: {y.item()}")

    with pytest.raises(ValueError, match="my own check: nan"):
        debug.findnan(loss, dlarray(-1.0))
    assert "NaN first appears in log." in capsys.readouterr().out
