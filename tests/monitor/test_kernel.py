"""A real notebook kernel: what it sends to a notebook, and a click on Stop while a cell runs."""

import queue
import time

import pytest

pytest.importorskip("ipykernel")
pytest.importorskip("ipywidgets")
manager = pytest.importorskip("jupyter_client.manager")

START = """
from dltk.monitor import recordMetrics, trainingProgressMonitor

def train():
    monitor = trainingProgressMonitor(Metrics="Loss", XLabel="Iteration")
    iteration = 0
    while not monitor.Stop:
        iteration += 1
        recordMetrics(monitor, iteration, Loss=1 / iteration)
    return monitor
"""


class Notebook:
    """What a notebook does: it sends cells and clicks, and gathers what comes back."""

    def __init__(self, client):
        self.client, self.messages = client, []

    def run(self, code):
        return self.client.execute(code)

    def wait(self, wanted):
        """The first message that is ``wanted``, of those from now on."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                message = self.client.get_iopub_msg(timeout=1)
            except queue.Empty:
                continue
            self.messages.append(message)
            if wanted(message):
                return message
        raise TimeoutError([m["msg_type"] for m in self.messages])

    def wait_for(self, kind, cell):
        return self.wait(lambda m: m["msg_type"] == kind and m["parent_header"]["msg_id"] == cell)

    def wait_end(self, cell):
        return self.wait(
            lambda m: (
                m["content"].get("execution_state") == "idle"
                and m["parent_header"]["msg_id"] == cell
            )
        )

    def click(self, button):
        """As JupyterLab: to a thread of the kernel that is there for widgets."""
        session = self.client.session
        self.client.control_channel.send(session.msg("create_subshell_request"))
        answer = self.client.get_control_msg(timeout=30)["content"]
        event = {"method": "custom", "content": {"event": "click"}}
        message = session.msg("comm_msg", {"comm_id": button, "data": event})
        message["header"]["subshell_id"] = answer["subshell_id"]
        self.client.shell_channel.send(message)

    def printed(self, cell):
        return "".join(
            m["content"]["text"]
            for m in self.messages
            if m["msg_type"] == "stream"
            and m["content"]["name"] == "stdout"
            and m["parent_header"]["msg_id"] == cell
        )

    def kinds(self, cell):
        return [m["msg_type"] for m in self.messages if m["parent_header"]["msg_id"] == cell]


@pytest.fixture(scope="module")
def kernel():
    """A kernel and its client, and a function ``train`` in it."""
    kernel, client = manager.start_new_kernel(kernel_name="python3", startup_timeout=60)
    notebook = Notebook(client)
    notebook.wait_end(notebook.run(START))
    yield kernel, client
    client.stop_channels()
    kernel.shutdown_kernel(now=True)


@pytest.fixture
def notebook(kernel):
    return Notebook(kernel[1])


def is_button(message):
    state = message["content"].get("data", {}).get("state", {})
    return state.get("_model_name") == "ButtonModel"


def test_a_click_on_stop_ends_the_loop_while_other_cells_wait(notebook):
    cell = notebook.run("print(train().Stop)")
    later = notebook.run("print('later')")
    button = notebook.wait(is_button)["content"]["comm_id"]
    picture = notebook.wait(lambda m: "image/png" in m["content"].get("data", {}))
    notebook.click(button)
    notebook.wait_end(later)
    assert notebook.printed(cell) == "True\n"
    assert notebook.printed(later) == "later\n"
    kinds = notebook.kinds(cell)
    assert kinds.count("display_data") == 2  # the button and one picture
    assert kinds.count("update_display_data") >= 1
    places = {
        m["content"]["transient"]["display_id"]
        for m in notebook.messages
        if m["msg_type"] == "update_display_data"
    }
    assert places == {picture["content"]["transient"]["display_id"]}


def test_interrupting_the_kernel_is_stop_too(kernel, notebook):
    cell = notebook.run("print(train().Stop)")
    notebook.wait_for("display_data", cell)
    kernel[0].interrupt_kernel()
    notebook.wait_end(cell)
    assert notebook.printed(cell) == "True\n"
    assert "error" not in notebook.kinds(cell)
