"""profile: calls, sizes and flops that are known, times that are positive."""

import numpy as np
import pytest

from dltk import DltkWarning, OptionError, debug, dlarray, dlgradient, mean, struct, sum, tanh

P = struct(W=dlarray(np.ones((40, 30))))
X = dlarray(np.ones((30, 20)))


def modelLoss(p, X):
    H = tanh(p.W @ X)
    loss = mean(H**2, "all")
    return loss, dlgradient(loss, p)


def test_sizes_flops_and_times_of_every_operation(capsys):
    result = debug.profile(modelLoss, P, X, repetitions=1)
    cost = {c.operation: c for c in result.operations}
    assert set(cost) == {"mtimes", "tanh", "power", "mean"}
    assert cost["mtimes"].flops == 2 * 40 * 30 * 20
    assert cost["mtimes"].result == cost["tanh"].result == 8 * 40 * 20
    assert cost["mtimes"].kept == 0  # W and X are there anyway
    assert cost["tanh"].kept > 0
    assert all(c.forward > 0 and c.backward > 0 and c.calls == 1 for c in result.operations)
    seconds = [c.seconds for c in result.operations]
    assert seconds == sorted(seconds, reverse=True)
    assert result.program.seconds > 0
    assert result.program.flops >= 2 * (2 * 40 * 30 * 20)  # forward, and back to W
    out = capsys.readouterr().out
    assert "Compiled as one program" in out
    assert "compiled and run by itself" in out


def test_calls_from_one_line_are_one_row():
    def model(p):
        for _ in range(3):
            p = p * 2
        return sum(p, "all")

    times, _ = sorted(debug.profile(model, X, repetitions=1).operations, key=lambda c: -c.calls)
    assert (times.operation, times.calls, times.result) == ("times", 3, 3 * 8 * 30 * 20)


def test_a_derivative_that_is_differentiated_again_is_an_operation():
    def loss(x):
        slope = dlgradient(sum(x**3, "all"), x, EnableHigherDerivatives=True)
        value = sum(slope, "all")
        return value, dlgradient(value, x)

    cost = {c.operation: c for c in debug.profile(loss, X, repetitions=1).operations}
    assert cost["dlgradient"].calls == 1
    assert cost["dlgradient"].backward > 0
    assert cost["power"].backward == 0  # it is a part of dlgradient


def test_a_function_that_is_not_compiled_has_no_program():
    def model(x):
        return x * 2 if x.item() > 0 else x

    with pytest.warns(DltkWarning, match="runs without compiling"):
        result = debug.profile(model, dlarray(1.0), repetitions=1)
    assert result.program is None
    assert "dlfeval does not compile this function" in str(result)


@pytest.mark.parametrize("repetitions", [0, 1.5, True])
def test_wrong_repetitions_are_refused(repetitions):
    with pytest.raises(OptionError, match="repetitions must be a positive whole number"):
        debug.profile(modelLoss, P, X, repetitions=repetitions)
