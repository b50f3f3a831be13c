"""The generator: seeds, both streams, fresh keys."""

import threading

import jax
import numpy as np
import pytest

from dltk import StateError, _random
from dltk._random import Generator, Stream, draw, drawing_from, generator


def test_a_seed_gives_the_key_that_jax_makes_of_it():
    for seed in (0, 5, 2**31, 2**32 - 1):
        with jax.enable_x64(True):
            expected = jax.random.key_data(jax.random.key(seed, impl="threefry2x32"))
        np.testing.assert_array_equal(Generator(seed).device.key, expected)


def test_seed_0_is_the_stream_matlab_starts_with():
    """rand(1,2) in a fresh MATLAB: 0.8147 0.9058."""
    np.testing.assert_allclose(Generator(0).host.random_sample(2), [0.8147, 0.9058], atol=5e-5)


def test_every_draw_is_a_fresh_key():
    drawn = [tuple(np.asarray(draw()).tolist()) for _ in range(50)]
    assert len(set(drawn)) == 50


def test_draws_are_the_second_halves_of_repeated_splits():
    key = jax.random.wrap_key_data(np.asarray(Generator(0).device.key), impl="threefry2x32")
    for _ in range(3):
        key, fresh = jax.random.split(key)
        np.testing.assert_array_equal(draw(), jax.random.key_data(fresh))


def test_a_state_brings_both_streams_back():
    state = generator.state()
    first = np.asarray(draw()).tolist(), _random.host().random_sample()
    generator.restore(generator.number, state)
    assert (np.asarray(draw()).tolist(), _random.host().random_sample()) == first


def test_inside_another_stream_the_generator_stays():
    before = np.asarray(generator.device.key).tolist()
    stream = Stream(np.array([1, 2], np.uint32))
    assert not _random.inside()
    with drawing_from(stream):
        assert _random.inside()
        draw()
    assert np.asarray(generator.device.key).tolist() == before
    assert stream.drawn
    assert np.asarray(stream.key).tolist() != [1, 2]


def test_threads_never_get_the_same_key():
    drawn = []

    def work():
        drawn.extend(tuple(np.asarray(draw()).tolist()) for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(drawn)) == 200


def test_a_stream_of_another_thread_is_not_seen():
    seen = []
    with drawing_from(Stream(np.array([1, 2], np.uint32))):
        thread = threading.Thread(target=lambda: seen.append(_random.inside()))
        thread.start()
        thread.join()
    assert seen == [False]


def test_inside_jax_jit_of_the_users_the_generator_is_not_damaged():
    with pytest.raises(StateError, match="JAX transformation of your own"):
        jax.jit(lambda x: draw())(1.0)
    assert np.asarray(draw()).shape == (2,)
