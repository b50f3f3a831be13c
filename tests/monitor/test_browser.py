"""The page: its protocol with visitors made here, and a real Chromium where there is one."""

import io
import shutil
import urllib.error
import urllib.request
from queue import SimpleQueue

import numpy as np
import pytest
from PIL import Image

from dltk._errors import OptionError
from dltk.monitor import _browser, recordMetrics, trainingProgressMonitor
from dltk.monitor._browser import Browser
from dltk.monitor._data import Data

pytest.importorskip("tornado")


class Visitor:
    """A page that notes what it was sent; ``says`` is what a page's script would send."""

    def __init__(self, page):
        self.page, self.messages, self.pictures, self.waits = page, [], [], 0

    def says(self, kind, **more):
        self.page._inbox.put((self, {"type": kind, **more}))
        self.page.poll()

    def send_json(self, content):
        self.messages.append(content)

    def send_binary(self, blob):
        self.pictures.append(Image.open(io.BytesIO(blob)).convert("RGB"))

    def wait_sent(self, seconds):
        self.waits += 1

    def state(self):
        return [m["state"] for m in self.messages if m["type"] == "training"][-1]


class NoServer:
    """Rooms without a network."""

    def open_room(self):
        return "http://nowhere/x/", SimpleQueue()

    def leave(self, url, picture):
        self.left = url, picture

    def close_room(self, url):
        self.closed = url


@pytest.fixture
def data(clock):
    data = Data(clock)
    data.set_metrics("Loss")
    return data


@pytest.fixture
def page(data, monkeypatch):
    monkeypatch.setattr("dltk.monitor._server.server", NoServer)
    return Browser(data)


def blue(picture):
    """How many pixels have the colour of the first curve, #0072BD."""
    return int(
        (np.abs(np.asarray(picture.convert("RGB"), int) - (0, 0x72, 0xBD)).sum(-1) < 30).sum()
    )


def test_nothing_is_drawn_while_nobody_looks(page, data, monkeypatch):
    monkeypatch.setattr(_browser, "draw", lambda *args: pytest.fail("drawn"))
    page.update(data, final=False)


def test_who_looks_gets_a_picture_and_then_what_has_changed(page, data):
    visitor = Visitor(page)
    visitor.says("opened")
    visitor.says("refresh")
    visitor.says("draw")
    first = visitor.pictures[-1]
    for step in (1, 2, 3):
        data.record(step, {"Loss": step})
    page.update(data, final=False)
    assert {"type": "image_mode", "mode": "diff"} in visitor.messages
    assert blue(first) < 100  # the swatch beside the name
    assert blue(visitor.pictures[-1]) > 500
    assert visitor.state() == "running"


def test_the_picture_has_the_size_of_the_page(page):
    visitor = Visitor(page)
    visitor.says("opened")
    visitor.says("set_device_pixel_ratio", device_pixel_ratio=2)
    visitor.says("resize", width=900, height=700)
    visitor.says("draw")
    assert visitor.pictures[-1].size == (1800, 1400)
    assert page.figure.get_size_inches() == pytest.approx((9, 7))


def test_stop_reaches_the_loop_and_all_pages(page, data):
    one, other = Visitor(page), Visitor(page)
    one.says("opened")
    other.says("opened")
    one.says("stop")
    assert data.stop
    assert one.state() == other.state() == "stopping"


def test_a_click_on_a_y_axis_switches_its_scale(page, data):
    data.record(1, {"Loss": 0.5})
    visitor = Visitor(page)
    visitor.says("opened")
    click = {"x": 70, "y": 300, "button": 0, "buttons": 1, "modifiers": []}
    visitor.says("button_press", **click)
    assert data.scales == {"Loss": "log"}
    assert len(visitor.pictures) == 1
    visitor.says("button_press", **{**click, "x": 700})
    assert data.scales == {"Loss": "log"}


def test_the_last_picture_is_waited_for(page, data):
    visitor = Visitor(page)
    visitor.says("opened")
    page.update(data, final=True)
    assert visitor.waits == 1
    assert page._server.left[0] == page.url
    assert page._server.left[1].startswith(b"\x89PNG")
    assert visitor.state() == "done"
    assert len(visitor.pictures) == 1


def test_who_has_left_gets_nothing(page, data):
    visitor = Visitor(page)
    visitor.says("opened")
    visitor.says("closed")
    count = len(visitor.messages)
    page.update(data, final=True)
    assert (len(visitor.messages), visitor.pictures) == (count, [])


def test_the_title_says_how_far_it_is(page, data):
    visitor = Visitor(page)
    visitor.says("opened")
    data.set_progress(45)
    page.update(data, final=False)
    titles = [m["title"] for m in visitor.messages if m["type"] == "training"]
    assert titles == ["Training Progress", "45 % – Training Progress"]


def test_a_closed_page_gives_its_address_back(page):
    page.close()
    assert page._server.closed == "http://nowhere/x/"


def test_an_unknown_place_is_refused_with_the_known_ones():
    with pytest.raises(OptionError, match=r'Did you mean "browser"\? Use one of: "auto"'):
        trainingProgressMonitor(Metrics="Loss", display="browse")


def test_a_missing_library_is_named_at_once(monkeypatch):
    monkeypatch.setattr(_browser, "NEEDED", "no_such_library")
    with pytest.raises(ImportError, match=r'pip install "dltk-jax\[browser\]"'):
        trainingProgressMonitor(Metrics="Loss", display="browser")


@pytest.fixture
def shown(capsys, monkeypatch):
    """A monitor on a page that a server of this machine serves, and the page's address."""
    monkeypatch.setenv("TQDM_DISABLE", "1")
    monitor = trainingProgressMonitor(Metrics="Loss", XLabel="Iteration", display="browser")
    assert not monitor.Stop  # the first sign of a loop opens the page
    yield monitor, capsys.readouterr().err.split()[-1]
    monitor.close()


def status(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode("latin-1")
    except urllib.error.HTTPError as error:
        return error.code, ""


def test_the_page_is_served_at_its_secret_address_only_and_while_it_is_open(shown):
    monitor, url = shown
    code, text = status(url)
    assert code == 200
    assert '<button id="stop"' in text
    assert status(url.replace(url.split("/")[3], "1"))[0] == 404
    code, script = status("/".join([*url.split("/")[:3], "mpl.js"]))
    assert code == 200
    assert "mpl.figure = function" in script
    monitor.close()
    assert status(url)[0] == 404


def test_after_the_loop_its_last_picture_is_left(shown):
    monitor, url = shown
    recordMetrics(monitor, 1, Loss=0.5)
    assert status(f"{url}picture.png") == (204, "")
    monitor.Progress = 100
    code, picture = status(f"{url}picture.png")
    assert (code, picture[1:4]) == (200, "PNG")


@pytest.fixture
def chromium(tmp_path):
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if browser is None or driver is None:
        pytest.skip("needs Chromium and its driver (Debian: apt install chromium-driver)")
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for name in (
        "headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run",
        "disable-background-networking", "disable-component-update", "disable-sync",
        "window-size=1250,900", f"user-data-dir={tmp_path / 'profile'}",
    ):  # fmt: skip
        options.add_argument(f"--{name}")
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield driver
    driver.quit()


def test_a_click_on_stop_in_chromium_ends_the_loop(shown, chromium):
    from selenium.webdriver import ActionChains

    monitor, url = shown
    monitor.Progress = 50
    chromium.get(url)
    canvas = chromium.find_element("tag name", "canvas")
    iteration = clicked = 0
    while not monitor.Stop and iteration < 1000:
        iteration += 1
        recordMetrics(monitor, iteration, Loss=1 / iteration)
        picture = Image.open(io.BytesIO(canvas.screenshot_as_png))
        if not clicked and blue(picture) > 3000:  # half of a progress bar
            clicked = iteration
            mouse = ActionChains(chromium)
            mouse.move_to_element_with_offset(canvas, 70 - 1250 // 2, 0).click().perform()
            chromium.find_element("id", "stop").click()
    assert 0 < clicked <= iteration < 1000
    assert monitor.Stop
    assert monitor._data.scales == {"Loss": "log"}  # by a click on the axis
    monitor.close()
    assert chromium.execute_script("return document.getElementById('stop').hidden")
    assert chromium.title == "50 % – Training Progress"
    assert picture.width == 1250
    assert chromium.get_log("browser") == []
