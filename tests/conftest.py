"""Settings and fixtures that every test shares."""

import jax
import pytest

jax.config.update("jax_numpy_rank_promotion", "raise")


@pytest.fixture(autouse=True)
def seeded():
    """Every test starts from MATLAB's start-up seed."""
    from dltk._random import generator

    generator.seed(0)
