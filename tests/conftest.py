"""Settings and fixtures that every test shares."""

import os

import jax
import pytest

os.environ["DLTK_COMPILATION_CACHE"] = "off"  # every run compiles anew
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
