"""The least that the update functions need to see of a dlnetwork."""

import numpy as np

import dltk.functions._elementwise  # noqa: F401  (makes the operators work)
from dltk._table import table
from dltk.dlarray import dlarray


class Network:
    """Two layers of learnables, their factors, and a way to other values."""

    def __init__(self, values=None, factors=None):
        rng = np.random.default_rng(0)
        shapes = [(3, 2), (3, 1), (1, 3), (1, 1)]
        self.values = values or [dlarray(rng.random(shape, np.float32)) for shape in shapes]
        self._learn_rates = factors

    @property
    def Learnables(self):
        return table(["fc1", "fc1", "fc2", "fc2"], ["Weights", "Bias"] * 2, self.values)

    def _with_values(self, values):
        return Network(values, self._learn_rates)


def gradients_of(net, seed=1):
    """A table of gradients for a network."""
    rng = np.random.default_rng(seed)
    t = net.Learnables
    t.Value = [dlarray(rng.standard_normal(v.shape).astype(v.dtype)) for v in t.Value]
    return t
