"""Memory of the CPU that is used again instead of being fetched from the system anew.

XLA's programs ask the C library for the memory of their intermediate arrays in every call and give
it back afterwards. By default the GNU C library gives large pieces back to the system at once,
which has to clear new pages the next time: on virtual machines up to half of the time of an
iteration. So the library is told to keep up to 1 GB of what was given back. Measured on two cores:
a PINN's step takes 0.53 of the time, a transformer's 0.78, a small CNN's and an LSTM's 0.82;
hand-written JAX gains as much.

The setting is one of the whole process (NumPy's large arrays lie in the same memory, too), so
there is a switch, and who set the allocator himself keeps his settings. It comes with ``import
dltk``, because threads that XLA has started before would keep heaps of their own.
"""

from __future__ import annotations

import ctypes
import os
import sys

from ._switches import is_off

SWITCH = "DLTK_KEEP_MEMORY"  # "off"
MOST_BYTES = 1 << 30  # unused ones that are kept at the end of the heap

# numbers of settings in malloc.h
_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8


def keep_memory() -> None:
    """Have the C library keep memory for the next call, unless the user decided otherwise."""
    if sys.platform != "linux" or _is_decided():
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none
    if mallopt is not None:
        mallopt(_MMAP_MAX, 0)  # all pieces come from the heap
        mallopt(_TRIM_THRESHOLD, MOST_BYTES)
        mallopt(_ARENA_MAX, 1)  # one heap: those of threads cannot hold large pieces


def _is_decided() -> bool:
    return is_off(SWITCH) or any(
        name.startswith(("MALLOC_", "GLIBC_TUNABLES")) for name in os.environ
    )
