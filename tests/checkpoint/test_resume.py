"""A training that was interrupted and resumed computes what one without interruption computes."""

import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import jax
import numpy as np
import pytest

from dltk import extractdata

from .training import train

ROOT = pathlib.Path(__file__).parent.parent.parent
KILLS, LONG = 3, 60  # interruptions of a training of so many iterations


def numbers(result):
    """All that a training ends with, as arrays."""
    net, averages, monitor, generator = result
    found = {f"{a}/{b}": extractdata(v) for t in (net.Learnables, net.State) for a, b, v in t}
    for i, average in enumerate(averages):
        found |= {f"average {i} {a}/{b}": extractdata(v) for a, b, v in average}
    found["losses"] = monitor.MetricData.Loss
    found["epochs"] = np.asarray(monitor.InfoData.Epoch, float)
    found["random numbers"] = generator.State
    return found


def assert_same_bits(got, wanted):
    assert got.keys() == wanted.keys()
    for name, value in wanted.items():
        assert got[name].dtype == value.dtype, name
        assert got[name].tobytes() == value.tobytes(), name


@pytest.fixture(autouse=True, scope="module")
def compiled_fast():
    """Compiling takes most of the time here, and speed does not matter."""
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", False)


@pytest.mark.parametrize(
    ("how", "preprocessing", "stops"),
    [
        ("compiled", "serial", (9,)),  # within an epoch of 6 mini-batches
        ("compiled", "background", (12,)),  # at its end
        ("accelerated", "background", (9,)),
        ("eager", "serial", (2, 9, 12)),
        ("eager", "background", (2, 9, 12)),
    ],
)
def test_a_resumed_training_has_the_bits_of_one_without_interruption(
    tmp_path, how, preprocessing, stops
):
    options = {"how": how, "preprocessing": preprocessing}
    wanted = numbers(train(tmp_path / "whole", every=100, **options))
    for until in stops:
        train(tmp_path / "parts", until=until, every=100, **options)
    assert_same_bits(numbers(train(tmp_path / "parts", every=100, **options)), wanted)


@pytest.mark.long
def test_a_training_killed_at_any_moment_ends_with_the_same_bits(tmp_path):
    folder = tmp_path / "killed"
    moments = random.Random(11)
    endings = []
    for _ in range(KILLS):
        before = latest(folder)
        run = trained_elsewhere(folder)
        while latest(folder) == before and run.poll() is None:
            time.sleep(0.002)
        time.sleep(moments.uniform(0, 0.05))  # some iterations, each of which saves
        run.kill()
        endings.append(run.wait())
    assert -signal.SIGKILL in endings  # a fast machine may come to the end in the last run
    assert trained_elsewhere(folder).wait(timeout=300) == 0
    options = {"preprocessing": "background", "until": LONG}
    wanted = numbers(train(tmp_path / "whole", every=100, **options))
    assert_same_bits(numbers(train(folder, **options)), wanted)
    assert not list(folder.glob(".*"))  # nothing is left of files that were being written


def trained_elsewhere(folder):
    """A process that trains."""
    settings = {
        "DLTK_COMPILATION_CACHE": str(folder.parent / "programs"),
        "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",
    }
    command = [sys.executable, "-m", "tests.checkpoint.training", folder, str(LONG)]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings})


def latest(folder):
    """The last checkpoint that is there."""
    return max((path.name for path in folder.glob("checkpoint_*")), default=None)
