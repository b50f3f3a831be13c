"""Images with their responses, brought to one size and changed at random."""

from __future__ import annotations

from copy import copy
from typing import Any, Literal

import numpy as np

from .._errors import OptionError, nearest
from .._random import host
from ._array_datastore import arrayDatastore
from ._augmenter import augment, imageDataAugmenter
from ._categorical import categorical
from ._datastore import Datastore, check_count
from ._images import cropped, gray2rgb, resized, rgb2gray, with_channels
from ._reading import Info, Reader, RowReader

COLORS = {"none": with_channels, "gray2rgb": gray2rgb, "rgb2gray": rgb2gray}
SIZES = ("resize", "centercrop", "randcrop")


class augmentedImageDatastore(Datastore):
    """Datastore of images of one size, with their responses, changed at random at every read.

    A read gives a mini-batch: a list of pairs (input, response), or of inputs where there is no
    response. A `minibatchqueue` has two outputs then, images and labels.

    Args:
        outputSize: Height and width of the images, perhaps with the number of channels: [28, 28] or
            [28, 28, 1].
        source: An `imageDatastore` (its labels are the responses), or an array height x width x
            channels x N.
        Y: For an array its responses: a categorical, or numbers of size N or N x R.
        DataAugmentation: An `imageDataAugmenter`, or "none".
        ColorPreprocessing: "none", "gray2rgb" (three equal channels) or "rgb2gray".
        OutputSizeMode: "resize" (bilinear), "centercrop" or "randcrop".
        DispatchInBackground: Accepted; the queue prepares in the background,
            ``PreprocessingEnvironment="background"``.
        MiniBatchSize: How many observations one ``read`` returns.

    Attributes:
        NumObservations: How many images there are.

    Raises:
        OptionError: Something else than images, sizes that do not fit, a wrong word.

    Example:
        >>> X = np.zeros((8, 8, 1, 5))
        >>> auimds = augmentedImageDatastore([4, 4], X, categorical([1, 2, 1, 2, 1]))
        >>> image, label = auimds.read()[0]
        >>> image.shape, label
        ((4, 4, 1), categorical('1', categories: 1, 2))

    Source:
        https://www.mathworks.com/help/deeplearning/ref/augmentedimagedatastore.html
    """

    def __init__(
        self,
        outputSize: Any,
        source: Any,
        Y: Any = None,
        *,
        DataAugmentation: imageDataAugmenter | Literal["none"] = "none",
        ColorPreprocessing: Literal["none", "gray2rgb", "rgb2gray"] = "none",
        OutputSizeMode: Literal["resize", "centercrop", "randcrop"] = "resize",
        DispatchInBackground: bool = False,
        MiniBatchSize: int = 128,
    ):
        super().__init__(check_count(MiniBatchSize, "MiniBatchSize", "augmentedImageDatastore"))
        self.OutputSize = _size(outputSize)
        self.DataAugmentation = _augmenter(DataAugmentation)
        self.ColorPreprocessing = _word("ColorPreprocessing", ColorPreprocessing, COLORS)
        self.OutputSizeMode = _word("OutputSizeMode", OutputSizeMode, SIZES)
        self.DispatchInBackground = DispatchInBackground
        self._source, self._responses = _source(source, Y)
        self._order = np.arange(self._source.numobservations())

    @property
    def MiniBatchSize(self) -> int:
        return self.ReadSize

    @MiniBatchSize.setter
    def MiniBatchSize(self, value: int) -> None:
        self.ReadSize = value

    @property
    def NumObservations(self) -> int:
        return len(self._order)

    def reader(self) -> Reader:
        """An independent walk through the datastore from its first observation."""
        return AugmentedReader(self)

    def numobservations(self) -> int:
        """How many images there are."""
        return len(self._order)

    def subset(self, indices: Any) -> augmentedImageDatastore:
        """A new datastore with some images, in the order of ``indices`` (from 0)."""
        made = copy(self)
        made._order = self._order[np.asarray(indices)]
        made.reset()
        return made

    def observation(self, place: int) -> tuple[Any, ...]:
        """The image at a place of the order, changed anew, and its response."""
        index = int(self._order[place])
        image = COLORS[self.ColorPreprocessing](self._source.content(index))
        if self.DataAugmentation is not None:
            image = augment(self.DataAugmentation, image)
        image = self._sized(image)
        if len(self.OutputSize) == 3 and image.shape[2] != self.OutputSize[2]:
            raise OptionError(
                f"augmentedImageDatastore: image {index + 1} has {image.shape[2]} channels, "
                f"outputSize asks for {self.OutputSize[2]}.",
                fix='Set ColorPreprocessing to "gray2rgb" or "rgb2gray".',
            )
        return (image,) if self._responses is None else (image, self._responses[index])

    def _sized(self, image: np.ndarray) -> np.ndarray:
        height, width = self.OutputSize[:2]
        if self.OutputSizeMode == "resize":
            return resized(image, height, width)
        if image.shape[0] < height or image.shape[1] < width:
            raise OptionError(
                "augmentedImageDatastore: an image is smaller than what is to be cut out.",
                got={"image": image.shape, "outputSize": self.OutputSize},
                fix='Use OutputSizeMode="resize".',
            )
        middle = self.OutputSizeMode == "centercrop"
        return cropped(image, height, width, _middle if middle else _anywhere)

    def __repr__(self) -> str:
        return (
            "augmentedImageDatastore with properties:\n\n"
            f"       NumObservations: {self.NumObservations}\n"
            f"         MiniBatchSize: {self.MiniBatchSize}\n"
            f"      DataAugmentation: {self.DataAugmentation or 'none'}\n"
            f"    ColorPreprocessing: '{self.ColorPreprocessing}'\n"
            f"            OutputSize: {list(self.OutputSize)}\n"
            f"        OutputSizeMode: '{self.OutputSizeMode}'"
        )


class AugmentedReader(RowReader):
    """A walk through an augmentedImageDatastore: just as many images as are wanted."""

    def __init__(self, ds: augmentedImageDatastore):
        super().__init__(ds.ReadSize)
        self.ds, self.position = ds, 0

    def more(self) -> bool:
        return self.position < len(self.ds)

    def left(self) -> int | None:
        return len(self.ds) - self.position

    def take(self, count: int) -> tuple[Any, ...]:
        last = min(self.position + count, len(self.ds))
        found = [self.ds.observation(place) for place in range(self.position, last)]
        self.position = last
        return tuple(list(column) for column in zip(*found, strict=True))

    def read(self) -> tuple[Any, Info]:
        columns = self.take(self.ds.ReadSize)
        rows = list(zip(*columns, strict=True))
        return rows if len(columns) > 1 else [row[0] for row in rows], {}

    def source_state(self) -> Any:
        return self.position

    def go_on(self, state: Any) -> None:
        self.position = state


class _Arrays:
    """Images in an array, height x width x channels x N, as a source."""

    def __init__(self, X: np.ndarray):
        self.X = X

    def numobservations(self) -> int:
        return self.X.shape[3]

    def content(self, index: int) -> np.ndarray:
        return self.X[:, :, :, index]


def _source(source: Any, Y: Any) -> tuple[Any, Any]:
    """Something with ``content(index)``, and a sequence of responses or None."""
    if hasattr(source, "content"):
        labels = source.Labels if len(source.Labels) else None
        return source, labels
    X = np.asarray(source)
    if X.ndim not in (3, 4) or X.dtype == object:
        raise OptionError(
            "augmentedImageDatastore: expected an imageDatastore or an array of images.",
            got={"source": f"{type(source).__name__} of size {X.shape}"},
            fix="Images lie along the fourth dimension: height x width x channels x N.",
        )
    X = X[..., np.newaxis] if X.ndim == 3 else X
    if Y is None:
        return _Arrays(X), None
    responses = Y if isinstance(Y, categorical) else np.asarray(Y)
    responses = responses.ravel() if responses.size == X.shape[3] else responses
    if len(responses) != X.shape[3]:
        raise OptionError(
            f"augmentedImageDatastore: {len(responses)} responses for {X.shape[3]} images.",
            fix="Give one response (a row) per image.",
        )
    column = arrayDatastore(responses)._column  # rows keep their dimensions
    return _Arrays(X), column


def _size(given: Any) -> tuple[int, ...]:
    sizes = np.asarray(given)
    if sizes.dtype.kind not in "iuf" or sizes.shape not in ((2,), (3,)) or (sizes < 1).any():
        raise OptionError(
            "augmentedImageDatastore: outputSize must be [height, width] or [height, width, "
            "channels].",
            got={"outputSize": given},
        )
    return tuple(int(n) for n in sizes)


def _augmenter(given: Any) -> imageDataAugmenter | None:
    if isinstance(given, imageDataAugmenter):
        return given
    if given != "none":
        raise OptionError(
            "augmentedImageDatastore: DataAugmentation is no imageDataAugmenter.",
            got={"DataAugmentation": repr(given)[:60]},
            fix='Make one, imageDataAugmenter(RandRotation=[-20, 20]), or "none".',
        )
    return None


def _word(name: str, given: Any, words: Any) -> str:
    if given not in words:
        raise OptionError(
            f"augmentedImageDatastore: {name} {given!r} does not exist.", fix=nearest(given, words)
        )
    return given


def _middle(room: tuple[int, int]) -> tuple[int, int]:
    return room[0] // 2, room[1] // 2


def _anywhere(room: tuple[int, int]) -> tuple[int, int]:
    return int(host().randint(room[0] + 1)), int(host().randint(room[1] + 1))
