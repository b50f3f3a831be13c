"""The training progress monitor: metrics, infos and a Stop button for a custom training loop."""

from ._functions import exportPlotAsImage, groupSubPlot, recordMetrics, updateInfo, yscale
from ._state import trainingProgressMonitor

__all__ = [
    "exportPlotAsImage",
    "groupSubPlot",
    "recordMetrics",
    "trainingProgressMonitor",
    "updateInfo",
    "yscale",
]
