"""compare: the compiled function against the same line by line."""

import subprocess
import sys

import numpy as np
import pytest

from dltk import DltkWarning, abs, debug, dlarray, dlgradient, exp, mean, rand, sqrt, struct
from dltk.debug._difference import difference
from tests.users import environment


def by_cancellation(p, X):
    variance = mean(X**2, 2) - mean(X, 2) ** 2
    Z = (X - mean(X, 2)) / sqrt(abs(variance) + 1e-6)
    loss = mean((p.scale * Z) ** 2, "all")
    return loss, dlgradient(loss, p)


def stably(p, X):
    Z = (X - mean(X, 2)) / sqrt(mean((X - mean(X, 2)) ** 2, 2) + 1e-6)
    loss = mean((p.scale * Z) ** 2, "all")
    return loss, dlgradient(loss, p)


DATA = dlarray(np.float32(1000 + np.random.RandomState(0).rand(3, 500)))


def test_sensitivity_to_rounding_is_found(capsys):
    p = struct(scale=dlarray(np.float32(1)))
    result = debug.compare(by_cancellation, p, DATA)
    assert not result
    assert result.first.name == "output 1"
    assert 'Compiled and line by line differ: "output 1" differs' in capsys.readouterr().out
    assert debug.compare(stably, p, DATA)


def test_the_operation_that_rounds_otherwise_is_named():
    code = "from tests.debug.test_compare import *; import dltk; "
    code += "r = debug.compare(by_cancellation, struct(scale=dlarray(np.float32(1))), DATA); "
    code += "print(r.line)"
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=True)
    out = done.stdout
    assert "The first operation that differs is minus" in out
    assert out.rstrip().endswith("variance = mean(X**2, 2) - mean(X, 2) ** 2")


def test_random_numbers_are_the_same_in_both():
    result = debug.compare(lambda X: X * rand(3, 500), DATA)
    assert result
    assert result.compiled


def test_the_tolerance_can_be_chosen():
    result = debug.compare(lambda X: exp(X / 100), DATA, tolerance=0)
    assert result.outputs[0].tolerance == 0


def test_rounding_of_larger_numbers_beside_is_no_difference():
    zero, noise = (
        np.float32([0]),
        np.float32([3e-8]),
    )  # such as the gradient of a bias before softmax
    assert difference("g", noise, zero)
    assert not difference("g", noise, zero, beside=0.1)
    assert difference("g", np.float32([1e-6]), zero, beside=0.1)
    assert difference("g", np.float64([1e-8]), np.float64([0]), beside=0.1)


def test_a_function_that_changes_by_itself_is_told_from_one_that_rounds():
    class Counter:
        count = 0

    def model(X):
        Counter.count += 1
        return X * Counter.count

    with pytest.warns(DltkWarning, match="runs without compiling"):
        result = debug.compare(model, dlarray(1.0))
    assert not result
    assert not result.compiled
    assert "it changes by itself" in result.summary
