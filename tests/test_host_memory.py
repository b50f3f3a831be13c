"""Memory of the CPU is used again: the system hands out few new pages after the first calls."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import resource, numpy as np
from dltk import dlarray, dlfeval, dlgradient, extractdata, sum, tanh

def loss(W, x):
    return dlgradient(sum(tanh(W @ tanh(W @ x)), "all"), W)

W, x = dlarray(np.eye(20, dtype=np.float32)), dlarray(np.ones((20, 200000), np.float32))
def steps(count):
    for _ in range(count):
        extractdata(dlfeval(loss, W, x))
steps(20)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
steps(10)
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / 10)
"""


def new_pages(**environment):
    """Pages from the system in an iteration that needs several arrays of 4000 pages."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("DLTK", "MALLOC", "GLIBC"))}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT],
        capture_output=True,
        text=True,
        env={**env, **environment},
    )
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


@pytest.mark.skipif(
    sys.platform != "linux" or "glibc" not in os.confstr("CS_GNU_LIBC_VERSION").lower(),
    reason="the GNU C library only",
)
def test_memory_is_kept_unless_switched_off():
    kept = new_pages()
    off = new_pages(DLTK_KEEP_MEMORY="off")
    users = new_pages(MALLOC_TRIM_THRESHOLD_="1000")
    assert kept < 2000
    assert off > 10000
    assert users > 10000
