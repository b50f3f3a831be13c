"""`checkLayer`: does a layer of one's own keep to the contract of layers?"""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .._errors import FormatError, OptionError
from .._initialize import layout_of
from ..debug import eager
from ..layers._layer import Layer
from ..layers._layout import networkDataLayout
from ._layertests import GROUPS, NEEDED, Subject

Status = Literal["passed", "failed", "skipped"]
MARKS = {"passed": "ok", "failed": "FAILED", "skipped": "skipped"}


@dataclass(frozen=True)
class TestResult:
    """One test: what it claims, whether the claim holds, and what is wrong or why it was left out.

    Attributes:
        group: What the test is about.
        claim: What must be the case.
        status: "passed", "failed" or "skipped".
        message: What is wrong, or why the test was left out.
    """

    __test__ = False  # not one of pytest's

    group: str
    claim: str
    status: Status
    message: str = ""


@dataclass(frozen=True)
class LayerCheck:
    """What `checkLayer` found; true if no test failed.

    Attributes:
        layer: Kind of the layer.
        results: One entry per test.
    """

    layer: str
    results: tuple[TestResult, ...]

    def count(self, status: Status) -> int:
        """Number of tests with a status."""
        return sum(result.status == status for result in self.results)

    def __bool__(self) -> bool:
        return self.count("failed") == 0

    def __str__(self) -> str:
        lines = [f"checkLayer: {self.layer}"]
        for group in dict.fromkeys(result.group for result in self.results):
            lines += ["", group]
            for result in self.results:
                if result.group == group:
                    lines.append(f"  {MARKS[result.status]:<8}{result.claim}")
                    lines += [f"          {line}" for line in result.message.splitlines()]
        counts = [f"{self.count(s)} {s}" for s in ("passed", "failed", "skipped")]
        return "\n".join([*lines, "", ", ".join(counts)])


def checkLayer(
    layer: Layer,
    *validInputs: Any,
    ObservationDimension: int | None = None,
    show: bool = True,
) -> LayerCheck:
    """Test a layer of your own, and print in words what is right and what is wrong.

    Tested are: initialization (all parameters get values, given ones stay), numbers and sizes of
    outputs and states, labels, one and several observations, number types (single stays single,
    double stays double), that predict gives the same twice and changes nothing, states that can be
    passed on and reset, whether it compiles, and the gradients of predict and forward by every
    input and learnable parameter against finite differences in double precision.

    Args:
        layer: The layer.
        *validInputs: One per input: a `networkDataLayout` or a dlarray; or, for a layer that is not
            Formattable, a size such as ``[24, 24, 20]`` (without the observations, or with them
            where ``ObservationDimension`` says). A list of sizes may be given at once. Unknown
            sizes (NaN) are 3 observations and 4 time steps.
        ObservationDimension: Which dimension of the sizes counts observations, from 1.
        show: Whether to print the report.

    Returns:
        The result, true if no test failed; ``results`` has one entry per test.

    Raises:
        OptionError: It is no layer, or another number of inputs than the layer has.
        FormatError: A size for a formattable layer, which must see labels.

    Example:
        >>> import numpy as np
        >>> class scaleLayer(Layer):
        ...     learnables = ("Scale",)
        ...
        ...     def initialize(self, layout):
        ...         if self.Scale is None:
        ...             self.Scale = np.ones((int(layout.of("C")), 1), np.float32)
        ...         return self
        ...
        ...     def predict(self, X):
        ...         return self.Scale * X
        >>> result = checkLayer(scaleLayer(), [5, 3], ObservationDimension=2, show=False)
        >>> bool(result), result.count("failed")
        (True, 0)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/checklayer.html
    """
    if not isinstance(layer, Layer):
        hint = "Call it: myLayer(), not myLayer." if callable(layer) else ""
        raise OptionError(f"checkLayer: {layer!r:.60} is not a layer.", fix=hint)
    sizes = validInputs
    if len(sizes) == 1 and isinstance(sizes[0], (list, tuple)) and _nested(sizes[0]):
        sizes = tuple(sizes[0])
    if len(sizes) != len(layer.inputs):
        raise OptionError(
            f"checkLayer: the layer has {len(layer.inputs)} inputs, {len(sizes)} were described.",
            got={"inputs": ", ".join(layer.inputs)},
            fix="Give a size or a networkDataLayout for each.",
        )
    layouts = [_layout(layer, size, ObservationDimension) for size in sizes]
    results: list[TestResult] = []
    subject = Subject(layer, layouts)
    with eager(), contextlib.redirect_stdout(io.StringIO()):
        for group, tests in GROUPS:
            for claim, test in tests:
                results.append(_tried(group, claim, test, subject, results))
    check = LayerCheck(layer.kind, tuple(results))
    if show:
        print(check)
    return check


def _tried(
    group: str,
    claim: str,
    test: Callable[[Subject], str | None],
    subject: Subject,
    before: Sequence[TestResult],
) -> TestResult:
    """The result of one test; a test returns why it does not apply, and raises what is wrong."""
    if any(result.status == "failed" and result.claim in NEEDED for result in before):
        return TestResult(group, claim, "skipped", "It needs what failed above.")
    try:
        reason = test(subject)
    except AssertionError as error:
        return TestResult(group, claim, "failed", str(error))
    except Exception as error:
        return TestResult(group, claim, "failed", f"{type(error).__name__}: {error}")
    return TestResult(group, claim, "skipped" if reason else "passed", reason or "")


def _nested(value: Sequence[Any]) -> bool:
    return bool(value) and not all(isinstance(n, (int, float)) for n in value)


def _layout(layer: Layer, given: Any, observations: int | None) -> networkDataLayout:
    """Size and labels of an input."""
    if isinstance(given, networkDataLayout) or hasattr(given, "dims"):
        return layout_of(given)
    if layer.Formattable:
        raise FormatError(
            "checkLayer: a formattable layer sees labels, a size alone has none.",
            got={"size": list(given)},
            fix='Give networkDataLayout([28, 28, 3, NaN], "SSCB"), say.',
        )
    sizes = [float(n) if n != n else int(n) for n in given]
    if observations is None:
        sizes, observations = [*sizes, math.nan], len(sizes) + 1
    elif not 2 <= observations <= len(sizes):
        raise OptionError(
            f"checkLayer: ObservationDimension is {observations}, the size has {len(sizes)} "
            "dimensions.",
            fix="It is a number from 2 (features: C, B) to the number of sizes.",
        )
    labels = "S" * (observations - 2) + "CB" + "T" * (len(sizes) - observations)
    return networkDataLayout(sizes, labels)
