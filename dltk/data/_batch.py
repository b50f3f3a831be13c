"""From observations to a mini-batch: preprocess, then convert each output."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from .._errors import DltkWarning, OptionError
from ._categorical import categorical
from ._collate import arrange, stack
from ._outputs import Output
from ._reading import Columns


class BatchMaker:
    """Turns columns of observations into the outputs of a mini-batch queue.

    Args:
        function: The ``MiniBatchFcn``.
        outputs: What becomes of each output.
        exact: Whether the function must return just as many outputs, not more.
        warn: Whether to say, once, that a categorical turns into numbers.
    """

    def __init__(
        self,
        function: Callable[..., Any] | str,
        outputs: tuple[Output, ...],
        *,
        exact: bool,
        warn: bool,
    ):
        self.function, self.outputs = function, outputs
        self.exact, self.warn = exact, warn
        self.class_names: tuple[list[str] | None, ...] = (None,) * len(outputs)

    def make(self, columns: Columns) -> tuple[Any, ...]:
        """The outputs of one mini-batch."""
        if callable(self.function):
            values = self._call(self.function, columns)
        else:
            values = self._collate(columns)
        self._look_for_classes(values)
        return tuple(o.convert(value) for o, value in zip(self.outputs, values, strict=True))

    def _collate(self, columns: Columns) -> list[Any]:
        if len(columns) < len(self.outputs):
            plural = "s" if len(columns) > 1 else ""
            raise OptionError(
                f"minibatchqueue: {len(self.outputs)} outputs, but the datastore gives "
                f"{len(columns)} variable{plural}.",
                fix='With MiniBatchFcn="collate" every output is a variable of the datastore; '
                "leave numOutputs out, or combine the datastore with another.",
            )
        pairs = zip(columns, self.outputs, strict=False)
        return [arrange(stack(column, o.number), o.format, o.number) for column, o in pairs]

    def _call(self, function: Callable[..., Any], columns: Columns) -> tuple[Any, ...]:
        lists = [list(column) for column in columns]
        try:
            made = function(*lists)
        except Exception as error:
            plural = "s" if len(lists) > 1 else ""
            error.add_note(
                f"in MiniBatchFcn of the minibatchqueue, called with {len(lists)} list{plural} of "
                f"{len(lists[0])} observations"
            )
            raise
        values = made if isinstance(made, tuple) else (made,)
        wanted = len(self.outputs)
        if len(values) < wanted or (len(values) > wanted and self.exact):
            raise OptionError(
                f"minibatchqueue: MiniBatchFcn returned {len(values)} outputs, "
                f"the queue has {wanted}.",
                got={"MiniBatchFcn": name_of(function), "variables of the datastore": len(lists)},
                fix=f"Pass the number of outputs: minibatchqueue(ds, {len(values)}, ...).",
            )
        return values[:wanted]

    def _look_for_classes(self, values: Any) -> None:
        """Remember the names of categories, and say that they will become numbers."""
        if not any(isinstance(value, categorical) for value in values):
            return
        self.class_names = tuple(
            list(v._names) if isinstance(v, categorical) else None for v in values
        )
        if self.warn:
            self.warn = False
            number = next(k for k, names in enumerate(self.class_names, 1) if names is not None)
            warnings.warn(
                f"minibatchqueue: output {number} is categorical and becomes category numbers, "
                f"from 1 to {len(self.class_names[number - 1] or ())}. For one-hot vectors use a "
                'MiniBatchFcn with onehotencode(T, 1). With OutputCast="single" this message goes, '
                'with OutputCast="categorical" and OutputAsDlarray=False the categories stay.',
                DltkWarning,
                stacklevel=6,  # the line of the user's loop
            )


def name_of(function: Any) -> str:
    """How a function shows."""
    return getattr(function, "__name__", None) or repr(function)
