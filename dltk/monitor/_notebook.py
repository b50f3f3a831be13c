"""The picture in a notebook: one output, updated in place, the rest of the cell left alone."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from ._data import Data
from ._output import Output, picture


def running_shell() -> Any | None:
    """The IPython shell of a notebook kernel that runs this code, else None."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell if getattr(shell, "kernel", None) is not None else None


class Notebook(Output):
    """An image under the cell in which the training runs.

    When a cell ends, what came after the last redraw is drawn too: kernels live on, so no end of a
    program would do it.
    """

    def __init__(self, data: Data, shell: Any):
        self._data = data
        self._shell = shell
        self._handle: Any = None
        self._shown = -1
        shell.events.register("post_run_cell", self._cell_ended)

    def update(self, data: Data, *, final: bool) -> None:
        """Put the picture in the place of the last one."""
        module = import_module("IPython.display")
        image = module.Image(data=picture(data, dpi=168), format="png", retina=True)
        if self._handle is None:
            self._handle = module.display(image, display_id=True)
        else:
            self._handle.update(image)
        self._shown = data.changes

    def close(self) -> None:
        """Stop listening to the ends of cells."""
        if self._cell_ended in self._shell.events.callbacks["post_run_cell"]:
            self._shell.events.unregister("post_run_cell", self._cell_ended)

    def _cell_ended(self, result: Any = None) -> None:
        if self._handle is not None and self._shown != self._data.changes:
            self._data.settle(wait=True)
            self.update(self._data, final=True)
