"""Code of a user's own that does not come back: a command that is stopped ends all the same.

Python hears of a signal when it has its turn, and compiled code gives it none until it returns. So a thread hears of
it by itself (``signal.set_wakeup_fd``) and looks whether code of a user's own goes on. Only commands do so: who calls
h2plant from Python keeps the process.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from h2plant.core.compiler_pages import is_compiling

PATIENCE_S = 10.0
"""How long after a signal code may go on without finishing a step."""
_PATIENCE_AGAIN_S = 1.0
"""The same after a second signal."""
_LOOK_S = 0.2
EXIT_STOPPED = 130
_STOPPING = frozenset(
    int(number) for number in (getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")) if number
)


class _Running(NamedTuple):
    """Code of a user that runs: what it is, and how far it came."""

    what: str
    steps: Callable[[], int]


_running: dict[int, _Running] = {}
"""By the thread in which it runs."""
_is_listening = threading.Event()


@contextmanager
def may_hang(what: str, steps: Callable[[], int]) -> Iterator[None]:
    """Note that code of a user's own runs in this thread.

    Parameters
    ----------
    what
        What it is, for a message; empty: there is none, and nothing is noted.
    steps
        Gives the number of steps done.
    """
    if not what:
        yield
        return
    thread = threading.get_ident()
    outer = _running.get(thread)
    _running[thread] = _Running(what, steps)
    try:
        yield
    finally:
        if outer is None:
            del _running[thread]
        else:
            _running[thread] = outer


def end_if_code_hangs() -> None:
    """From now on, end the process some time after Ctrl-C, SIGTERM or SIGHUP if code of a user's own does not go on.

    Once in a process, from its main thread; nothing where somebody else listens to signals in the same way.
    """
    if _is_listening.is_set() or threading.current_thread() is not threading.main_thread():
        return
    heard, told = socket.socketpair()
    told.setblocking(False)
    before = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    if before != -1:
        signal.set_wakeup_fd(before)
        heard.close()
        told.close()
        return
    _is_listening.set()
    threading.Thread(target=_listen, args=(heard, told), name="h2plant-hang", daemon=True).start()


def _listen(heard: socket.socket, _told: socket.socket) -> None:
    """Hear of signals, and end the process when code hangs after one; ``_told`` lives as long as this."""
    n_asked = 0
    since: dict[_Running, tuple[int, float]] = {}
    while True:
        heard.settimeout(_LOOK_S if n_asked else None)
        with suppress(TimeoutError):
            n_asked += sum(number in _STOPPING for number in heard.recv(64))
        if not n_asked:
            continue
        now = time.monotonic()
        since = _standing(since, now)
        patience_s = PATIENCE_S if n_asked == 1 else _PATIENCE_AGAIN_S
        hung = [one.what for one, (_, began) in since.items() if now - began >= patience_s]
        if hung:
            _end(hung[0])


def _standing(before: dict[_Running, tuple[int, float]], now: float) -> dict[_Running, tuple[int, float]]:
    """Return for all code that runs how many steps it did, and since when it has not done another."""
    found = {}
    for one in list(_running.values()):
        steps = one.steps()
        was = before.get(one)
        found[one] = was if was is not None and was[0] == steps and not is_compiling() else (steps, now)
    return found


def _end(what: str) -> None:
    """End the process without asking the thread that hangs; what it was writing stays as after a kill."""
    show_cursor = "\x1b[?25h\r\n" if os.isatty(2) else ""
    text = f"{show_cursor}interrupted; {what} did not come back, so the process ends and its present run is lost\n"
    with suppress(OSError):
        os.write(2, text.encode("utf-8", "backslashreplace"))
    os._exit(EXIT_STOPPED)
