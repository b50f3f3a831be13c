"""Any pure JAX function as an operation on dlarrays: the door to everything written for JAX.

The function is traced once per call, to a JAX expression (``jax.make_jaxpr``). That expression, not
the function, is what is run, recorded and replayed; so it does not matter what the function's
surroundings become later, and what cannot be traced is an error at the place of the call, whether
compiled or not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MethodType
from typing import Any, overload

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import jaxpr_as_fun

from . import _labels as labels
from ._code import name_of
from ._errors import FormatError, OptionError, StateError, UnsupportedError
from ._numbers import ACCEPTED, COMPLEX_SINGLE, DOUBLE, SINGLE, Raw, common, convert
from .dlarray import apply, dlarray, relabel

UNTRACEABLE = (
    jax.errors.ConcretizationTypeError,
    jax.errors.TracerArrayConversionError,
    jax.errors.TracerIntegerConversionError,
    jax.errors.TracerBoolConversionError,
    jax.errors.NonConcreteBooleanIndexError,
)


@overload
def jaxfunction(f: Callable[..., Any], *, fmt: Any = None) -> Lifted: ...
@overload
def jaxfunction(f: None = None, *, fmt: Any = None) -> Callable[[Callable[..., Any]], Lifted]: ...
def jaxfunction(f: Any = None, *, fmt: str | Sequence[str] | None = None) -> Any:
    """Make a function of JAX arrays a function of dlarrays, with derivatives of any order.

    The dlarrays among the arguments (in structs, dicts, lists and tuples too) reach ``f`` as JAX
    arrays without labels, their dimensions in the order in which `size` shows them. All other
    arguments reach it as they are. Floating-point arguments are brought to their common type first
    (single wins over double), and a result is not more exact than they are.

    Can be used as a decorator, with or without ``fmt``.

    Args:
        f: A pure function, made of JAX operations, of arrays and anything else. It returns an array
            or any nest of arrays (tuple, list, dict, ...).
        fmt: Labels of the results, in the order in which the dimensions come out of ``f``: a string
            for all, or one for each; "" for none. Without it a result takes the labels of the first
            formatted argument if it has as many dimensions, and no labels otherwise.

    Returns:
        A function that takes the arguments of ``f`` and returns its results as dlarrays. Without
        any dlarray among the arguments it does what ``f`` does.

    Raises:
        OptionError: ``f`` is no function, or returns something that is no array.
        FormatError: ``fmt`` does not fit the results.
        UnsupportedError: ``f`` cannot be traced: it uses NumPy on its arguments, or branches on
            values.

    Example:
        >>> import jax
        >>> @jaxfunction
        ... def swish(x, *, beta=1.0):
        ...     return x * jax.nn.sigmoid(beta * x)
        >>> Y = swish(dlarray(np.zeros((3, 2)), "CB"), beta=2.0)
        >>> Y.dims, Y.shape
        ('CB', (3, 2))
        >>> norms = jaxfunction(lambda x: (abs(x).sum(0), abs(x).max(0)), fmt="B")
        >>> [Y.dims for Y in norms(dlarray(np.ones((3, 2)), "CB"))]
        ['BU', 'BU']
    """
    formats = _checked_formats(fmt)
    if f is None:
        return lambda function: Lifted(function, formats)
    return Lifted(f, formats)


class Lifted:
    """What `jaxfunction` returns."""

    def __init__(self, function: Callable[..., Any], formats: tuple[str, ...] | str | None):
        if not callable(function) or isinstance(function, dlarray):
            raise OptionError(
                f"jaxfunction: expected a function, got a {type(function).__name__}.",
                fix="Lift the function first and call the result: jaxfunction(f)(X).",
            )
        # plain attributes: dlfeval looks into them, and sees all that the function reads
        self.function = function
        self.formats = formats
        self.__name__ = getattr(function, "__name__", type(function).__name__)
        self.__doc__ = getattr(function, "__doc__", None)

    def __repr__(self) -> str:
        return f"jaxfunction({self.__name__})"

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function's results for these arguments, as dlarrays."""
        leaves, structure = jax.tree_util.tree_flatten(
            (args, kwargs), is_leaf=lambda x: isinstance(x, dlarray)
        )
        places = [i for i, leaf in enumerate(leaves) if isinstance(leaf, dlarray)]
        if not places:
            with jax.enable_x64(True):
                return self.function(*args, **kwargs)
        given = [leaves[i] for i in places]
        single = any_single(given)

        def on_values(*values: Raw) -> Any:
            filled = list(leaves)
            for place, value in zip(places, values, strict=True):
                filled[place] = seen(value, leaves[place].dims, single)
            positional, named = jax.tree_util.tree_unflatten(structure, filled)
            return self.function(*positional, **named)

        expression, nest = _traced(self.function, on_values, [x._data for x in given], single)
        ranks = [len(aval.shape) for aval in expression.out_avals]
        run, none = jaxpr_as_fun(expression), ("",) * len(ranks)
        try:
            results = apply("jaxfunction", lambda *v: tuple(run(*v)), given, none, mix=False)
        except StateError as error:
            if isinstance(error.__cause__, jax.errors.UnexpectedTracerError):
                raise _impure(self.function) from error
            raise
        pairs = zip(results, self._formats(ranks, given), strict=True)
        return jax.tree_util.tree_unflatten(nest, [relabel(Y, f) if f else Y for Y, f in pairs])

    def _formats(self, ranks: Sequence[int], given: Sequence[dlarray]) -> Sequence[str]:
        if self.formats is None:
            return like_first_formatted(ranks, given)
        formats = (self.formats,) * len(ranks) if isinstance(self.formats, str) else self.formats
        if len(formats) != len(ranks):
            raise FormatError(
                f"jaxfunction: {len(formats)} formats for {len(ranks)} results of {self.__name__}.",
                got={"fmt": ", ".join(f'"{f}"' for f in formats)},
                fix='Give one format for each result ("" for none), or one string for all.',
            )
        for number, (fmt, rank) in enumerate(zip(formats, ranks, strict=True), 1):
            if fmt and len(fmt) < rank:
                raise FormatError(
                    f"jaxfunction: result {number} of {self.__name__} has {rank} dimensions, its "
                    f"format {len(fmt)} label{'s' * (len(fmt) > 1)}.",
                    got={"fmt": f'"{fmt}"'},
                    fix="Give one label per dimension, in the order in which they come out of it.",
                )
        return formats


def _traced(
    function: Callable[..., Any], on_values: Callable[..., Any], values: Sequence[Raw], single: bool
) -> tuple[Any, Any]:
    """The JAX expression of a function with its results in a row, and the nest that they form."""
    name, nest = name_of(function), None

    def flat(*values: Raw) -> tuple[Raw, ...]:
        nonlocal nest
        leaves, nest = jax.tree_util.tree_flatten(
            on_values(*values), is_leaf=lambda x: x is None or isinstance(x, dlarray)
        )
        return tuple(_result(name, leaf, single) for leaf in leaves)

    try:
        with jax.enable_x64(True):
            return jax.make_jaxpr(flat)(*values), nest
    except UNTRACEABLE as error:
        raise UnsupportedError(
            f"jaxfunction: {name} needs the values of its arguments, which JAX does not know when "
            "it looks for the derivatives.",
            got={"JAX says": str(error).splitlines()[0]},
            fix="Use jax.numpy instead of numpy (and of float(), int()), and jnp.where or "
            "jax.lax.cond instead of a branch on a value.",
        ) from error
    except jax.errors.UnexpectedTracerError as error:
        raise _impure(function) from error


def _impure(function: Callable[..., Any]) -> UnsupportedError:
    return UnsupportedError(
        f"jaxfunction: {name_of(function)} is not pure: it uses a value kept from an earlier call.",
        fix="Let everything it needs come in as an argument and go out as a result.",
    )


def _result(name: str, value: Any, single: bool) -> Raw:
    """One result, in a type that a dlarray can hold."""
    if isinstance(value, dlarray):
        raise OptionError(
            f"jaxfunction: {name} returned a dlarray, so it read one besides its arguments.",
            fix="Pass every dlarray as an argument; inside, all of them are JAX arrays.",
        )
    if not isinstance(value, (jax.Array, np.ndarray, np.generic, bool, int, float, complex)):
        raise OptionError(
            f"jaxfunction: {name} returned a {type(value).__name__}, not an array.",
            fix="A lifted function returns an array, or a tuple, list or dict of arrays.",
        )
    return storable("jaxfunction", name, jnp.asarray(value), single)


def storable(who: str, name: str, value: Raw, single: bool) -> Raw:
    """A result in a type of dlarrays, no more exact than the arguments; integers as double."""
    dtype = np.dtype(value.dtype)
    if dtype in ACCEPTED:
        return at_most_single(value) if single else value
    if not jnp.issubdtype(dtype, jnp.number):
        raise OptionError(f"{who}: {name} returned an array of {dtype}, which holds no numbers.")
    return convert(value, SINGLE if jnp.issubdtype(dtype, jnp.floating) else DOUBLE)


def any_single(given: Sequence[dlarray]) -> bool:
    """Whether one of the inputs is single, so that MATLAB computes in single."""
    return any(x.dtype in (SINGLE, COMPLEX_SINGLE) for x in given)


def seen(value: Raw, fmt: str, single: bool) -> Raw:
    """A stored array as a JAX array in the order of `size`, in single if the inputs are mixed."""
    value = at_most_single(jnp.asarray(value)) if single else jnp.asarray(value)
    return value.transpose(labels.logical_axes(fmt)) if fmt else value


def at_most_single(value: Raw) -> Raw:
    """The value, in single if it is double."""
    if value.dtype.kind not in "fc":
        return value
    return convert(value, common([np.dtype(value.dtype), SINGLE]))


def like_first_formatted(ranks: Sequence[int], given: Sequence[Any]) -> list[str]:
    """For each result the labels of the first formatted input if it has as many dimensions."""
    first = next((x.dims for x in given if isinstance(x, dlarray) and x.dims), "")
    return [first if rank == len(first) else "" for rank in ranks]


def _checked_formats(fmt: Any) -> tuple[str, ...] | str | None:
    if fmt is None or isinstance(fmt, str):
        return fmt if fmt is None else labels.check(fmt, "jaxfunction")
    if isinstance(fmt, (list, tuple)) and all(isinstance(f, str) for f in fmt):
        return tuple(labels.check(f, "jaxfunction") for f in fmt)
    raise OptionError(
        f"jaxfunction: fmt must be a format, or a list of them, not {fmt!r}.",
        fix='For example fmt="CB", or fmt=("CB", "") for two results.',
    )
