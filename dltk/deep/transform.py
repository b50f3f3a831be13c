"""MATLAB's namespace ``deep.transform``: what classifiers turn raw scores into.

>>> import dltk
>>> print(dltk.deep.transform.symmetric([0.0, 0.75]))
[-1.   0.5]
"""

from ..functions._score_transforms import (
    doublelogit,
    invlogit,
    ismax,
    logit,
    sign,
    symmetric,
    symmetricismax,
    symmetriclogit,
)

__all__ = [
    "doublelogit",
    "invlogit",
    "ismax",
    "logit",
    "sign",
    "symmetric",
    "symmetricismax",
    "symmetriclogit",
]
