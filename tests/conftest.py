"""Settings and fixtures that every test shares."""

import os

# Compiling takes most of the time of the tests, and making machine code fast most of that: without
# it the suite takes half the time. The examples (test_examples.py) run as users run them.
FLAGS = "--xla_cpu_use_fusion_emitters=false --xla_backend_optimization_level=0"
os.environ.setdefault("XLA_FLAGS", FLAGS)  # before JAX is imported
os.environ["DLTK_COMPILATION_CACHE"] = "off"  # every run compiles anew

import jax
import pytest

jax.config.update("jax_numpy_rank_promotion", "raise")


@pytest.fixture(autouse=True)
def seeded():
    """Every test starts from MATLAB's start-up seed."""
    from dltk._random import generator

    generator.seed(0)


@pytest.fixture(autouse=True, scope="module")
def freed():
    """Programs compiled by one file are of no use to the next; together they fill the memory."""
    yield
    jax.clear_caches()
