# ruff: noqa: E501  (a table reads best one row per line)
"""Every public function on dlarrays, called once: what it takes, what labels come out, derivatives.

A row says how a function is called on small arrays; functions that are called alike share a row.
`test_every_function.py` holds every row to the same claims, and `docs/coverage.py` makes the table
of the documentation from them. A public function without a row fails a test.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import dltk
import dltk.functions
from dltk import dlarray, eye, mtimes, stripdims, transpose
from dltk import sum as total


@dataclass(frozen=True)
class Row:
    """One function and its call.

    Attributes:
        name: Public name, with a dot for ``dltk.deep.transform``.
        group: Heading in the documentation.
        call: Takes the function and one array per spec.
        specs: Sizes and labels of the arrays, such as "2S3C4B"; "2x3" has no labels.
        out: Labels of each output; None if the output is plain, "" if it has no labels.
        derivative: "yes", "zero", or "no" (the output is not traced).
        between: The range of the arrays' values.
        follows: Whether the first output is single where the arrays are single.
        compiles: Whether `dlfeval` can compile the call; it says so where it cannot.
        wrong: What must be refused in the place of the first argument.
        step: Of the finite differences.
    """

    name: str
    group: str
    call: Callable[..., Any]
    specs: tuple[str, ...]
    out: tuple[str | None, ...]
    derivative: str
    between: tuple[float, float]
    follows: bool
    compiles: bool
    wrong: tuple[Any, ...]
    step: float

    @property
    def function(self) -> Any:
        """The function itself."""
        found: Any = dltk.functions if hasattr(dltk.functions, self.name) else dltk
        for part in self.name.split("."):
            found = getattr(found, part)
        return found

    def __call__(self, *arrays: Any) -> tuple[Any, ...]:
        """All outputs of the call."""
        given = self.call(self.function, *arrays)
        return given if isinstance(given, tuple) else (given,)


def arrays(row: Row, number: type = np.float64) -> list[dlarray]:
    """The arrays that a row takes, the same ones every time."""
    random = np.random.default_rng(3)
    return [
        dlarray(random.uniform(*row.between, sizes(spec)).astype(number), fmt(spec))
        for spec in row.specs
    ]


def fmt(spec: str) -> str:
    """Labels of a spec."""
    return re.sub("[^SCBTU]", "", spec)


def sizes(spec: str) -> list[int]:
    """Sizes of a spec."""
    return [int(n) for n in re.findall(r"\d+", spec)]


def labels(Y: Any) -> str | None:
    """Labels of an output; None if it is not a dlarray."""
    return Y.dims if isinstance(Y, dlarray) else None


def weighed(Y: dlarray) -> dlarray:
    """A traced number to which every element of an array contributes with a weight of its own."""
    Y = stripdims(Y)
    parts = [Y]
    if Y.dtype.kind == "c":
        parts = [dltk.real(Y), dltk.imag(Y)]
    if Y.dtype.kind == "b":
        parts = [dltk.double(Y)]
    weights = np.cos(1.0 + np.arange(Y.size).reshape(Y.shape))
    loss = total(parts[0] * weights, "all")
    return loss + total(parts[1] * weights[::-1], "all") if len(parts) == 2 else loss


ROWS: dict[str, Row] = {}


def rows(
    group: str,
    names: str,
    *specs: str,
    out: str | tuple[str | None, ...] | None,
    call: Callable[..., Any] = lambda f, *arrays: f(*arrays),
    derivative: str = "yes",
    between: tuple[float, float] = (0.2, 0.9),
    follows: bool = True,
    compiles: bool = True,
    wrong: tuple[Any, ...] = ("nonsense", None, {}),
    step: float = 1e-5,
) -> None:
    """Add a row for each of the functions that are called alike."""
    outputs = out if isinstance(out, tuple) else (out,)
    for name in names.split():
        assert name not in ROWS, name
        ROWS[name] = Row(
            name, group, call, specs, outputs, derivative, between, follows, compiles, wrong, step
        )


def spread(A: dlarray) -> dlarray:
    """A well-conditioned matrix."""
    return A + 2 * eye(A.shape[0])


def positive(A: dlarray) -> dlarray:
    """A symmetric positive definite matrix whose eigenvalues are apart."""
    return mtimes(A, transpose(A)) + np.diag(1.0 + np.arange(A.shape[0]))


PADS = {"Stride": 2, "Padding": 1}
ONE, LOGICAL = "2S3C2B", {"derivative": "no"}
MOVES = {"wrong": (None, {})}  # arrays of any type, text too
PLAIN = {"out": None, "derivative": "no", "follows": False}

# fmt: off
G = "Convolution, pooling, dense, recurrent, attention"
rows(G, "dlconv", "4S3S2C2B", "2x2x2x3", "3x1", out="SSCB", call=lambda f, X, W, b: f(X, W, b, **PADS))
rows(G, "dltranspconv", "2S2S2C2B", "2x2x3x2", "3x1", out="SSCB", call=lambda f, X, W, b: f(X, W, b, Stride=2, Cropping=1))
rows(G, "avgpool", "4S3S2C2B", out="SSCB", call=lambda f, X: f(X, 2, **PADS))
rows(G, "maxpool", "4S4S2C2B", out=("SSCB", "SSCB", None), call=lambda f, X: f(X, 2, Stride=2, nargout=3))
rows(G, "maxunpool", "2S2S1C2B", out="SSCB", call=lambda f, X: f(X, np.array([1, 6, 11, 16, 18, 21, 28, 32.0]).reshape(2, 2, 1, 2, order="F"), [4, 4, 1, 2]))
rows(G, "fullyconnect", "2S3C2B", "4x6", "4x1", out="CB")
rows(G, "embed", "1C4B", "3x5", out="CB", call=lambda f, X, W: f(dltk.ceil(5 * X), W))
rows(G, "lstm", "2C2B3T", "2x1", "2x1", "8x2", "8x2", "8x1", out=("CBT", "CB", "CB"), call=lambda f, *x: f(*x, nargout=3))
rows(G, "gru", "2C2B3T", "2x1", "6x2", "6x2", "6x1", out=("CBT", "CB"), call=lambda f, *x: f(*x, nargout=2))
rows(G, "attention", "4C2B2T", "4C2B3T", "2C2B3T", out=("CBT", ""), call=lambda f, *x: f(*x, 2, nargout=2))
rows(G, "dlode45", "2C2B", "1x1", out="CBT", call=lambda f, Y, theta: f(lambda t, y, theta: -theta * y, [0, 0.1, 0.3], Y, theta, RelativeTolerance=1e-2))

G = "Normalization"
rows(G, "batchnorm", "2S3C2B", "3x1", "3x1", "3x1", "3x1", out=("SCB", "", ""), call=lambda f, *x: f(*x, nargout=3))
rows(G, "layernorm instancenorm", "2S3C2B", "3x1", "3x1", out="SCB")
rows(G, "groupnorm", "2S4C2B", "4x1", "4x1", out="SCB", call=lambda f, X, offset, scale: f(X, 2, offset, scale))
rows(G, "crosschannelnorm", "2S4C2B", out="SCB", call=lambda f, X: f(X, 3))

G = "Activations"
rows(G, "relu leakyrelu", ONE, out="SCB", between=(-1, 1))
rows(G, "gelu sigmoid softmax", ONE, out="SCB", between=(-1, 1))

G = "Losses"
rows(G, "crossentropy huber l1loss l2loss mse", "3C4B", "3C4B", out="")
rows(G, "indexcrossentropy", "3C4B", out="", call=lambda f, Y: f(Y, dlarray([[1, 3, 2, 3.0]], "CB")))
rows(G, "ctc", "3C2B4T", out="", call=lambda f, Y: f(Y, dlarray([[2, 3.0], [3, 2]], "BT"), None, None))
rows(G, "focalCrossEntropy", "3C4B", out="", call=lambda f, Y: f(Y, dlarray(np.eye(3)[:, [0, 2, 1, 2]], "CB")))
rows(G, "generalizedDice", "3S2C2B", "3S2C2B", out="SCB")

G = "Score transforms and domain functions"
T = "deep.transform."
rows(G, f"{T}logit {T}doublelogit {T}invlogit {T}symmetric {T}symmetriclogit", "3C2B", out="CB")
rows(G, f"{T}sign {T}ismax {T}symmetricismax", "3C2B", out="CB", derivative="zero")
rows(G, "dlstft", "12T1C", out=("SCT", "", ""), call=lambda f, X: f(X, Window=np.hanning(4), OverlapLength=2, FFTLength=4, nargout=3))
rows(G, "dlistft", "3S2C4T", out="CT", call=lambda f, X: f(X, Window=np.ones(4), OverlapLength=2, FFTLength=4))
rows(G, "dlresize", "3S2S2C2B", out="SSCB", call=lambda f, X: f(X, Scale=2, Method="linear"))
rows(G, "psnr", "4S4S1C2B", "4S4S1C2B", out="SSCB")
rows(G, "ssim", "6S6S1C1B", "6S6S1C1B", out="SSCB", call=lambda f, A, B: f(A, B, Radius=0.5))
rows(G, "multissim", "8S8S1C1B", "8S8S1C1B", out="SSCB", call=lambda f, A, B: f(A, A + 0.2 * B, NumScales=2, Sigma=0.5))
rows(G, "multissim3", "4S4S4S1C1B", "4S4S4S1C1B", out="SSSCB", call=lambda f, A, B: f(A, B, NumScales=1, Sigma=0.5))

G = "Elementwise, one array"
rows(G, "abs conj cos cosd cosh cospi cot coth csc csch deg2rad exp expm1 log log1p log2 log10 rad2deg real reallog "
        "realsqrt sec sech sin sind sinh sinpi sqrt tan tand tanh uminus uplus", ONE, out="SCB")
rows(G, "acos acosd acot acsch asech asin asind asinh atan atand atanh pow2", ONE, out="SCB")
rows(G, "erf erfc erfcinv erfinv gamma gammaln psi", ONE, out="SCB")
rows(G, "acosh acoth acsc asec", ONE, out="SCB", between=(1.2, 2))
rows(G, "sign", ONE, out="SCB", derivative="zero")
rows(G, "angle imag", ONE, out="SCB", derivative="zero")
rows(G, "factorial", ONE, out="SCB", derivative="zero", call=lambda f, X: f(dltk.floor(5 * X)))
rows(G, "nthroot", ONE, out="SCB", call=lambda f, X: f(X, 3))
rows(G, "besselj besseli", ONE, out="SCB", call=lambda f, X: f(1, X))

G = "Elementwise, two arrays"
rows(G, "plus minus times rdivide ldivide power realpow hypot atan2 atan2d beta betaln complex_", "2S3C", "3C2B", out="SCB")
rows(G, "gammainc", ONE, out="SCB", call=lambda f, X: f(X, 1.3))
rows(G, "rem mod", "2S3C", "3C2B", out="SCB", call=lambda f, A, B: f(5 * A, B))

G = "Reductions"
rows(G, "sum prod mean median std var vecnorm", ONE, out="SCB")
rows(G, "norm", "4C", out="CU")
rows(G, "iqr range_", "5C2B", out="CB")
rows(G, "mode", "5C2B", out=("CB", "CB"), call=lambda f, X: f(X, nargout=2))
rows(G, "quantile prctile", "5C2B", out="CB", call=lambda f, X: f(X, [0.3, 0.6], 1))
rows(G, "bounds", "3C2B", out=("CB", "CB"), call=lambda f, X: f(X, nargout=2))
rows(G, "any all", ONE, out="SCB", **LOGICAL)
rows(G, "anynan allfinite", ONE, out="", **LOGICAL)
rows(G, "nnz", ONE, out="", derivative="zero", follows=False)
rows(G, "cov corrcoef", "5x2", out="")

G = "Cumulative and moving"
rows(G, "cumsum cumprod", ONE, out="SCB")
rows(G, "cummax cummin", ONE, out=("SCB", "SCB"), call=lambda f, X: f(X, nargout=2))
rows(G, "movmean movsum", "4C2B", out="CB", call=lambda f, X: f(X, 3))

G = "Extrema, sorting, rounding"
rows(G, "max min", "2S3C", "3C2B", out="SCB")
rows(G, "sort", "4C2B", out=("CB", "CB"), call=lambda f, X: f(X, 1, "descend", nargout=2))
rows(G, "maxk mink", "4C2B", out=("CB", "CB"), call=lambda f, X: f(X, 2, nargout=2))
rows(G, "sortrows", "4C2B", out=("CB", ""), call=lambda f, X: f(X, nargout=2))
rows(G, "topkrows", "4C2B", out=("CB", ""), call=lambda f, X: f(X, 2, nargout=2))
rows(G, "issorted", "4C", out=None, compiles=False, derivative="no", follows=False)
rows(G, "ceil floor fix round nextpow2", ONE, out="SCB", derivative="zero")
rows(G, "clip", ONE, out="SCB", call=lambda f, X: f(X, 0.4, 0.7))
rows(G, "normalize rescale", "4C2B", out="CB")

G = "Comparison and logic"
rows(G, "eq ne lt le gt ge and_ or_ xor", "2S3C", "3C2B", out="SCB", **LOGICAL)
rows(G, "not_ isfinite isinf isnan", ONE, out="SCB", **LOGICAL)
rows(G, "isequal isequaln", ONE, ONE, wrong=(), compiles=False, **PLAIN)

G = "Linear algebra"
rows(G, "mtimes", "3x3", "3x3", out="")
rows(G, "dot", "3C2B", "3C2B", out="CB")
rows(G, "pagemtimes", "2x3x2", "3x2x2", out="")
rows(G, "cross", "3x2", "3x2", out="")
rows(G, "kron", "2x3", "3x2", out="")
rows(G, "tensorprod", "2x3", "3x2", out="", call=lambda f, A, B: f(A, B, 2, 1))
rows(G, "inv det expm", "3x3", out="", call=lambda f, A: f(spread(A)))
rows(G, "pinv", "3x2", out="")
rows(G, "mldivide", "3x3", "3x2", out="", call=lambda f, A, B: f(spread(A), B))
rows(G, "mrdivide", "2x3", "3x3", out="", call=lambda f, B, A: f(B, spread(A)))
rows(G, "mpower", "3x3", out="", call=lambda f, A: f(A, 3))
rows(G, "trace", "3x3", out="")
rows(G, "diag", "3x1", out="", **MOVES)
rows(G, "triu tril", "3x3", out="", **MOVES)
rows(G, "blkdiag", "2x3", "3x2", out="")
rows(G, "chol", "3x3", out="", call=lambda f, A: f(positive(A)))
rows(G, "qr", "3x3", out=("", ""), call=lambda f, A: f(spread(A), nargout=2))
rows(G, "lu", "3x3", out=("", "", ""), call=lambda f, A: f(spread(A), nargout=3))
rows(G, "svd", "3x2", out="")
rows(G, "eig", "3x3", out="", call=lambda f, A: f(positive(A)))
rows(G, "rank", "3x3", out="", derivative="zero", follows=False)

G = "Fourier transforms and convolutions"
rows(G, "fft ifft", "4x2", out="")
rows(G, "fftshift ifftshift", "4C2B", out="CB", **MOVES)
rows(G, "fft2 ifft2", "2x3", out="")
rows(G, "conv", "1x3", "1x4", out="")
rows(G, "conv2", "3x3", "2x2", out="")
rows(G, "polyval", "1x3", "2C2B", out="CB")

G = "Interpolation, differences, integrals"
rows(G, "interp1", "1x4", "1x3", out="", call=lambda f, V, xq: f([0, 0.3, 0.6, 1], V, xq, "linear"))
rows(G, "diff trapz cumtrapz", "4C2B", out="CB")
rows(G, "gradient", "3C4B", out=("CB", "CB"), call=lambda f, X: f(X, nargout=2))

G = "Ranges and grids"
rows(G, "colon", "1x1", out="", derivative="no", compiles=False, call=lambda f, a: f(a, a + 3))
rows(G, "linspace logspace", "1x1", "1x1", out="", call=lambda f, a, b: f(a, b, 4))
rows(G, "meshgrid ndgrid", "1x2", "1x3", out=("", ""), call=lambda f, x, y: f(x, y, nargout=2))

G = "Size and place of elements"
rows(G, "reshape", ONE, out="", call=lambda f, X: f(X, [3, 4]), **MOVES)
rows(G, "squeeze", "1S3C2B", out="CB", **MOVES)
rows(G, "repmat", "2C3B", out="CB", call=lambda f, X: f(X, 2, 2), **MOVES)
rows(G, "repelem", "2C3B", out="CB", call=lambda f, X: f(X, 2, 1), **MOVES)
rows(G, "flip fliplr flipud", "2C3B", out="CB", **MOVES)
rows(G, "circshift", "2C3B", out="CB", call=lambda f, X: f(X, 1), **MOVES)
rows(G, "rot90", "2x3", out="", **MOVES)
rows(G, "permute ipermute", "2x3x2", out="", call=lambda f, X: f(X, [3, 1, 2]), **MOVES)
rows(G, "transpose ctranspose", "2x3", out="", **MOVES)
rows(G, "pagetranspose pagectranspose", "2x3x2", out="", **MOVES)
rows(G, "cat", "2C3B", "2C3B", out="CB", call=lambda f, A, B: f(1, A, B))
rows(G, "horzcat vertcat", "2C3B", "2C3B", out="CB")
rows(G, "accumarray", "4x1", out="", call=lambda f, data: f([1, 2, 1, 3], data))

G = "Positions and sets"
rows(G, "find", "3C2B", derivative="no", out=None, call=lambda f, X: f(X > 0.5), follows=False, compiles=False)
rows(G, "sub2ind", "2C2B", out="", derivative="zero", follows=False, call=lambda f, X: f([3, 3], dltk.ceil(3 * X), dltk.ceil(2 * X)))
rows(G, "ind2sub", "2C2B", out=("", ""), derivative="zero", follows=False, call=lambda f, X: f([3, 3], dltk.ceil(9 * X), nargout=2))
rows(G, "unique", "4C1B", out="", compiles=False, **MOVES)
rows(G, "ismember", "4C1B", "3x1", out="CB", **LOGICAL)

G = "Conversion"
rows(G, "single", ONE, out="SCB", follows=False, step=0.25)  # rounding to single shows in small steps
rows(G, "double", ONE, out="SCB", follows=False)
rows(G, "logical", ONE, out="SCB", derivative="no", follows=False)
rows(G, "cast", ONE, out="SCB", call=lambda f, X: f(X, "double"), follows=False)
rows(G, "gather gpuArray", ONE, out="SCB", wrong=())

G = "Creation"
rows(G, "zeros ones eye rand randn", "2C2B", out="", derivative="no", call=lambda f, X: f(2, 3, like=X))
rows(G, "Inf NaN inf nan", "2C2B", out="", derivative="no", call=lambda f, X: f(2, 3, like=X))
rows(G, "randi", "2C2B", out="", derivative="no", call=lambda f, X: f(5, 2, 3, like=X))
rows(G, "true false", "2C2B", out="", derivative="no", call=lambda f, X: f(2, 3, like=X > 0))
rows(G, "randperm", "1C1B", call=lambda f, X: f(5), **PLAIN)
rows(G, "pi", "1C1B", call=lambda f, X: f * X, out="CB", wrong=())
rows(G, "eps", ONE, out="SCB", derivative="zero", wrong=("nonsense", {}))
rows(G, "realmin realmax flintmax", "1C1B", call=lambda f, X: f(like=X), out="", derivative="no", wrong=("nonsense", {}))

G = "Type and size"
rows(G, "underlyingType isfloat isgpuarray islogical isnumeric isreal isdlarray", ONE, wrong=(), **PLAIN)
rows(G, "isUnderlyingType mustBeUnderlyingType", ONE, call=lambda f, X: f(X, dltk.underlyingType(X)), wrong=(), **PLAIN)
rows(G, "validateattributes", ONE, call=lambda f, X: f(X, ["numeric"], ["positive"]), **PLAIN)
rows(G, "size", ONE, call=lambda f, X: f(X, 1), wrong=(), **PLAIN)
rows(G, "ndims numel length height width isempty iscolumn isrow isvector isscalar ismatrix", ONE, wrong=(), **PLAIN)

G = "Labels and data"
rows(G, "dims extractdata", ONE, wrong=(), **PLAIN)
rows(G, "finddim", ONE, call=lambda f, X: f(X, "C"), wrong=(), **PLAIN)
rows(G, "stripdims", ONE, out="", wrong=())
# fmt: on
