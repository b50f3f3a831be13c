"""What the built-in layers share: names, parameters with first values, how a layer is printed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import NAMES, raw
from ..dlarray import dlarray
from ..functions._options import number
from ..functions._shape import reshape
from ._initializers import Initializer, initial
from ._layer import Layer
from ._layout import networkDataLayout


class BuiltinLayer(Layer):
    """Base of the layers that come with dltk.

    They take and return formatted dlarrays. `initialize` returns a copy; the layer itself is never
    changed.
    """

    Formattable = True
    Type: ClassVar[str] = ""  # what the layer is, for people

    def __init_subclass__(cls, **options: Any):
        object.__init_subclass__(**options)  # names of parameters are plain names here

    def __init__(self, Name: str = "", **ports: Any):
        super().__init__(Name=_text(self.kind, Name), **ports)

    if TYPE_CHECKING:  # so that layers may name their inputs

        def initialize(self, *args: Any, **kwargs: Any) -> Any: ...
        def predict(self, *args: Any, **kwargs: Any) -> Any: ...
        def forward(self, *args: Any, **kwargs: Any) -> Any: ...

    def describe(self) -> str:
        """A line for `summary` and `analyzeNetwork`."""
        return self.Description or self._line()

    def _line(self) -> str:
        return self.Type or self.kind

    def _value(
        self,
        name: str,
        size: Sequence[int],
        initializer: Initializer,
        fan_in: float = 1,
        fan_out: float = 1,
    ) -> Any:
        """A parameter's value: the one that the user gave, or its first one."""
        given = getattr(self, name)
        who = f"{self.kind}: {name}"
        if is_empty(given):
            return initial(who, initializer, size, fan_in, fan_out)
        return fitted(self.kind, name, given, size)

    def __repr__(self) -> str:
        shown = {k: v for k, v in vars(self).items() if k not in _HIDDEN and not k.startswith("_")}
        own = [*self.learnables, *(s for s in self.states if s not in self.absent)]
        plain = {
            name: value
            for name, value in shown.items()
            if name not in own and name not in self.absent and not name.endswith(_QUIET)
        }
        groups = [("", plain)]
        for title, names in (("Learnable", self.learnables), ("State", self.states)):
            held = {name: getattr(self, name) for name in names if name in own}
            if held:
                groups.append((f"   {title} Parameters", held))
        width = max(len(name) for _, group in groups for name in group) + 4
        lines = [f"  {self.kind} with properties:"]
        for title, group in groups:
            lines += ["", *([title] if title else [])]
            lines += [f"{name:>{width}}: {show_option(value)}" for name, value in group.items()]
        return "\n".join(lines)


_HIDDEN = ("Description", "NumInputs", "InputNames", "NumOutputs", "OutputNames", "factors")
_QUIET = ("LearnRateFactor", "L2Factor", "Initializer")


def _text(kind: str, name: Any) -> str:
    if not isinstance(name, str):
        raise OptionError(
            f"{kind}: Name must be text, not {name!r}.", fix='For example Name="fc1".'
        )
    return name


def is_empty(value: Any) -> bool:
    """Whether a parameter or option is not given: None or MATLAB's ``[]``.

    >>> is_empty(None), is_empty([]), is_empty(0)
    (True, True, False)
    """
    return value is None or (not isinstance(value, dlarray) and np.size(value) == 0)


def fitted(kind: str, name: str, given: Any, size: Sequence[int]) -> Any:
    """A value that the user gave for a parameter, in the size that it must have.

    A vector may lie along any dimension.
    """
    value = given if isinstance(given, dlarray) else raw(given, kind)
    if isinstance(value, dlarray) and value.dims:
        raise FormatError(
            f"{kind}: {name} must not have labels.",
            got={name: labels.show(value.shape, value.dims)},
            fix=f"Remove them: stripdims({name}).",
        )
    wanted, shape = (labels.trimmed_shape("", s) for s in (tuple(size), value.shape))
    if shape == wanted:
        return value if isinstance(value, dlarray) else value.reshape(tuple(size))
    vector = all(sum(n != 1 for n in s) <= 1 for s in (wanted, shape))
    if not vector or math.prod(shape) != math.prod(wanted):
        raise FormatError(
            f"{kind}: {name} has the wrong size.",
            got={name: labels.show(shape), "expected": labels.show(wanted)},
            fix=f"Leave {name} out for a first value of the right size.",
        )
    return reshape(value, size) if isinstance(value, dlarray) else value.reshape(tuple(size))


def factor(kind: str, name: str, value: Any) -> Any:
    """A factor of a learning rate or of an L2 penalty: a scalar, 0 or larger."""
    return number(kind, name, value, least=0)


def channels(kind: str, layout: networkDataLayout, given: Any = "auto", name: str = "") -> int:
    """The number of channels of the input, which must be known, and ``given`` if that is a number.

    >>> channels("reluLayer", networkDataLayout([28, 28, 3], "SSC"))
    3
    """
    count = layout.of("C")
    if "C" not in layout.Format or math.isnan(count):
        raise FormatError(
            f'{kind}: the input must have a "C" dimension of known size.',
            got={"input": repr(layout)},
            fix='Label the data, such as dlarray(X, "SSCB"), or fix the size of the input layer.',
        )
    if given != "auto" and given != count:
        raise FormatError(
            f"{kind}: {name} is {given}, the input has {count} channel{'s' * (count != 1)}.",
            got={"input": repr(layout)},
            fix=f'Leave {name} at "auto", or make it {count}.',
        )
    return int(count)


def auto_or_count(kind: str, name: str, value: Any) -> Any:
    """A positive whole number, or "auto"."""
    if isinstance(value, str) and value == "auto":
        return value
    if isinstance(value, str) or np.size(value) != 1 or value != int(value) or value < 1:
        raise OptionError(
            f'{kind}: {name} must be a positive whole number or "auto".', got={name: repr(value)}
        )
    return int(value)


def flag(kind: str, name: str, value: Any) -> bool:
    """A logical option (0 and 1 will do)."""
    if isinstance(value, (bool, np.bool_, int, float)) and value in (0, 1):
        return bool(value)
    raise OptionError(f"{kind}: {name} must be True or False.", got={name: repr(value)})


def show_option(value: Any) -> str:
    """A property as MATLAB prints it.

    >>> show_option((5, 5)), show_option("same"), show_option(np.zeros((3, 4), np.float32))
    ('[5 5]', "'same'", '[3×4 single]')
    """
    if value is None or (isinstance(value, (tuple, list)) and len(value) == 0):
        return "[]"
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, (tuple, list)) and np.ndim(value) == 2:
        return f"[{'; '.join(show_option(row)[1:-1] for row in value)}]"
    if isinstance(value, (tuple, list)):
        return f"[{' '.join(_number(n) for n in value)}]"
    if hasattr(value, "shape") and math.prod(value.shape) != 1:
        kind = NAMES.get(np.dtype(value.dtype), str(value.dtype))
        return f"[{labels.show(value.shape)} {kind}{' dlarray' * isinstance(value, dlarray)}]"
    if hasattr(value, "Learnables"):
        return f"[1×1 {type(value).__name__}]"
    if callable(value) and not isinstance(value, dlarray):
        return f"@{getattr(value, '__name__', type(value).__name__)}"
    return str(value.item()) if hasattr(value, "item") else str(value)


def _number(n: Any) -> str:
    return "NaN" if n != n else f"{n:g}" if isinstance(n, float) else str(n)


def bracket(sizes: Sequence[float]) -> str:
    """Sizes joined as in "5×5".

    >>> bracket((5, 5, 1))
    '5×5×1'
    """
    return "×".join(_number(n) for n in sizes)
