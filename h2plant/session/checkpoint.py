"""Checkpoints of a run: everything that it carries from step to step, of which run it is, and when it is kept.

``CARRIERS`` is the one list of what carries state. All else in a session follows from scenario, plant and series, and
is made anew before a run goes on; a test walks through a session that goes on and one that never ended, and compares
everything that it finds in them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from h2plant.core.error import reason_of
from h2plant.core.number import within_floats
from h2plant.economics.year import Year
from h2plant.planning.optimum import Optimum
from h2plant.results.checkpoint_folder import CheckpointFolder
from h2plant.results.folder import LogWriter
from h2plant.results.packed import pack, unpack
from h2plant.session.session import Session
from h2plant.simulation.program import STEP, WRITTEN

FORMAT = 1
AUTOMATIC_S = 60.0
"""Computing time after which a run that says nothing of checkpoints keeps one, and the next, s."""
NEVER = math.inf

_BUFFERS = ("log", "event_marks", "event_sizes")
"""What a run writes and hands on before a checkpoint is made."""


class Running(NamedTuple):
    """What takes part in a run; between two years of a life nothing writes a log."""

    session: Session
    log: LogWriter | None

    @property
    def writer(self) -> LogWriter:
        """What writes the log."""
        assert self.log is not None
        return self.log


class Carrier(NamedTuple):
    """Something that a run carries from step to step: how it is taken, and how another session of the run gets it."""

    what: str
    take: Callable[[Running], Any]
    put: Callable[[Running, Any], None]


def _arrays(running: Running) -> dict[str, Any]:
    arrays = running.session.program.arrays
    return {name: getattr(arrays, name).copy() for name in WRITTEN if name not in _BUFFERS}


def _put_arrays(running: Running, kept: Mapping[str, Any]) -> None:
    for name, values in kept.items():
        getattr(running.session.program.arrays, name)[:] = values
    running.session.engine.take_over()


def _of_part(what: str, part: Callable[[Session], Any]) -> Carrier:
    """Return the carrier of a part that a session may have, and that tells and takes where it stands."""

    def take(running: Running) -> Any:
        found = part(running.session)
        return None if found is None else found.snapshot()

    def put(running: Running, kept: Any) -> None:
        if (found := part(running.session)) is not None:
            found.restore(kept)

    return Carrier(what, take, put)


CARRIERS: dict[str, Carrier] = {
    "arrays": Carrier("states, bus, sums, totals, events under way, counters", _arrays, _put_arrays),
    "planning": _of_part(
        "where the plan stands, and what it wrote into the series", lambda session: session.program.planning
    ),
    "balances": Carrier(
        "what the balances started from",
        lambda running: running.session.opened(),
        lambda running, kept: running.session.open_again(kept),
    ),
    "steps": _of_part("single steps kept for the audit, and the modes seen", lambda session: session.engine.keeper),
    "log": Carrier(
        "rows of the log and events that are over",
        lambda running: running.writer.snapshot(),
        lambda running, kept: running.writer.restore(kept),
    ),
    "times": Carrier(
        "what the run took so far",
        lambda running: running.session.took_so_far(),
        lambda running, kept: running.session.add_time(kept),
    ),
}
"""Everything that a run carries from step to step, in the order in which it is put back."""

BETWEEN_YEARS = ("arrays", "times")
"""What goes on from one year of a life to the next."""

CLASSES = (Optimum, Year)
"""Classes of values in a checkpoint."""


class Given(NamedTuple):
    """What a run was asked for, from which it is loaded again.

    Attributes
    ----------
    source
        Name of a bundled scenario or plant, or path of the file.
    name, start, hours, step_s, log_every_s, overrides, timezone
        As in the scenario.
    engine, audit_steps, checkpoint_every_s
        As in ``execute``.
    n_years, input_years
        As in ``execute_years``; no years: a run by itself.
    called
        Name or path by which it was called, for the command line that repeats it.
    written
        As in the scenario: which of these the file says.
    """

    source: str
    name: str
    start: datetime
    hours: float
    step_s: int
    log_every_s: int
    overrides: dict[str, Any]
    timezone: str | None
    engine: str
    audit_steps: int
    checkpoint_every_s: float | None
    n_years: int = 0
    input_years: tuple[int, ...] = ()
    called: str = ""
    written: Mapping[str, Any] = {}


class Kept(NamedTuple):
    """A checkpoint as it was read: what was asked for, of which run it is, what it carried, and of a life its years."""

    given: Given
    identity: dict[str, Any]
    carried: dict[str, Any]
    years: Any
    name: str = ""

    @property
    def segments(self) -> Sequence[str]:
        """Names of the segments of the log so far."""
        found: Sequence[str] = self.carried["log"]["segments"] if self.is_within else ()
        return found

    @property
    def is_within(self) -> bool:
        """Whether it was made within a run, and not between two years of a life."""
        return "log" in self.carried

    @property
    def hours_done(self) -> float:
        """Time run, h; of a life in the year under way."""
        return float(self.carried["arrays"]["counters"][STEP]) * self.given.step_s / 3600.0 if self.is_within else 0.0


def read_state(name: str, content: bytes) -> Kept:
    """Return a checkpoint from its bytes.

    Raises
    ------
    ValueError
        They are none, or of another version.
    """
    state = unpack(content, (*CLASSES, Given))
    if state["format"] != FORMAT:
        raise ValueError(f"of format {state['format']}, this version reads {FORMAT}")
    return Kept(state["given"], state["identity"], state["carried"], state["years"], name)


def put_back(running: Running, kept: Kept) -> None:
    """Let a session and its writer, at their start, go on from a checkpoint of the same run."""
    for name, carrier in CARRIERS.items():
        carrier.put(running, kept.carried[name])


def taken_between_years(session: Session) -> dict[str, Any]:
    """Return what goes on from one year of a life to the next; all else begins anew with it."""
    return {name: CARRIERS[name].take(Running(session, None)) for name in BETWEEN_YEARS}


def put_back_between_years(session: Session, kept: Kept) -> None:
    """Let a session go on from a checkpoint that was made between two years."""
    for name in BETWEEN_YEARS:
        CARRIERS[name].put(Running(session, None), kept.carried[name])


class Checkpoints:
    """Keeps checkpoints of a run: every so many hours of it, or by itself once a minute of computing.

    Parameters
    ----------
    running
        What runs.
    given
        What it was asked for.
    identity
        Returns of which run it is (``identity.identity_of``).
    years
        Returns what the years of a life left so far.
    """

    def __init__(
        self,
        running: Running,
        given: Given,
        identity: Callable[[], Mapping[str, Any]],
        years: Callable[[], Any] = lambda: None,
    ) -> None:
        self._running = running
        self._given = given
        self._identity = identity
        self._years = years
        every_s: float | None = within_floats(given.checkpoint_every_s)
        self._every = None if every_s is None else max(1.0, every_s / given.step_s)
        self._since_s = self._last_s = time.monotonic()
        self._first = self._last = running.session.step_number

    def steps_left(self, step_number: int) -> int:
        """Return the steps to the next checkpoint, or that take until it is due."""
        if self._every is not None:
            return 1_000_000_000 if self._every == NEVER else max(1, self._next() - step_number)
        now = time.monotonic()
        done = step_number - self._first
        if done == 0:
            return 1_000_000_000
        left_s = max(0.0, AUTOMATIC_S - (now - self._last_s))
        return max(1, math.ceil(done / max(now - self._since_s, 1e-3) * left_s))

    def is_due(self, step_number: int, is_stopped: bool = False) -> bool:
        """Tell whether to keep where the run stands: in time, or where it stops, if it was kept before."""
        if self._every == NEVER:
            return False
        if is_stopped and (self._every is not None or not self._running.writer.checkpoints.is_empty):
            return True
        if self._every is not None:
            return step_number >= self._next()
        return time.monotonic() - self._last_s >= AUTOMATIC_S

    def _next(self) -> int:
        """Return the step at which the next checkpoint is due: whole multiples of the interval from the start."""
        assert self._every is not None
        return math.ceil((math.floor(self._last / self._every + 1e-9) + 1) * self._every - 1e-9)

    def keep(self) -> None:
        """Keep where the run stands.

        A checkpoint that cannot be written is noted, and the run goes on; where the log cannot be written, it ends.

        Raises
        ------
        ResultsError
            The log so far cannot be written.
        """
        running = self._running
        carried = {name: carrier.take(running) for name, carrier in CARRIERS.items()}
        self._last, self._last_s = running.session.step_number, time.monotonic()
        plant = running.session.plant
        write(
            running.writer.checkpoints, self._given, self._identity(), carried, self._years(), plant.files(), self._note
        )

    def _note(self, reason: str) -> None:
        note = f"a checkpoint after {self._running.session.hours_done:g} h could not be written ({reason})"
        self._running.session.program.notes.append(note)


def write(
    folder: CheckpointFolder,
    given: Given,
    identity: Mapping[str, Any],
    carried: Mapping[str, Any],
    years: Any,
    texts: Mapping[str, str],
    note: Callable[[str], None],
) -> None:
    """Write a checkpoint; where that fails, the reason is noted, and those before it stay."""
    state = {"format": FORMAT, "given": given, "identity": identity, "carried": carried, "years": years}
    segments = carried["log"]["segments"] if "log" in carried else ()
    try:
        folder.write(pack(state, (*CLASSES, Given)), segments, texts)
    except OSError as error:
        note(reason_of(error))
