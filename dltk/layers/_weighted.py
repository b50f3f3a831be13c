"""Layers with learnable Weights and Bias: their first values and factors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ._builtin import BuiltinLayer, factor
from ._initializers import Initializer

FACTORS = """WeightLearnRateFactor: Factor of the learning rate of ``Weights``; 0 freezes them.
        BiasLearnRateFactor: Factor of the learning rate of ``Bias``.
        WeightL2Factor: Factor of the L2 penalty of ``Weights``, for a loop that has one.
        BiasL2Factor: Factor of the L2 penalty of ``Bias``."""

VALUES = """Weights: First value; drawn by ``WeightsInitializer`` if empty.
        Bias: First value; made by ``BiasInitializer`` if empty.
        WeightsInitializer: "glorot" (uniform, variance 2 / (inputs + outputs)), "he" (normal,
            variance 2 / inputs), "orthogonal", "narrow-normal" (normal, deviation 0.01), "zeros",
            "ones" or a function of the size.
        BiasInitializer: "zeros", "narrow-normal", "ones" or a function of the size."""


class WeightedLayer(BuiltinLayer):
    """Base of the layers with Weights and Bias."""

    learnables = ("Weights", "Bias")

    def __init__(
        self,
        Name: str,
        values: tuple[Any, Any],
        initializers: tuple[Initializer, Initializer],
        factors: tuple[Any, Any, Any, Any],
    ):
        super().__init__(Name)
        self.Weights, self.Bias = values
        self.WeightsInitializer, self.BiasInitializer = initializers
        names = ("WeightLearnRateFactor", "BiasLearnRateFactor", "WeightL2Factor", "BiasL2Factor")
        for name, value in zip(names, factors, strict=True):
            setattr(self, name, factor(self.kind, name, value))

    def _values(
        self, weights: Sequence[int], bias: Sequence[int], fan_in: float, fan_out: float
    ) -> dict[str, Any]:
        """Values of both parameters, which have these sizes."""
        return {
            "Weights": self._value("Weights", weights, self.WeightsInitializer, fan_in, fan_out),
            "Bias": self._value("Bias", bias, self.BiasInitializer),
        }
