"""What loops often need: clipped gradients, an early end, pooled statistics, a check for NaN."""

from ._average_states import average_states
from ._check_finite import check_finite
from ._early_stopping import early_stopping
from ._thresholds import thresholdAbsoluteValue, thresholdGlobalL2Norm, thresholdL2Norm

__all__ = [
    "average_states",
    "check_finite",
    "early_stopping",
    "thresholdAbsoluteValue",
    "thresholdGlobalL2Norm",
    "thresholdL2Norm",
]
