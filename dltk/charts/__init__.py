"""Charts that training scripts draw themselves, where Matplotlib has no equal of MATLAB's."""

from ._animatedline import AnimatedLine, addpoints, animatedline, clearpoints, getpoints
from ._confusionchart import ConfusionMatrixChart, confusionchart, sortClasses
from ._confusionmat import confusionmat
from ._curves import hold
from ._drawnow import drawnow
from ._imtile import imtile
from ._limits import colororder, xlim, ylim

__all__ = [
    "AnimatedLine",
    "ConfusionMatrixChart",
    "addpoints",
    "animatedline",
    "clearpoints",
    "colororder",
    "confusionchart",
    "confusionmat",
    "drawnow",
    "getpoints",
    "hold",
    "imtile",
    "sortClasses",
    "xlim",
    "ylim",
]
