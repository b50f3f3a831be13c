"""The labelled array, and the one gate through which every operation on it passes.

A `dlarray` is a JAX (or NumPy) array with a *format*: one letter per dimension, S spatial, C
channel, B batch, T time, U unspecified. Labels decide what an operation does (`softmax` runs over
C, `lstm` over T) and how two arrays line up (a ``"C"`` vector meets the channels of any image), so
code needs no transposes and no ``axis=``.

**What the user sees.** Dimensions stand in MATLAB's order: `dlarray` sorts them to S, C, B, T, U
when the array is made, and ``X.shape`` is what ``size(X)`` prints in MATLAB. A dlarray has at least
two dimensions; trailing singletons above the second do not exist without a label; a one-dimensional
NumPy array is a row. Subscripts are Python's (from 0, half-open); dimension *numbers* given to
MATLAB's functions are MATLAB's (from 1).

**How it lies in memory.** Formatted data lies in stored order (T, B, U, S, C), in which XLA needs
no transposes; `_labels` knows both orders. Unformatted data lies as it is seen.

**The gate.** Every operation is a pure function on raw stored arrays plus the format of its result,
and passes `apply`: unwrap, mix number types as MATLAB does, run, record on the derivative trace,
wrap. Operators, methods and NumPy's functions on a dlarray look their operation up in one table,
`implements`.

A dlarray is a JAX pytree (its data is the child, the format is static).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from . import _indexing as indexing
from . import _labels as labels
from ._display import show_values
from ._errors import FormatError, OptionError, StateError, UnsupportedError
from ._listener import listener
from ._numbers import NAMES, Raw, common, convert, is_known, raw
from ._tape import Variable, is_live, record

_numpy: dict[Callable[..., Any], Callable[..., Any]] = {}


def implements(*numpy_functions: Callable[..., Any]) -> Callable[[Any], Any]:
    """Make a function what operators, methods and ``numpy_functions`` do with a dlarray."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        for numpy_function in numpy_functions:
            assert numpy_function not in _numpy, f"{numpy_function} is implemented twice"
            _numpy[numpy_function] = function
        return function

    return register


class dlarray:
    """Array with labelled dimensions for custom training loops.

    Args:
        X: Numbers of type single, double or logical (real or complex): a NumPy array (which is
            copied) or JAX array, a number, nested lists (which are double, as MATLAB's literals
            are), or a dlarray.
        fmt: One label per dimension of ``X``, in the order of its dimensions: "S" spatial, "C"
            channel, "B" batch, "T" time, "U" unspecified; C, B and T at most once. Labels beyond
            the dimensions of ``X`` describe trailing dimensions of size 1. A vector may have a
            single label and becomes a column. Without ``fmt``, an unformatted array; a dlarray
            keeps the labels that it has. For a formatted ``X`` the labels are read against its
            dimensions as they stand.

    Raises:
        FormatError: A letter that is no label, a second C, B or T, or fewer labels than dimensions.
        OptionError: Data that is not single, double or logical.

    Example:
        >>> X = dlarray(np.zeros((28, 28, 128, 3), np.float32), "SSBC")
        >>> X.dims, X.shape
        ('SSCB', (28, 28, 3, 128))
        >>> dlarray([1.0, 2.0, 3.0], "C") + dlarray(np.ones((3, 2)), "CB")
          3(C) × 2(B) dlarray
        <BLANKLINE>
             2     2
             3     3
             4     4

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.html
    """

    __slots__ = ("__weakref__", "_data", "_fmt", "_variable")
    __array_priority__ = 1000
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, X: Any, fmt: str | None = None):
        if isinstance(X, dlarray):
            made = X if fmt is None else relabel(X, str(fmt))
            self._data, self._fmt, self._variable = made._data, made._fmt, made._variable
            return
        data = raw(np.zeros((0, 0)) if isinstance(X, list) and not X else X)
        self._variable: Variable | None = None
        shape, self._fmt, axes = _laid_out(data.shape, fmt or "")
        if shape != data.shape:
            data = data.reshape(shape)
        if axes is not None:
            data = data.transpose(axes)
        # a value: later changes of the caller's own array do not show; and it lies in stored order
        self._data: Raw = np.array(data, order="C") if isinstance(X, np.ndarray) else data

    # What it is

    @property
    def dims(self) -> str:
        """The labels in the order in which the dimensions stand, "" without labels."""
        return self._fmt

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes in MATLAB's order."""
        return labels.to_logical(self._fmt, self._data.shape)

    @property
    def ndim(self) -> int:
        """Number of dimensions (labels)."""
        return self._data.ndim

    @property
    def size(self) -> int:
        """Number of elements, as for a NumPy array (the function `size` gives the sizes)."""
        return math.prod(self._data.shape)

    @property
    def dtype(self) -> np.dtype:
        """NumPy's name of the number type."""
        return np.dtype(self._data.dtype)

    @property
    def T(self) -> dlarray:
        """Transpose of an unformatted matrix."""
        return _numpy[np.transpose](self)

    def __reduce__(self) -> Any:
        return wrap, (np.asarray(self._data), self._fmt)  # JAX would unpickle double as single

    def is_ready(self) -> bool:
        """Whether the values are computed, so that reading them would not wait."""
        return not hasattr(self._data, "is_ready") or self._data.is_ready()

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        kind = NAMES[self.dtype]
        shown = labels.show(self.shape, self._fmt)
        header = f"  {shown} {'' if kind == 'double' else kind + ' '}dlarray"
        if not is_known(self._data):
            return f"{header} (values are not known while dlfeval compiles)"
        return f"{header}\n\n{show_values(np.asarray(logical(self)))}"

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else repr(self)

    # Its values, for Python

    def item(self) -> Any:
        """The value of a scalar as a Python number."""
        return self._scalar("item").item()

    def _scalar(self, who: str) -> Raw:
        if self.size != 1:
            raise OptionError(
                f"{who}: a dlarray with {self.size} elements is not a scalar.",
                got={"array": labels.show(self.shape, self._fmt)},
                fix='Reduce it first, for example with sum(X, "all") or all(X, "all").',
            )
        try:
            return self._data.reshape(())
        except jax.errors.UnexpectedTracerError as error:
            raise leaked() from error

    def __bool__(self) -> bool:
        return bool(self._scalar("bool"))

    def __float__(self) -> float:
        return float(self._scalar("float"))

    def __int__(self) -> int:
        return int(self._scalar("int"))

    def __complex__(self) -> complex:
        return complex(self._scalar("complex"))

    def __index__(self) -> int:
        value = self._scalar("index")
        if float(value) != int(value):
            raise IndexError(f"dlarray: a subscript is a whole number, not {float(value)}.")
        return int(value)

    def __iter__(self) -> Iterator[dlarray]:
        if sum(n != 1 for n in self.shape) > 1:
            raise OptionError(
                "dlarray: only a vector can be unpacked or iterated over.",
                got={"array": labels.show(self.shape, self._fmt)},
                fix="Use subscripts, such as X[:, k]. If you meant several outputs of a function, "
                "ask for them: Y, state = forward(net, X, nargout=2).",
            )
        return (self[k] for k in range(self.size))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if is_live(self._variable):
            raise StateError(
                "dlarray: a traced dlarray went into a function that is not dltk's; its derivative "
                "would be lost.",
                got={"array": labels.show(self.shape, self._fmt)},
                fix="Use dltk's function of that name, or extractdata(X) to do without derivative.",
            )
        return np.asarray(logical(self), dtype=dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or options or ufunc not in _numpy:
            raise _no_numpy(ufunc, method if method != "__call__" else "")
        return _numpy[ufunc](*inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function not in _numpy:
            raise _no_numpy(function)
        return _numpy[function](*args, **kwargs)

    # Subscripts

    def __getitem__(self, key: Any) -> Any:
        subscripts = _subscripts(key, self.ndim)
        if len(subscripts) >= self.ndim:
            return _select(self, subscripts)
        return _select_merged(self, subscripts)

    def __setitem__(self, key: Any, value: Any) -> None:
        subscripts = _subscripts(key, self.ndim)
        if isinstance(value, list) and not value:
            del self[key]
            return
        made = _assign(self, subscripts, value)
        self._data, self._fmt, self._variable = made._data, made._fmt, made._variable

    def __delitem__(self, key: Any) -> None:
        made = _delete(self, _subscripts(key, self.ndim))
        self._data, self._fmt, self._variable = made._data, made._fmt, made._variable

    # Operators: each looks its operation up under NumPy's name

    def __add__(self, other: Any) -> dlarray:
        return _operate(np.add, self, other)

    def __radd__(self, other: Any) -> dlarray:
        return _operate(np.add, other, self)

    def __sub__(self, other: Any) -> dlarray:
        return _operate(np.subtract, self, other)

    def __rsub__(self, other: Any) -> dlarray:
        return _operate(np.subtract, other, self)

    def __mul__(self, other: Any) -> dlarray:
        return _operate(np.multiply, self, other)

    def __rmul__(self, other: Any) -> dlarray:
        return _operate(np.multiply, other, self)

    def __truediv__(self, other: Any) -> dlarray:
        return _operate(np.divide, self, other)

    def __rtruediv__(self, other: Any) -> dlarray:
        return _operate(np.divide, other, self)

    def __pow__(self, other: Any) -> dlarray:
        return _operate(np.power, self, other)

    def __rpow__(self, other: Any) -> dlarray:
        return _operate(np.power, other, self)

    def __mod__(self, other: Any) -> dlarray:
        return _operate(np.mod, self, other)

    def __rmod__(self, other: Any) -> dlarray:
        return _operate(np.mod, other, self)

    def __matmul__(self, other: Any) -> dlarray:
        return _operate(np.matmul, self, other)

    def __rmatmul__(self, other: Any) -> dlarray:
        return _operate(np.matmul, other, self)

    def __neg__(self) -> dlarray:
        return _numpy[np.negative](self)

    def __pos__(self) -> dlarray:
        return _numpy[np.positive](self)

    def __abs__(self) -> dlarray:
        return _numpy[np.abs](self)

    def __invert__(self) -> dlarray:
        return _numpy[np.logical_not](self)

    def __and__(self, other: Any) -> dlarray:
        return _operate(np.logical_and, self, other)

    def __rand__(self, other: Any) -> dlarray:
        return _operate(np.logical_and, other, self)

    def __or__(self, other: Any) -> dlarray:
        return _operate(np.logical_or, self, other)

    def __ror__(self, other: Any) -> dlarray:
        return _operate(np.logical_or, other, self)

    def __xor__(self, other: Any) -> dlarray:
        return _operate(np.logical_xor, self, other)

    def __rxor__(self, other: Any) -> dlarray:
        return _operate(np.logical_xor, other, self)

    def __eq__(self, other: Any) -> Any:  # type: ignore[override]
        return _operate(np.equal, self, other)

    def __ne__(self, other: Any) -> Any:  # type: ignore[override]
        return _operate(np.not_equal, self, other)

    def __lt__(self, other: Any) -> dlarray:
        return _operate(np.less, self, other)

    def __le__(self, other: Any) -> dlarray:
        return _operate(np.less_equal, self, other)

    def __gt__(self, other: Any) -> dlarray:
        return _operate(np.greater, self, other)

    def __ge__(self, other: Any) -> dlarray:
        return _operate(np.greater_equal, self, other)

    # Methods that NumPy's users expect; axis counts from 0 as theirs does

    def sum(self, axis: Any = None) -> dlarray:
        """Sum over ``axis`` (all elements without it); a summed dimension stays, with size 1."""
        return _numpy[np.sum](self, axis=axis)

    def mean(self, axis: Any = None) -> dlarray:
        """Mean over ``axis`` (all elements without it)."""
        return _numpy[np.mean](self, axis=axis)

    def max(self, axis: Any = None) -> dlarray:
        """Largest element along ``axis`` (of all without it)."""
        return _numpy[np.max](self, axis=axis)

    def min(self, axis: Any = None) -> dlarray:
        """Smallest element along ``axis`` (of all without it)."""
        return _numpy[np.min](self, axis=axis)


def _operate(operation: Callable[..., Any], *operands: Any) -> Any:
    """An operator: NotImplemented for an operand that is no number, so that Python asks it."""
    for operand in operands:
        if operand is None or isinstance(operand, (str, dict, set)):
            return NotImplemented
    return _numpy[operation](*operands)


def _no_numpy(function: Any, method: str = "") -> Exception:
    name = f"{getattr(function, '__name__', function)}{'.' + method if method else ''}"
    return UnsupportedError(
        f"numpy.{name}: dltk has no such operation on a dlarray (or not with these arguments).",
        fix="Use a dltk function, or extractdata(X) if no derivative is wanted.",
    )


# The gate


def apply(
    name: str,
    function: Callable[..., Any],
    inputs: Sequence[Any],
    fmt: str | tuple[str, ...],
    *,
    mix: bool = True,
) -> Any:
    """Run one operation: the only way from dlarrays to dlarrays.

    Args:
        name: The public name, for errors and `debug.tracecalls`.
        function: Pure function from raw arrays (stored order) to one raw array or a tuple.
        inputs: Its inputs: dlarrays, or plain numbers and arrays (which lie as they are seen).
        fmt: Format of the output, or a tuple of formats for a tuple of outputs.
        mix: Convert all inputs to their common type first (single wins over double).
    """
    values = tuple(x._data if isinstance(x, dlarray) else raw(x, name) for x in inputs)
    variables = [x._variable if isinstance(x, dlarray) else None for x in inputs]
    if mix:
        dtype = common(np.dtype(v.dtype) for v in values)
        if any(v.dtype != dtype for v in values):
            function = _mixed(function, dtype)
    try:
        with jax.enable_x64(True):
            out, variable = record(name, function, values, variables)
    except jax.errors.UnexpectedTracerError as error:
        raise leaked() from error
    single = isinstance(fmt, str)
    pairs = ((out, fmt),) if single else zip(out, fmt, strict=True)
    results = tuple(wrap(o, f, variable(i)) for i, (o, f) in enumerate(pairs))
    who = listener()
    if who is not None:
        who.operation(name, inputs, results)
    return _normal(results[0]) if single else tuple(map(_normal, results))


def _mixed(function: Callable[..., Any], dtype: np.dtype) -> Callable[..., Any]:
    return lambda *values: function(*(convert(v, dtype) for v in values))


def leaked() -> StateError:
    """What to say when a value of a compiled dlfeval is used after it."""
    return StateError(
        "dlarray: this value was made inside a compiled dlfeval and kept after it returned.",
        fix="Return it from the function instead of keeping it in a list, global or attribute.",
    )


def wrap(data: Raw, fmt: str, variable: Variable | None = None) -> dlarray:
    """A dlarray around data in stored order."""
    made = object.__new__(dlarray)
    made._data, made._fmt, made._variable = data, fmt, variable
    return made


TRIM = "trim"  # the name of what `apply` itself does to a result


def _normal(X: dlarray) -> dlarray:
    """``X`` without trailing singleton U dimensions, and with at least two dimensions."""
    fmt, shape = X._fmt, X.shape
    wanted = labels.trimmed_shape(fmt, shape)
    if wanted == shape:
        return X
    kept = fmt[: len(wanted)]
    stored = labels.to_stored(kept, wanted)
    return apply(TRIM, lambda x: x.reshape(stored), [X], kept, mix=False)


def logical(X: dlarray) -> Raw:
    """The raw data in the order in which the user sees it (for known data a NumPy array)."""
    data = np.asarray(X._data) if is_known(X._data) else X._data
    return data.transpose(labels.logical_axes(X._fmt)) if X._fmt else data


def unformatted(X: dlarray, name: str = "stripdims") -> dlarray:
    """The same values as an unformatted dlarray, still traced."""
    if not X._fmt:
        return X
    axes = labels.logical_axes(X._fmt)
    return apply(name, lambda x: x.transpose(axes), [X], "", mix=False)


# Construction and labels


@functools.lru_cache(maxsize=4096)
def _laid_out(
    shape: tuple[int, ...], fmt: str
) -> tuple[tuple[int, ...], str, tuple[int, ...] | None]:
    """How data with these labels is laid out.

    Returns the shape to give it, the sorted format without trailing singletons, and how to
    transpose it then into stored order (None: it lies so).
    """
    shape = labels.trimmed_shape("", shape)
    if not labels.check(fmt):
        return shape, "", None
    if len(fmt) == 1:
        if sum(n != 1 for n in shape) > 1:
            raise _too_few(fmt, shape)
        fmt, shape = fmt + "U", (math.prod(shape), 1)
    if len(fmt) < len(shape):
        raise _too_few(fmt, shape)
    shape = shape + (1,) * (len(fmt) - len(shape))
    fmt_sorted, axes = labels.arrange(fmt)
    kept = labels.trim(fmt_sorted, tuple(shape[a] for a in axes))
    # dropped dimensions are singletons, so the reshape may come before the transposition
    stored = tuple(axes[a] for a in labels.stored_axes(kept))
    alive = sorted(stored)
    turned = tuple(alive.index(a) for a in stored)
    lies_so = turned == tuple(range(len(turned)))
    return tuple(shape[a] for a in alive), kept, None if lies_so else turned


def _too_few(fmt: str, shape: Sequence[int]) -> FormatError:
    return FormatError(
        f"dlarray: {len(fmt)} label{'s' * (len(fmt) > 1)} for {len(shape)} dimensions.",
        got={"X": labels.show(shape), "format": f'"{fmt}"'},
        fix=f"Give one label per dimension: {labels.MEANING}.",
    )


def relabel(X: dlarray, fmt: str) -> dlarray:
    """``dlarray(X, fmt)`` of a dlarray: new labels for the dimensions as they stand."""
    plain = unformatted(X, "dlarray")
    shape, kept, axes = _laid_out(plain.shape, fmt)
    if not kept:
        return plain

    def moved(x: Raw) -> Raw:
        x = x.reshape(shape)
        return x if axes is None else x.transpose(axes)

    return apply("dlarray", moved, [plain], kept, mix=False)


def dims(X: Any) -> str:
    """Labels of a dlarray (or network data layout), in the order of its dimensions.

    Args:
        X: A dlarray, a network data layout, or anything else (which has no labels).

    Returns:
        One letter per dimension; "" for an unformatted array.

    Example:
        >>> dims(dlarray(np.zeros((3, 4)), "TS"))
        'ST'

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.dims.html
    """
    fmt = getattr(X, "dims", None)
    return fmt if isinstance(fmt, str) else getattr(X, "Format", "")


def finddim(X: Any, label: str) -> np.ndarray:
    """Numbers (from 1) of the dimensions with a label.

    Args:
        X: A dlarray or network data layout.
        label: One letter.

    Returns:
        The dimension numbers as a vector, empty if no dimension has the label.

    Example:
        >>> X = dlarray(np.zeros((5, 4, 3, 2)), "TSSU")
        >>> finddim(X, "S"), finddim(X, "T")
        (array([1, 2]), array([3]))

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.finddim.html
    """
    if not isinstance(label, str) or len(label) != 1:
        raise OptionError(f"finddim: expected one label, got {label!r}.", fix='For example "C".')
    return np.array(labels.find(dims(X), labels.check(label, "finddim")), dtype=np.int64) + 1


def stripdims(X: Any, fmt: str | None = None) -> Any:
    """The same values without labels; still traced.

    Args:
        X: A dlarray; anything else is returned as it is.
        fmt: Labels in the order in which the dimensions shall come out, such as "BSC"; a label that
            ``X`` lacks gives a dimension of size 1. Without it the dimensions stay where they are.

    Returns:
        An unformatted dlarray.

    Raises:
        FormatError: ``fmt`` misses a label of ``X``.

    Example:
        >>> X = dlarray(np.zeros((4, 3, 2)), "SCB")
        >>> stripdims(X).shape, stripdims(X, "BSC").shape
        ((4, 3, 2), (2, 4, 3))

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.stripdims.html
    """
    if not isinstance(X, dlarray):
        return X
    if fmt is None or not X._fmt:
        return unformatted(X)
    wanted, axes = labels.arrange(labels.check(fmt, "stripdims"))
    if labels.union(wanted, X._fmt) != wanted:
        raise FormatError(
            f'stripdims: "{fmt}" does not name all labels of X.',
            got={"X": labels.show(X.shape, X._fmt)},
            fix="Name every label of X once per dimension, in the order you want.",
        )
    sizes = [1] * len(wanted)
    for n, place in zip(X.shape, labels.slots(X._fmt, wanted), strict=True):
        sizes[place] = n
    order = tuple(axes.index(axis) for axis in range(len(axes)))
    back = labels.logical_axes(X._fmt)
    return apply(
        "stripdims",
        lambda x: x.transpose(back).reshape(sizes).transpose(order),
        [X],
        "",
        mix=False,
    )


def extractdata(X: Any) -> Any:
    """The values of a dlarray as a NumPy array, without derivative trace.

    Args:
        X: A dlarray; anything else is returned as it is.

    Returns: A NumPy array of the same number type, dimensions in the order in which ``X`` shows
        them. While `dlfeval` compiles a function the values are not known yet: there the result is
        a JAX array.

    Example:
        >>> extractdata(dlarray([[1.0, 2.0, 3.0]], "BC"))
        array([[1.],
               [2.],
               [3.]])

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.extractdata.html
    """
    return logical(X) if isinstance(X, dlarray) else X


def isdlarray(X: Any) -> bool:
    """Whether ``X`` is a dlarray.

    Example:
        >>> isdlarray(dlarray(1)), isdlarray(1)
        (True, False)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/isdlarray.html
    """
    return isinstance(X, dlarray)


# Subscripts, on the gate


def _subscripts(key: Any, ndim: int) -> tuple[Any, ...]:
    """A key as a tuple; subscripts that are dlarrays carry no derivative."""
    given = indexing.expand(key, ndim)
    return tuple(logical(s) if isinstance(s, dlarray) else s for s in given)


def _select(X: dlarray, subscripts: tuple[Any, ...]) -> dlarray:
    """As many subscripts as dimensions: every dimension and label stays."""
    sizes = X.shape + (1,) * (len(subscripts) - X.ndim)
    chosen = [
        indexing.resolve(s, n, i) for i, (s, n) in enumerate(zip(subscripts, sizes, strict=True))
    ]
    fmt = X._fmt + "U" * (len(subscripts) - X.ndim) if X._fmt else ""
    shape = labels.to_stored(fmt, sizes)
    axes = labels.logical_axes(fmt) if fmt else range(len(sizes))
    return apply(
        "subscript",
        lambda x: indexing.select(x.reshape(shape), chosen, axes),
        [X],
        fmt,
        mix=False,
    )


def _select_merged(X: dlarray, subscripts: tuple[Any, ...]) -> dlarray:
    """Fewer subscripts than dimensions: the last runs over the merged rest; no labels."""
    plain = unformatted(X, "subscript")
    shape = indexing.merged(plain.shape, len(subscripts))
    chosen = [
        indexing.resolve(s, n, i) for i, (s, n) in enumerate(zip(subscripts, shape, strict=True))
    ]
    result = [indexing.count(c) for c in chosen]
    if len(chosen) == 1:
        result = _vector_shape(plain.shape, subscripts[0], result[0])

    def select(x: Raw) -> Raw:
        flat = jnp.reshape(x, shape, order="F")
        return indexing.select(flat, chosen, range(len(chosen))).reshape(result, order="F")

    return apply("subscript", select, [plain], "", mix=False)


def _vector_shape(shape: tuple[int, ...], subscript: Any, count: int) -> tuple[int, ...]:
    """Sizes of X(k): a column for a colon; as X lies if X and k are vectors; else those of k.

    Slices and lists are rows, and so are the places that a logical row selects; other logical
    arrays select a column.
    """
    if isinstance(subscript, slice) and subscript == slice(None):
        return (count, 1)
    key = (1, count)
    if not isinstance(subscript, slice):
        places = subscript if hasattr(subscript, "shape") else np.asarray(subscript)
        key = labels.trimmed_shape("", places.shape)
        if places.dtype == bool:
            key = (1, count) if len(key) == 2 and key[0] == 1 else (count, 1)
    if len(shape) == 2 and 1 in shape and shape != (1, 1) and len(key) == 2 and 1 in key:
        return (1, count) if shape[0] == 1 else (count, 1)
    return key


def _assign(X: dlarray, subscripts: tuple[Any, ...], value: Any) -> dlarray:
    """``X`` after X(i1, ..., in) = value; grows with zeros, labels of the value do not count."""
    right = unformatted(value) if isinstance(value, dlarray) else raw(value, "dlarray")
    if len(subscripts) < X.ndim:
        return _assign_merged(X, subscripts, right)
    sizes = X.shape + (1,) * (len(subscripts) - X.ndim)
    chosen = [
        indexing.resolve(s, n, i, grow=True)
        for i, (s, n) in enumerate(zip(subscripts, sizes, strict=True))
    ]
    target = indexing.grown(sizes, chosen)
    wanted = [indexing.count(c) for c in chosen]
    shape = indexing.fit(right.shape, wanted)
    fmt = X._fmt + "U" * (len(subscripts) - X.ndim) if X._fmt else ""
    back = labels.logical_axes(X._fmt) if X._fmt else tuple(range(X.ndim))
    forth = labels.stored_axes(fmt) if fmt else tuple(range(len(target)))
    dtype = X.dtype

    def assign(x: Raw, r: Raw) -> Raw:
        x = x.transpose(back).reshape(sizes)
        x = jnp.pad(x, [(0, after - n) for n, after in zip(sizes, target, strict=True)])
        return indexing.put(x, convert(r, dtype).reshape(shape), chosen).transpose(forth)

    return apply("subscripted assignment", assign, [X, right], fmt, mix=False)


def _assign_merged(X: dlarray, subscripts: tuple[Any, ...], right: Any) -> dlarray:
    """Assignment with fewer subscripts than dimensions (no growing, except of a vector)."""
    shape, fmt, dtype = X.shape, X._fmt, X.dtype
    mask = subscripts[0]
    masked = np.dtype(getattr(mask, "dtype", float)).kind == "b"
    if (
        len(subscripts) == 1
        and masked
        and tuple(mask.shape) == shape
        and math.prod(right.shape) == 1
    ):
        return _assign_masked(X, mask, right)
    if len(subscripts) == 1 and shape == (0, 0):
        shape = (1, 0)  # an empty array grows as a row
    vector = len(subscripts) == 1 and len(shape) == 2 and 1 in shape
    merged = indexing.merged(shape, len(subscripts))
    chosen = [
        indexing.resolve(s, n, i, grow=vector)
        for i, (s, n) in enumerate(zip(subscripts, merged, strict=True))
    ]
    target = indexing.grown(merged, chosen)
    if vector and target != merged:
        shape = (1, *target) if shape[0] == 1 else (*target, 1)
    wanted = [indexing.count(c) for c in chosen]
    same_count = len(wanted) == 1 and math.prod(right.shape) == wanted[0]
    right_shape = tuple(wanted) if same_count else indexing.fit(right.shape, wanted)
    back = labels.logical_axes(fmt) if fmt else tuple(range(X.ndim))
    forth = labels.stored_axes(fmt) if fmt else tuple(range(X.ndim))

    def assign(x: Raw, r: Raw) -> Raw:
        flat = jnp.reshape(x.transpose(back), merged, order="F")
        flat = jnp.pad(flat, [(0, b - a) for a, b in zip(merged, target, strict=True)])
        r = jnp.reshape(convert(r, dtype), right_shape, order="F")
        return jnp.reshape(indexing.put(flat, r, chosen), shape, order="F").transpose(forth)

    return apply("subscripted assignment", assign, [X, right], fmt, mix=False)


def _assign_masked(X: dlarray, mask: Any, right: Any) -> dlarray:
    """X(mask) = scalar: no need to know the mask, so it compiles."""
    forth = labels.stored_axes(X._fmt) if X._fmt else tuple(range(X.ndim))
    shape, dtype = X.shape, X.dtype

    def assign(x: Raw, m: Raw, r: Raw) -> Raw:
        return jnp.where(m.reshape(shape).transpose(forth), convert(r, dtype).reshape(()), x)

    return apply("subscripted assignment", assign, [X, mask, right], X._fmt, mix=False)


def _delete(X: dlarray, subscripts: tuple[Any, ...]) -> dlarray:
    """``X`` after X(i1, ..., in) = []: all but one subscript must select everything."""
    target = X if len(subscripts) >= X.ndim else unformatted(X)
    sizes = target.shape
    if len(subscripts) < target.ndim:
        sizes = indexing.merged(sizes, len(subscripts))
    sizes = sizes + (1,) * (len(subscripts) - len(sizes))
    chosen = [
        indexing.resolve(s, n, i) for i, (s, n) in enumerate(zip(subscripts, sizes, strict=True))
    ]
    places = [set(np.asarray(indexing.positions(c)).tolist()) for c in chosen]
    partial = [i for i, (p, n) in enumerate(zip(places, sizes, strict=True)) if len(p) != n]
    if len(partial) > 1:
        raise OptionError(
            "dlarray: only whole rows, columns or pages can be deleted.",
            got={"array": labels.show(X.shape, X._fmt)},
            fix="All subscripts but one must be a colon.",
        )
    axis = partial[0] if partial else 0
    rest = np.array([k for k in range(sizes[axis]) if k not in places[axis]], dtype=np.int64)
    keep = tuple(rest if i == axis else slice(None) for i in range(len(subscripts)))
    return target[keep]


# Its pytree


def _flatten(X: dlarray) -> tuple[tuple[Raw], str]:
    if is_live(X._variable):
        raise StateError(
            "dlarray: a traced dlarray went into a JAX function; its derivative would be lost.",
            got={"array": labels.show(X.shape, X._fmt)},
            fix="Use dltk's functions (dlupdate instead of jax.tree.map), or lift the JAX function "
            "with jaxfunction.",
        )
    return (X._data,), X._fmt


def _unflatten(fmt: str, children: Iterable[Any]) -> dlarray:
    (data,) = children
    return wrap(data, fmt)


jax.tree_util.register_pytree_with_keys(
    dlarray,
    lambda X: (((jax.tree_util.GetAttrKey("data"), _flatten(X)[0][0]),), X._fmt),
    _unflatten,
    _flatten,
)
