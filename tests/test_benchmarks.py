"""The benchmarks compare like with like: all variants of a workload train the same model.

Hand-written JAX is the witness: after three steps the others have its losses, and dltk also its
parameters.
"""

import functools
import pathlib
import sys

import jax
import numpy as np
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "benchmarks"))

import loop
import peers
from peers.goals import Goal
from peers.workloads import TABLE, workload

TOLERANCE = 2e-6  # of float32 losses and parameters of size 1, after three steps
WITNESS = "JAX two calls"
OWN = [
    (name, variant)
    for name in TABLE
    for variant in ("dltk", "dltk laplacian", "dltk accelerated", "JAX one call")
    if peers.offered(variant, workload(name, "shallow"))
]
PEERS = [v for v in peers.VARIANTS if not v.startswith(("dltk", "JAX"))]


def named(value):
    """The name of a test's case."""
    return value.replace(" ", "-")


@pytest.fixture(autouse=True, scope="module")
def compiled_fast():
    """Compiling takes most of the time here, and speed does not matter."""
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", False)


@functools.cache
def trained(variant, name):
    """Losses of three steps, and the run after them."""
    with jax.numpy_rank_promotion("allow"):  # as the peers' users have it
        run, losses = peers.start(variant, workload(name, "shallow")), []
        for _ in range(3):
            run.step()
            run.wait()
            losses.append(run.loss())
    return losses, run


def assert_same_losses(variant, name):
    wanted, _ = trained(WITNESS, name)
    np.testing.assert_allclose(trained(variant, name)[0], wanted, rtol=TOLERANCE)
    assert wanted[2] < wanted[1] < wanted[0]


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in TABLE if name != "function"])
@pytest.mark.parametrize("peer", PEERS, ids=named)
def test_peers_have_the_losses_of_jax_by_hand(name, peer):
    if not peers.installed(peer):
        pytest.skip(f"{peer} is not installed")
    assert_same_losses(peer, name)


@pytest.mark.parametrize(("name", "variant"), OWN, ids=named)
def test_dltk_has_losses_and_parameters_of_jax_by_hand(name, variant):
    assert_same_losses(variant, name)
    given = workload(name, "shallow")
    wanted, values = (trained(v, name)[1].values() for v in (WITNESS, variant))
    assert values.keys() == wanted.keys() == given.values.keys()
    for layer, parameters in wanted.items():
        for key, value in parameters.items():
            if (layer, key) not in given.still:
                message = f"{layer}, {key}"
                got = values[layer][key]
                np.testing.assert_allclose(got, value, atol=TOLERANCE, rtol=0, err_msg=message)


def test_full_sizes_are_those_of_the_titles():
    mlp, cnn, text = (workload(name) for name in ("mlp", "cnn", "transformer"))
    assert [p["W"].shape for p in mlp.values.values()] == [(784, 512), (512, 512), (512, 10)]
    assert cnn.values["fc"]["W"].shape == (7 * 7 * 20, 10)
    assert text.batch["X"].shape == (16, 128)


def test_a_goal_says_by_how_much_it_was_missed():
    assert "MISSED" in str(Goal("a to b", 1.1, 1.05))
    assert "by +0.050" in str(Goal("a to b", 1.1, 1.05))
    assert not Goal("a ahead of b", 1.0, 1.0, strict=True).reached
    assert Goal("a near b", 1.0, 1.0).reached


def test_time_inside_programs_is_the_union_of_their_intervals():
    intervals = [(5, 6), (0, 2), (1, 3), (1, 2), (9, 20), (-5, -1)]
    assert loop.covered(intervals, 0, 10) == 3 + 1 + 1
    assert loop.covered([], 0, 10) == 0
