"""What one does with a whole network: look at it, draw it, edit it, test it, run it."""

from ._analyze import analyzeNetwork
from ._checklayer import checkLayer
from ._expand import expandLayers
from ._freeze import freezeNetwork, unfreezeNetwork
from ._group import groupLayers
from ._minibatchpredict import minibatchpredict
from ._plot import plot
from ._replace import addInputLayer, replaceLayer
from ._testnet import scores2label, testnet

__all__ = [
    "addInputLayer",
    "analyzeNetwork",
    "checkLayer",
    "expandLayers",
    "freezeNetwork",
    "groupLayers",
    "minibatchpredict",
    "plot",
    "replaceLayer",
    "scores2label",
    "testnet",
    "unfreezeNetwork",
]
