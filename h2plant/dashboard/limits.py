"""What one visitor, or many, can take of the dashboard: bytes, connections, time, and pages that are costly to make."""

from __future__ import annotations

import contextlib
import io
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
"""How long a request may take to arrive, or an answer to be taken, before its connection can be given to another, s."""

ARRIVAL_S = 30.0
"""How long a request may take to arrive, its body with it, s."""

_MOST_THROWN_AWAY_BYTES = 16 * MOST_BODY_BYTES
"""How much of a body that is too large is read, so that the one who sends it sees the answer."""

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


_NO_LENGTH = b"A request's body must say its length.\n"
_REFUSAL_OF_CHUNKS = (
    b"HTTP/1.0 411 Length Required\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(_NO_LENGTH), _NO_LENGTH)
)


class QuietHandler(WSGIRequestHandler):
    """Says nothing of each request, and waits for none for ever."""

    timeout = SILENT_S

    def setup(self) -> None:
        """Make the connection ready; what it is slow to take counts as what it is slow to send."""
        super().setup()
        if isinstance(self.server, BoundedServer):
            self.wfile = _Writer(self.wfile, self.server, self.connection)

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""

    def run_wsgi(self) -> None:
        """Answer a request once its body is here; nothing is read of the connection after that."""
        content = self._content()
        if content is None:
            self.close_connection = True
            return
        if isinstance(self.server, BoundedServer):
            self.server.has_arrived(self.connection)
        arriving, self.rfile = self.rfile, io.BytesIO(content)
        try:
            super().run_wsgi()
        finally:
            self.rfile = arriving

    def _content(self) -> bytes | None:
        """Return the body of a request, as far as it may be large; None if it did not arrive, or has no length."""
        if "Transfer-Encoding" in self.headers:
            self.wfile.write(_REFUSAL_OF_CHUNKS)
            return None
        length = self.headers.get("Content-Length", "0").strip()
        n = int(length) if length.isascii() and length.isdecimal() and len(length) < 20 else 0
        if n <= MOST_BODY_BYTES:
            content = self.rfile.read(n)
            return content if len(content) == n else None
        n_left = min(n, _MOST_THROWN_AWAY_BYTES)
        while n_left > 0 and (part := self.rfile.read(min(n_left, MOST_BODY_BYTES))):
            n_left -= len(part)
        return b""


class BoundedServer(ThreadedWSGIServer):
    """A thread for each connection, up to a number of them.

    Where all are taken, the one that has been waited for longest makes room, if that is some seconds: for its request
    to arrive, with its body, or for it to take a part of its answer; else the newcomer is told to come again. A
    request that does not arrive in ``ARRIVAL_S`` is ended in any case.
    """

    daemon_threads = True

    def __init__(self, *arguments: Any, most: int = MOST_CONNECTIONS, **more: Any) -> None:
        self._free = threading.BoundedSemaphore(most)
        self._waited: OrderedDict[socket.socket, float] = OrderedDict()
        self._lock = threading.Lock()
        super().__init__(*arguments, **more)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer a connection in a thread, or say that there are too many."""
        if not (self._free.acquire(blocking=False) or (self._end_slowest(_SLOW_S) and self._free.acquire(timeout=0.2))):
            with contextlib.suppress(OSError):
                request.settimeout(0.2)
                request.sendall(_REFUSAL)
            self.shutdown_request(request)
            return
        self.waits_for(request)
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

    def service_actions(self) -> None:
        """End connections that are waited for too long; called several times a second."""
        super().service_actions()
        while self._end_slowest(ARRIVAL_S):
            pass

    def waits_for(self, connection: socket.socket) -> None:
        """Note that a connection has to send, or to take, something before its request can go on."""
        with self._lock:
            self._waited[connection] = time.monotonic()

    def has_arrived(self, connection: socket.socket) -> None:
        """Note that what a connection had to send is here, or what it had to take is taken."""
        with self._lock:
            self._waited.pop(connection, None)

    def _forget(self, connection: socket.socket) -> None:
        self.has_arrived(connection)
        self._free.release()

    def _end_slowest(self, after_s: float) -> bool:
        """End the connection that has been waited for longest; false where none has been for so long."""
        with self._lock:
            oldest = next(iter(self._waited.items()), None)
            if oldest is None or time.monotonic() - oldest[1] < after_s:
                return False
            connection = oldest[0]
            del self._waited[connection]
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        return True


class _Writer(io.BufferedIOBase):
    """Writes an answer, and says to the server that it waits for the one who takes it."""

    def __init__(self, of: Any, server: BoundedServer, connection: socket.socket) -> None:
        self._of, self._server, self._connection = of, server, connection

    def writable(self) -> bool:
        """Return true."""
        return True

    def write(self, content: Any) -> int:
        """Write all of it."""
        self._server.waits_for(self._connection)
        try:
            return int(self._of.write(content))
        finally:
            self._server.has_arrived(self._connection)


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
        self._total = 0
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what belongs to a key; made only if it is not kept. Others that ask for it meanwhile wait for it.

        Keys are texts, numbers and tuples of them: what is looked up without a lock must not run Python code.
        """
        try:  # without a lock: fifty that each wait for it some hundred times wait for seconds
            found = self._made[key]
            self._made.move_to_end(key)
            return found
        except KeyError:  # not made yet, or just let go
            return self._made_once(key, make)

    def _made_once(self, key: Hashable, make: Callable[[], T]) -> T:
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
                    self._total += self._size(made)
                    while len(self._made) > 1 and self._total > self._most:
                        _, gone = self._made.popitem(last=False)
                        self._total -= self._size(gone)
                return made
        finally:
            with self._lock:
                if not one_at_a_time.locked():
                    self._making.pop(key, None)
