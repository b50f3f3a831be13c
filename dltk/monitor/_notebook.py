"""The picture in a notebook: one output, updated in place, the rest of the cell left alone."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ._data import Data
from ._output import Output, picture


def running_shell() -> Any | None:
    """The IPython shell of a notebook kernel that runs this code, else None."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell if getattr(shell, "kernel", None) is not None else None


class Notebook(Output):
    """An image under the cell in which the training runs, and a Stop button where possible.

    When a cell ends, what came after the last redraw is drawn too: kernels live on, so no end of a
    program would do it.
    """

    def __init__(self, data: Data, shell: Any):
        self._data = data
        self._shell = shell
        self._handle: Any = None
        self._button: Any = None
        self._shown = -1
        self.has_user = _clicks_arrive(shell.kernel)
        shell.events.register("post_run_cell", self._cell_ended)

    def update(self, data: Data, *, final: bool) -> None:
        """Put the picture in the place of the last one."""
        module = import_module("IPython.display")
        image = module.Image(data=picture(data, dpi=168), format="png", retina=True)
        if self._handle is None:
            if self.has_user:
                self._button = _stop_button(data)
                module.display(self._button)
            self._handle = module.display(image, display_id=True)
        else:
            self._handle.update(image)
        if self._button is not None:
            self._button.layout.display = "none" if final else None
        self._shown = data.changes

    def poll(self) -> None:
        """Let a click come in, where the kernel does not see to it while a cell runs."""
        if self._button is not None and not _has_subshells(self._shell.kernel):
            with import_module("jupyter_ui_poll").ui_events() as take:
                take(5)

    def close(self) -> None:
        """Stop listening to the ends of cells."""
        if self._cell_ended in self._shell.events.callbacks["post_run_cell"]:
            self._shell.events.unregister("post_run_cell", self._cell_ended)

    def _cell_ended(self, result: Any = None) -> None:
        if self._handle is not None and self._shown != self._data.changes:
            self._data.settle(wait=True)
            self.update(self._data, final=True)


def _clicks_arrive(kernel: Any) -> bool:
    """Whether a click on a widget can be noticed while a cell runs.

    Since ipykernel 7 widgets are served by a thread beside the running cell (JupyterLab 4.4,
    Notebook 7.4); ipykernel 6 can be asked to look, which jupyter_ui_poll does.
    """
    if find_spec("ipywidgets") is None:
        return False
    can_be_asked = hasattr(kernel, "do_one_iteration") and find_spec("jupyter_ui_poll") is not None
    return _has_subshells(kernel) or can_be_asked


def _has_subshells(kernel: Any) -> bool:
    return bool(getattr(kernel, "_supports_kernel_subshells", False))


def _stop_button(data: Data) -> Any:
    button = import_module("ipywidgets").Button(
        description="Stop", tooltip="End the training after this iteration"
    )

    def press(_: Any) -> None:
        data.request_stop()
        button.description, button.disabled = "Stopping", True

    button.on_click(press)
    # ipykernel 7.4 would hand clicks to the thread that made the button, which is busy; let the
    # notebook choose, as before
    button.comm._reply_subshell_for = lambda message, chosen: chosen
    return button
