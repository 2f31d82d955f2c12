"""What one visitor, or many, can take of the dashboard: bytes, connections, time, and pages that are costly to make."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Any, Generic, TypeVar

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from h2plant.core.error import UserError

T = TypeVar("T")

MOST_BODY_BYTES = 1_000_000
"""Largest body of a request; what a page sends has a few kilobytes."""

MOST_CONNECTIONS = 256
"""Most connections at a time; each has a thread of its own."""

SILENT_S = 30.0
"""How long a connection may say nothing, s."""

_SLOW_S = 5.0
"""How long a request may take to arrive before its connection can be given to another, s."""

MOST_COSTLY = 2
"""Most reports, comparisons and exports that are made at a time."""
COSTLY_WAIT_S = 60.0
"""How long the next one waits for its turn, s."""

_BUSY = b"The dashboard has as many connections as it takes; try again in a moment.\n"
_REFUSAL = (
    b"HTTP/1.0 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Retry-After: 2\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(_BUSY), _BUSY)
)


class Busy(UserError):
    """More is asked at a time than the dashboard does; the text says what to do."""


class QuietHandler(WSGIRequestHandler):
    """Says nothing of each request, and waits for none for ever."""

    timeout = SILENT_S

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""

    def run_wsgi(self) -> None:
        """Answer a request: its line and its headers have arrived."""
        if isinstance(self.server, BoundedServer):
            self.server.has_arrived(self.connection)
        super().run_wsgi()


class BoundedServer(ThreadedWSGIServer):
    """A thread for each connection, up to a number of them.

    Where all are taken, the one whose request has been arriving for longest makes room, if that is some seconds; else
    the newcomer is told to come again.
    """

    daemon_threads = True

    def __init__(self, *arguments: Any, most: int = MOST_CONNECTIONS, **more: Any) -> None:
        self._free = threading.BoundedSemaphore(most)
        self._arriving: OrderedDict[socket.socket, float] = OrderedDict()
        self._lock = threading.Lock()
        super().__init__(*arguments, **more)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer a connection in a thread, or say that there are too many."""
        if not (self._free.acquire(blocking=False) or (self._make_room() and self._free.acquire(timeout=0.2))):
            with contextlib.suppress(OSError):
                request.settimeout(0.2)
                request.sendall(_REFUSAL)
            self.shutdown_request(request)
            return
        with self._lock:
            self._arriving[request] = time.monotonic()
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._forget(request)
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer a connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._forget(request)

    def has_arrived(self, connection: socket.socket) -> None:
        """Note that the request of a connection is here."""
        with self._lock:
            self._arriving.pop(connection, None)

    def _forget(self, connection: socket.socket) -> None:
        self.has_arrived(connection)
        self._free.release()

    def _make_room(self) -> bool:
        """End the connection whose request has been arriving for longest; false where none is slow."""
        with self._lock:
            oldest = next(iter(self._arriving.items()), None)
            if oldest is None or time.monotonic() - oldest[1] < _SLOW_S:
                return False
            connection = oldest[0]
            del self._arriving[connection]
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        return True


class Turns:
    """Gives turns to what is costly."""

    def __init__(self, most: int = MOST_COSTLY, wait_s: float = COSTLY_WAIT_S) -> None:
        self._free = threading.BoundedSemaphore(most)
        self._wait_s = wait_s

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn and hold it.

        Raises
        ------
        Busy
            None came.
        """
        if not self._free.acquire(timeout=self._wait_s):
            raise Busy("the dashboard is busy with other reports and exports; try again in a moment")
        try:
            yield
        finally:
            self._free.release()


class Made(Generic[T]):
    """What was costly to make, the latest used kept up to a size; each is made by one at a time.

    Parameters
    ----------
    most
        Of the sizes of all that is kept.
    size
        Size of one; by default each counts as 1.
    """

    def __init__(self, most: int, size: Callable[[T], int] = lambda _: 1) -> None:
        self._most = most
        self._size = size
        self._made: OrderedDict[Hashable, T] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what belongs to a key; made only if it is not kept. Others that ask for it meanwhile wait for it."""
        with self._lock:
            one_at_a_time = self._making.setdefault(key, threading.Lock())
        try:
            with one_at_a_time:
                with self._lock:
                    if key in self._made:
                        self._made.move_to_end(key)
                        return self._made[key]
                made = make()
                with self._lock:
                    self._made[key] = made
                    while len(self._made) > 1 and sum(map(self._size, self._made.values())) > self._most:
                        self._made.popitem(last=False)
                return made
        finally:
            with self._lock:
                if not one_at_a_time.locked():
                    self._making.pop(key, None)
