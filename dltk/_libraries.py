"""Which code from outside the user's own files a compiled function may contain.

*Pure* packages compute: what they return depends on what they are given. *Impure* ones show
something, read a clock or a file, or draw random numbers of their own; a compiled program would do
that once, while it is made. Packages that stand in neither list are read like the user's own code.
"""

from __future__ import annotations

import builtins
import functools
import sys
from types import FunctionType, ModuleType
from typing import Any

from ._code import is_library_file, is_library_module, package_of


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


PURE = _set(
    "abc bisect builtins cmath collections colorsys contextlib copy copyreg dataclasses decimal "
    "enum fractions functools heapq itertools json keyword math numbers operator re statistics "
    "string struct textwrap types typing _abc _bisect _collections _collections_abc _functools "
    "_heapq _operator _sre _statistics _struct __future__ "
    "dltk jax jaxlib jaxtyping ml_dtypes numpy opt_einsum scipy "
    "array_api_compat chex einops equinox flax haiku optax typing_extensions"
)
IMPURE_PACKAGES = _set(
    "IPython PIL cv2 dask h5py imageio ipywidgets matplotlib mlflow mpl_toolkits pandas plotly "
    "polars pyarrow requests rich seaborn sklearn tensorboardX tensorflow torch tqdm wandb"
)
WATCHED = (print, input, open, breakpoint)  # may be named; a call of them is noticed
IMPURE_PARTS = _set(
    "numpy.random numpy.lib.npyio scipy.io scipy.datasets jax.profiler dltk.monitor "
    "dltk.data._verbs dltk.data._minibatchqueue dltk.data._datastore dltk.data._prefetch "
    "dltk.data._array_datastore dltk.data._combine dltk.data._transform"
)
IMPURE_NAMES = {
    "builtins": _set(
        "print input open eval exec compile globals locals breakpoint id __import__ help exit quit"
    ),
    "numpy": _set("random load save savez savez_compressed loadtxt savetxt genfromtxt fromfile"),
    "scipy": _set("io rvs random_state datasets"),
    "dltk": _set("hasdata next read reset preview shuffle trainingProgressMonitor"),
}


@functools.lru_cache(maxsize=16384)
def standing(module: str, filename: str | None) -> str:
    """Whether code of a module is "own" (read like the user's), "pure" or "impure".

    The file decides, as decorators copy the module's name from the function that they wrap.

    >>> standing("numpy.linalg", None), standing("numpy.random", None), standing("time", None)
    ('pure', 'impure', 'impure')
    """
    if filename is not None and not is_library_file(filename):
        return "own"
    top = module.partition(".")[0] if filename is None else package_of(filename)
    if any(module == part or module.startswith(part + ".") for part in IMPURE_PARTS):
        return "impure"
    if top in PURE:
        return "pure"
    return "impure" if top in sys.stdlib_module_names or top in IMPURE_PACKAGES else "own"


def module_standing(module: ModuleType) -> str:
    """The standing of a module's code."""
    if not is_library_module(module):
        return "own"
    return standing(module.__name__, None)


def function_standing(function: FunctionType) -> str:
    """The standing of a function's code."""
    module = str(function.__module__)
    found = standing(module, function.__code__.co_filename)
    if found == "pure" and is_impure_name(module, function.__name__):
        return "impure"
    return found


_classes: dict[type, str] = {}


def class_standing(kind: type) -> str:
    """The standing of a class."""
    found = _classes.get(kind)
    if found is None:
        if len(_classes) > 4096:  # classes made in a loop
            _classes.clear()
        module = sys.modules.get(kind.__module__)
        found = "own" if module is None else module_standing(module)
        if found == "pure" and is_impure_name(kind.__module__, kind.__name__):
            found = "impure"
        _classes[kind] = found
    return found


def is_impure_name(module: str, name: str) -> bool:
    """Whether a function of a pure package is an exception."""
    return name in IMPURE_NAMES.get(module.partition(".")[0], ())


def impure_attribute(module: str, names: frozenset[str]) -> str | None:
    """The first name by which code reaches an exception in a pure package."""
    refused = IMPURE_NAMES.get(module.partition(".")[0], frozenset())
    return min(refused & names, default=None)


def is_impure_builtin(value: Any) -> bool:
    """Whether a function written in C depends on more than its arguments."""
    owner = getattr(value, "__self__", None)
    if owner is not None and not isinstance(owner, (ModuleType, type, str, bytes)):
        return True  # a method of an object: list.append, RandomState.rand
    name = getattr(value, "__name__", "")
    if value is getattr(builtins, name, None):
        return name in IMPURE_NAMES["builtins"]
    module = getattr(value, "__module__", None)
    if module is None:
        kind = owner if isinstance(owner, type) else getattr(value, "__objclass__", type(value))
        module = kind.__module__
    return standing(module, None) != "pure" or is_impure_name(module, name)
