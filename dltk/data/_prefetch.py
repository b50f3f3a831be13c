"""One thing prepared in a thread while the caller is busy with the one before."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any


class Ahead:
    """Holds at most one result in preparation, so order and memory are bounded.

    The thread works only between `start` and the end of that one call; what the call touches may be
    used by the caller when nothing is `pending` or the result is there. Without a reference to this
    object the thread ends.
    """

    def __init__(self):
        self._pool: ThreadPoolExecutor | None = None
        self._future: Future[Any] | None = None

    @property
    def pending(self) -> bool:
        return self._future is not None

    def start(self, make: Callable[[], Any]) -> None:
        """Call ``make`` in the thread."""
        assert self._future is None
        self._pool = self._pool or ThreadPoolExecutor(1, thread_name_prefix="minibatchqueue")
        self._future = self._pool.submit(make)

    def put(self, made: Any) -> None:
        """What a call would return, without calling."""
        self.drop()
        self._future = Future()
        self._future.set_result(made)

    def look(self) -> Any:
        """Wait for the result, or raise what the call raised; it stays pending."""
        assert self._future is not None
        return self._future.result()

    def take(self) -> Any:
        """Wait for the result, or raise what the call raised; nothing is pending afterwards."""
        assert self._future is not None
        future, self._future = self._future, None
        return future.result()

    def drop(self) -> None:
        """Forget the result; on return the thread is idle."""
        if self._future is not None and not self._future.cancel():
            wait([self._future])
        self._future = None
