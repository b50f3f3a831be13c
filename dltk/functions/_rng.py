"""`rng`: the seed and state of all random numbers."""

from __future__ import annotations

import secrets
from typing import Any

import numpy as np

from .. import _random
from .._errors import OptionError, StateError, nearest
from .._struct import isfield, struct
from ._dimensions import whole

WORDS = ("default", "shuffle")
KEY = 624  # words of the Mersenne Twister
LENGTH = KEY + 6  # its position, the spare normal number (3 words), the device key (2 words)


def rng(*seed: Any, nargout: int | None = None) -> Any:
    """Set or read the seed of all random numbers: `rand`, `randn`, shuffling, dropout.

    Args:
        *seed: A whole number from 0 on; "default" (the start-up state, seed 0); "shuffle" (a new
            seed each time); or a state that an earlier call returned. A second argument "twister"
            is accepted. Without arguments, only read.
        nargout: 1 returns the state before the call, 0 nothing. By default 1 without arguments,
            else 0.

    Returns:
        A struct with the fields Type, Seed and State, or None.

    Raises:
        OptionError: Not one of the above.
        StateError: Inside `dlfeval`, where the generator is a part of the compiled function.

    Example:
        >>> from dltk.functions._draw import rand
        >>> rng(5)
        >>> s = rng()
        >>> a = rand(1, 3)
        >>> rng(s)
        >>> bool((rand(1, 3) == a).all())
        True

    Source:
        https://www.mathworks.com/help/matlab/ref/rng.html
    """
    before = _read()
    if seed:
        if _random.inside():
            raise StateError(
                "rng: the generator cannot be set inside dlfeval.", fix="Call rng before dlfeval."
            )
        _set(seed[0], seed[1:])
    return before if (nargout if nargout is not None else not seed) else None


def _set(value: Any, generators: tuple[Any, ...]) -> None:
    if any(g != "twister" for g in generators):
        raise OptionError(
            f"rng: generator {generators[0]!r} is not available.", fix='Use "twister".'
        )
    if isinstance(value, struct):
        _restore(value)
    elif isinstance(value, str):
        if value not in WORDS:
            raise OptionError(f'rng: "{value}" is not an option.', fix=nearest(value, WORDS))
        _random.generator.seed(0 if value == "default" else secrets.randbits(31))
    else:
        number = whole("rng", value, "the seed")
        if not 0 <= number < 2**32:
            raise OptionError(
                "rng: the seed must lie between 0 and 2^32 - 1.", got={"seed": number}
            )
        _random.generator.seed(number)


def _read() -> struct:
    state = _random.generator.state()
    _, key, position, has_spare, spare = state["host"]
    tail = np.array([spare], np.float64).view(np.uint32)
    words = [key, [position, has_spare], tail, state["device"]]
    vector = np.concatenate([np.asarray(w, np.uint32) for w in words])
    return struct(Type="twister", Seed=_random.generator.number, State=vector)


def _restore(s: struct) -> None:
    if not (isfield(s, "Seed") and isfield(s, "State")) or np.size(s.State) != LENGTH:
        raise OptionError(
            "rng: this is not a state of the generator.",
            got={"given": repr(s)[:60]},
            fix="Give a struct that rng() returned.",
        )
    words = np.ravel(s.State).astype(np.uint32)
    position, has_spare = (int(w) for w in words[KEY : KEY + 2])
    spare = float(words[KEY + 2 : KEY + 4].view(np.float64)[0])
    host = ("MT19937", words[:KEY], position, has_spare, spare)
    _random.generator.restore(int(s.Seed), {"host": host, "device": words[KEY + 4 :]})
