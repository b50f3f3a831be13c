"""A small web server in a thread of its own: pages go out, what visitors do comes into inboxes.

The thread never touches a figure. It puts what arrives into the inbox of a room; the thread of the
training empties the inbox when it has time, and hands back what shall be sent.
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import secrets
import threading
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from matplotlib.backends.backend_webagg_core import FigureManagerWebAgg
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler, StaticFileHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

HTML = Path(__file__).with_name("page.html")

Inbox = SimpleQueue[tuple["Visitor", dict[str, Any]]]


class Server:
    """Serves rooms at http://address:port/<secret name>/ until the program ends.

    The secret keeps other users of the machine, and other pages in the same browser, from looking
    in and pressing Stop.
    """

    def __init__(self, address: str, port: int, tries: int):
        self._address = address
        self._rooms: dict[str, Inbox] = {}
        self._pictures: dict[str, bytes] = {}
        self._loop = asyncio.new_event_loop()
        sockets = _free_sockets(address, port, tries)
        self._port = sockets[0].getsockname()[1]
        threading.Thread(target=self._run, args=(sockets,), name="dltk-pages", daemon=True).start()

    def open_room(self) -> tuple[str, Inbox]:
        """A new address, and where its visitors' messages arrive."""
        name, inbox = secrets.token_urlsafe(12), SimpleQueue()
        self._rooms[name] = inbox
        return f"http://{self._address}:{self._port}/{name}/", inbox

    def leave(self, url: str, picture: bytes) -> None:
        """A picture for those who come when no loop runs that would empty the inbox."""
        self._pictures[_name(url)] = picture

    def close_room(self, url: str) -> None:
        """The address is gone."""
        self._rooms.pop(_name(url), None)
        self._pictures.pop(_name(url), None)

    def _run(self, sockets: list[Any]) -> None:
        asyncio.set_event_loop(self._loop)
        files = FigureManagerWebAgg.get_static_file_path()
        more = {"rooms": self._rooms, "loop": self._loop}
        application = Application(
            [
                (r"/_static/(.*)", StaticFileHandler, {"path": files}),
                (r"/mpl.js", Script),
                (r"/([\w-]+)/", Page, {"rooms": self._rooms}),
                (r"/([\w-]+)/picture.png", Picture, {"pictures": self._pictures}),
                (r"/([\w-]+)/ws", Visitor, more),
            ],
            websocket_ping_interval=20,
        )
        HTTPServer(application).add_sockets(sockets)
        self._loop.run_forever()


def _name(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def _free_sockets(address: str, port: int, tries: int) -> list[Any]:
    """Sockets on the first free port of a few in turn, else on any that is free."""
    for candidate in [*range(port, port + tries), 0]:
        try:
            return bind_sockets(candidate, address)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES) or candidate == 0:
                raise
    raise AssertionError("the last candidate returned or raised")


class Script(RequestHandler):
    """Matplotlib's own script for figures in a browser."""

    def get(self) -> None:
        """Send it."""
        self.set_header("Content-Type", "application/javascript")
        self.write(FigureManagerWebAgg.get_javascript() or "")


class Page(RequestHandler):
    """The page of a room."""

    def initialize(self, rooms: dict[str, Inbox]) -> None:
        """Take what the application hands over."""
        self._rooms = rooms

    def get(self, name: str) -> None:
        """Send it, or 404 for a room that never was or is closed."""
        if name not in self._rooms:
            raise HTTPError(404)
        self.set_header("Cache-Control", "no-store")
        self.write(HTML.read_bytes())


class Picture(RequestHandler):
    """The picture that was left in a room."""

    def initialize(self, pictures: dict[str, bytes]) -> None:
        """Take what the application hands over."""
        self._pictures = pictures

    def get(self, name: str) -> None:
        """Send it, or 204 where there is none (yet)."""
        self.set_header("Cache-Control", "no-store")
        if name not in self._pictures:
            self.set_status(204)
            return
        self.set_header("Content-Type", "image/png")
        self.write(self._pictures[name])


class Visitor(WebSocketHandler):
    """One open page. ``send_json`` and ``send_binary`` are what Matplotlib expects of it."""

    def initialize(self, rooms: dict[str, Inbox], loop: asyncio.AbstractEventLoop) -> None:
        """Take what the application hands over."""
        self._rooms, self._loop = rooms, loop
        self._inbox: Inbox = SimpleQueue()
        self._sent: Future[None] | None = None

    def open(self, *args: str, **kwargs: str) -> None:
        """A page was opened."""
        if args[0] not in self._rooms:
            self.close()
            return
        self._inbox = self._rooms[args[0]]
        self._inbox.put((self, {"type": "opened"}))

    def on_message(self, message: str | bytes) -> None:
        """The page says something."""
        self._inbox.put((self, json.loads(message)))

    def on_close(self) -> None:
        """The page is gone."""
        self._inbox.put((self, {"type": "closed"}))

    def send_json(self, content: dict[str, Any]) -> None:
        """From the thread of the training: send a message."""
        self._sent = asyncio.run_coroutine_threadsafe(self._send(json.dumps(content)), self._loop)

    def send_binary(self, blob: bytes) -> None:
        """From the thread of the training: send a picture."""
        self._sent = asyncio.run_coroutine_threadsafe(self._send(blob), self._loop)

    def wait_sent(self, seconds: float) -> None:
        """Until everything has left, so that a program may end."""
        if self._sent is not None:
            self._sent.exception(seconds)

    async def _send(self, message: str | bytes) -> None:
        with suppress(WebSocketClosedError):  # its "closed" is in the inbox
            await self.write_message(message, binary=isinstance(message, bytes))


_server: tuple[int, Server] | None = None


def server() -> Server:
    """The one server of this process (a forked process has its own), at Matplotlib's address.

    The settings are Matplotlib's for its WebAgg backend: ``webagg.address``, ``webagg.port``.
    """
    from matplotlib import rcParams

    global _server
    if _server is None or _server[0] != os.getpid():
        address, port = rcParams["webagg.address"], rcParams["webagg.port"]
        _server = os.getpid(), Server(address, port, rcParams["webagg.port_retries"])
    return _server[1]
