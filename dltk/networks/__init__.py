"""What one does with a whole network: look at it, draw it, edit it, test it, run it."""

from ._analyze import analyzeNetwork
from ._checklayer import checkLayer
from ._plot import plot
from ._replace import addInputLayer, replaceLayer

__all__ = ["addInputLayer", "analyzeNetwork", "checkLayer", "plot", "replaceLayer"]
