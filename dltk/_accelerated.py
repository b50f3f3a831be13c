"""`dlaccelerate`: a function that keeps its compiled programs, and tells how they are used.

`dlfeval` compiles by itself, so a port needs `dlaccelerate` only for more than that: a whole
training step, with `dlfeval` and the update function in it, becomes one program. Called by itself,
an accelerated function is compiled as a whole; called through `dlfeval` it is the function in
`dlfeval` that is; called by a function that is being compiled, it is a part of that one.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from . import _random
from ._code import in_users_terms, name_of, user_level
from ._errors import DltkWarning, OptionError, nearest
from ._program import Programs, identity
from ._tree import flatten
from .autodiff import as_values, dlfeval, inside_accelerated, may_compile, run_eagerly

CACHE_SIZE = 50
MOST_FUNCTIONS = 1024  # of which programs are kept


class AcceleratedFunction:
    """A function whose compiled programs are kept and counted; made by `dlaccelerate`.

    Call it like the function, or give it to `dlfeval`. A program is made for each structure, size,
    label and number type of the inputs, and for each value of what is neither array nor number.
    Unlike the original, it is never stale: whatever the function reads is an input
    (see `dlfeval`), random numbers are drawn anew in every call, edits of the code are noticed, and
    a function that cannot be compiled runs as it is, with a warning that names the line.

    Attributes:
        Function: The function itself; read-only.
        Enabled: False runs the function as it is, line by line.
        CacheSize: How many programs are kept, 50 by default; the one not used for longest goes.
        HitRate: Percentage of the calls that found a program; read-only.
        Occupancy: Percentage of the cache in use; read-only.
        CheckMode: "none", or "tolerance": run the function itself as well and warn where outputs
            differ.
        CheckTolerance: Largest difference that "tolerance" accepts, 1e-4 by default.

    Example:
        >>> from dltk import dlarray
        >>> double = dlaccelerate(lambda x: 2 * x)
        >>> [double(dlarray(x)).item() for x in (1.0, 2.0, 3.0, 4.0)]
        [2.0, 4.0, 6.0, 8.0]
        >>> double.HitRate, double.Occupancy
        (75.0, 2.0)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/acceleratedfunction.html
    """

    __slots__ = ("_check", "_enabled", "_function", "_programs", "_tolerance")

    def __init__(self, fun: Callable[..., Any]):
        self._function = fun
        self._programs = _programs_of(identity(fun))
        self._enabled, self._check, self._tolerance = True, "none", 1e-4

    @property
    def Function(self) -> Callable[..., Any]:
        """The function itself."""
        return self._function

    @property
    def Enabled(self) -> bool:
        """Whether programs are used."""
        return self._enabled

    @Enabled.setter
    def Enabled(self, value: Any) -> None:
        if value not in (True, False):
            raise OptionError("dlaccelerate: Enabled is True or False.", got={"Enabled": value})
        self._enabled = bool(value)

    @property
    def CacheSize(self) -> int:
        """How many programs are kept; all objects of one function share them."""
        return self._programs.most

    @CacheSize.setter
    def CacheSize(self, value: Any) -> None:
        if isinstance(value, bool) or not np.isscalar(value) or value < 1 or value != int(value):  # type: ignore[operator]
            raise OptionError(
                "dlaccelerate: CacheSize is a whole number from 1 on.", got={"CacheSize": value}
            )
        self._programs.most = int(value)  # type: ignore[arg-type]

    @property
    def HitRate(self) -> float:
        """Percentage of the calls that found a program."""
        calls = self._programs.calls
        return 100 * self._programs.hits / calls if calls else 0.0

    @property
    def Occupancy(self) -> float:
        """Percentage of the cache in use."""
        return 100 * len(self._programs) / self._programs.most

    @property
    def CheckMode(self) -> str:
        """Whether outputs are compared with those of the function itself."""
        return self._check

    @CheckMode.setter
    def CheckMode(self, value: Literal["none", "tolerance"]) -> None:
        if value not in ("none", "tolerance"):
            raise OptionError(
                f"dlaccelerate: {value!r} is not a CheckMode.",
                fix=nearest(value, ["none", "tolerance"]),
            )
        self._check = value

    @property
    def CheckTolerance(self) -> float:
        """Largest difference that CheckMode "tolerance" accepts."""
        return self._tolerance

    @CheckTolerance.setter
    def CheckTolerance(self, value: float) -> None:
        if not isinstance(value, (int, float)) or not value > 0:
            raise OptionError(
                "dlaccelerate: CheckTolerance is a positive number.", got={"CheckTolerance": value}
            )
        self._tolerance = float(value)

    def __repr__(self) -> str:
        rows = {
            "Function": name_of(self._function),
            "Enabled": int(self._enabled),
            "CacheSize": self.CacheSize,
            "HitRate": f"{self.HitRate:g}",
            "Occupancy": f"{self.Occupancy:g}",
            "CheckMode": repr(self._check),
            "CheckTolerance": f"{self._tolerance:.4e}",
        }
        lines = [f"{name:>18}: {value}" for name, value in rows.items()]
        return "  AcceleratedFunction with properties:\n\n" + "\n".join(lines)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The outputs of the function."""
        try:
            return self._evaluate(args, kwargs)
        except Exception as error:
            raise in_users_terms(error)  # noqa: B904  (it is the same error)

    def _evaluate(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if not may_compile():  # a part of something larger
            args, kwargs = as_values((args, kwargs))
            with inside_accelerated():
                return self._function(*args, **kwargs)
        return self._run(self._function, args, kwargs)

    def _dlfeval(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What ``dlfeval(accfun, ...)`` does where nothing larger is being compiled."""
        return self._run(functools.partial(dlfeval, self._function), args, kwargs)

    def _around(self, function: Callable[..., Any]) -> AcceleratedFunction:
        """The same for a function made anew."""
        made = object.__new__(AcceleratedFunction)
        for name in self.__slots__:
            setattr(made, name, getattr(self, name))
        made._function = function
        return made

    def _run(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if not self._enabled:
            return _as_it_is(function, args, kwargs)
        stream = _random.current()
        before = stream.key
        out = self._programs.call(function, args, kwargs)
        if self._check == "tolerance":
            after, stream.key = stream.key, before
            self._compare(out, _as_it_is(function, args, kwargs))
            stream.key = after
        return out

    def _compare(self, out: Any, expected: Any) -> None:
        """Warn if the outputs of the program differ from those of the function itself."""
        difference = _largest_difference(out, expected)
        if not difference <= self._tolerance:
            warnings.warn(
                f"dlaccelerate: outputs of the accelerated function {name_of(self._function)} "
                f"differ from those of the function itself by {difference:.3g}, "
                f"more than CheckTolerance = {self._tolerance:g}.",
                DltkWarning,
                stacklevel=user_level(),
            )


def dlaccelerate(fun: Callable[..., Any]) -> AcceleratedFunction:
    """A function whose compiled programs are kept and counted.

    `dlfeval` compiles every function by itself, so there is no need for ``dlaccelerate`` around a
    model loss function. Around a whole training step it makes one program of all, whose results
    take the memory of old ones that nobody holds any more:

    .. code-block:: python

        def trainStep(net, averageGrad, averageSqGrad, iteration, X, T):
            loss, gradients, net.State = dlfeval(modelLoss, net, X, T)
            net, averageGrad, averageSqGrad = adamupdate(
                net, gradients, averageGrad, averageSqGrad, iteration
            )
            return net, averageGrad, averageSqGrad, loss

        accfun = dlaccelerate(trainStep)

    Inside, `dlgradient` has ``EnableHigherDerivatives=True`` by default. Programs belong to the
    function, not to the object: a second ``dlaccelerate`` of the same function finds them.

    Args:
        fun: Any function of dlarrays, networks, containers of them, numbers and other values.

    Returns:
        An `AcceleratedFunction`, to be called like ``fun`` or given to `dlfeval`.

    Raises:
        OptionError: ``fun`` is not a function.

    Example:
        >>> from dltk import dlarray, dlgradient
        >>> def slope(x):
        ...     return dlgradient(x**3, x)
        >>> accfun = dlaccelerate(slope)
        >>> clearCache(accfun)
        >>> dlfeval(accfun, dlarray(2.0)).item()
        12.0

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlaccelerate.html
    """
    if isinstance(fun, AcceleratedFunction):
        return fun
    if not callable(fun):
        raise OptionError(
            f"dlaccelerate: the argument must be a function, not a {type(fun).__name__}.",
            fix="Call it as dlaccelerate(modelLoss), with the function's name only.",
        )
    return AcceleratedFunction(fun)


def clearCache(accfun: AcceleratedFunction) -> None:
    """Forget the programs of an accelerated function; HitRate and Occupancy become 0.

    Programs are never stale, so this only frees memory and starts the counts anew.

    Args:
        accfun: What `dlaccelerate` made.

    Raises:
        OptionError: Something else.

    Example:
        >>> from dltk import dlarray
        >>> accfun = dlaccelerate(lambda x: x + 1)
        >>> accfun(dlarray(1.0)).item(), accfun.Occupancy
        (2.0, 2.0)
        >>> clearCache(accfun)
        >>> accfun.Occupancy
        0.0

    Source:
        https://www.mathworks.com/help/deeplearning/ref/acceleratedfunction.clearcache.html
    """
    if not isinstance(accfun, AcceleratedFunction):
        raise OptionError(
            f"clearCache: the argument must be an AcceleratedFunction, not a "
            f"{type(accfun).__name__}.",
            fix="Call it as clearCache(accfun), where accfun = dlaccelerate(fun).",
        )
    accfun._programs.clear()


@functools.lru_cache(maxsize=MOST_FUNCTIONS)
def _programs_of(identity: Any) -> Programs:
    """The programs of a function; the cache belongs to it, not to the object."""
    programs = Programs(_trace, _as_it_is, who="dlaccelerate", by_size=True)
    programs.most = CACHE_SIZE
    return programs


def _trace(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    with inside_accelerated():
        return function(*args, **kwargs)


def _as_it_is(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run a function without a program; what it calls (`dlfeval`, say) may still compile."""
    with inside_accelerated(), _random.drawing_from(_random.generator.device):
        if isinstance(function, functools.partial) and function.func is dlfeval:
            return run_eagerly(function.args[0], args, kwargs)
        args, kwargs = as_values((args, kwargs))
        return function(*args, **kwargs)


def _largest_difference(a: Any, b: Any) -> float:
    """Over all numbers in two trees; infinite if they do not match."""
    ours, theirs = flatten(a), flatten(b)
    if ours[1] != theirs[1]:
        return np.inf
    worst = 0.0
    for x, y in zip(ours[0], theirs[0], strict=True):
        x, y = np.asarray(x), np.asarray(y)
        if x.shape != y.shape or (x.dtype.kind not in "biufc" and (x != y).any()):
            return np.inf
        if x.dtype.kind in "biufc" and x.size:
            apart = np.where((x == y) | ((x != x) & (y != y)), 0, abs(x * 1.0 - y))
            worst = max(worst, float(apart.max()))
    return worst
