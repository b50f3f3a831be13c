"""Makers of MATLAB's output layers, which a dlnetwork does not have."""

from __future__ import annotations

from typing import Any, NoReturn

from .._errors import UnsupportedError


def _refuse(name: str, instead: str) -> NoReturn:
    raise UnsupportedError(
        f"{name}: a dlnetwork has no output layer.",
        fix=f"Leave it out and compute the loss in the function that dlfeval calls: {instead}.",
    )


def classificationLayer(*args: Any, **options: Any) -> NoReturn:
    """Refused: compute `crossentropy` of the softmax output in the loss function instead.

    Raises:
        UnsupportedError: Always, with this advice.

    Example:
        >>> classificationLayer()
        Traceback (most recent call last):
        ...
        dltk._errors.UnsupportedError: classificationLayer: a dlnetwork has no output layer.
        Leave it out and compute the loss in the function that dlfeval calls: crossentropy(Y, T).

    Source:
        https://www.mathworks.com/help/deeplearning/ref/classificationlayer.html
    """
    _refuse("classificationLayer", "crossentropy(Y, T)")


def regressionLayer(*args: Any, **options: Any) -> NoReturn:
    """Refused: compute `mse` of the output in the loss function instead.

    Raises:
        UnsupportedError: Always, with this advice.

    Example:
        >>> regressionLayer()
        Traceback (most recent call last):
        ...
        dltk._errors.UnsupportedError: regressionLayer: a dlnetwork has no output layer.
        Leave it out and compute the loss in the function that dlfeval calls: mse(Y, T).

    Source:
        https://www.mathworks.com/help/deeplearning/ref/regressionlayer.html
    """
    _refuse("regressionLayer", "mse(Y, T)")


def pixelClassificationLayer(*args: Any, **options: Any) -> NoReturn:
    """Refused: compute `crossentropy` of the softmax output in the loss function instead.

    Raises:
        UnsupportedError: Always, with this advice.

    Example:
        >>> pixelClassificationLayer()
        Traceback (most recent call last):
        ...
        dltk._errors.UnsupportedError: pixelClassificationLayer: a dlnetwork has no output layer.
        Leave it out and compute the loss in the function that dlfeval calls: crossentropy(Y, T).

    Source:
        https://www.mathworks.com/help/vision/ref/nnet.cnn.layer.pixelclassificationlayer.html
    """
    _refuse("pixelClassificationLayer", "crossentropy(Y, T)")


def dicePixelClassificationLayer(*args: Any, **options: Any) -> NoReturn:
    """Refused: compute 1 - `generalizedDice` of the softmax output in the loss function instead.

    Raises:
        UnsupportedError: Always, with this advice.

    Example:
        >>> dicePixelClassificationLayer()  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        dltk._errors.UnsupportedError: dicePixelClassificationLayer: a dlnetwork has no output ...
        Leave it out and compute the loss in the function that dlfeval calls: 1 - generalizedD...

    Source:
        https://www.mathworks.com/help/vision/ref/nnet.cnn.layer.dicepixelclassificationlayer.html
    """
    _refuse("dicePixelClassificationLayer", "1 - generalizedDice(Y, T)")


def focalLossLayer(*args: Any, **options: Any) -> NoReturn:
    """Refused: compute `focalCrossEntropy` of the softmax output in the loss function instead.

    Raises:
        UnsupportedError: Always, with this advice.

    Example:
        >>> focalLossLayer()  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        dltk._errors.UnsupportedError: focalLossLayer: a dlnetwork has no output layer.
        Leave it out and compute the loss in the function that dlfeval calls: focalCrossEntropy...

    Source:
        https://www.mathworks.com/help/vision/ref/nnet.cnn.layer.focallosslayer.html
    """
    _refuse("focalLossLayer", "focalCrossEntropy(Y, T)")
