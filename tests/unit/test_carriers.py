"""What a run carries from step to step, all of it, is in a checkpoint, and comes back bit for bit."""

import json
import math
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.economics.year import Year
from h2plant.results import checkpoint_folder
from h2plant.results.packed import PackingError, pack, unpack
from h2plant.session.checkpoint import CARRIERS, Running, put_back, read_state
from h2plant.session.conclusion import log_writer
from h2plant.session.execution import given_of, keep_checkpoints
from h2plant.session.session import Session

NOT_CARRIED = {
    "_since_s": "the clock of this process",
    "_took": "times: those of both processes",
    "_since": "the clock",
    "_last_s": "the clock",
    "solver_s": "times of the solver",
    "partial": "the folder's own name",
    "folder": "the folder's own name",
    "file": "the folder's own name",
    "_target": "the folder's own name",
    "_parquet": "an open file",
    "_new_log": "makes the next file of the log",
    "_gathered": "room for rows: those in it count, and they are in a segment",
    "log": "room for rows that were handed on",
    "event_marks": "room for events that were handed on",
    "event_sizes": "room for events that were handed on",
    "start": "a watch makes it anew before it looks at it",
    "notes": "a watch's notes are taken at the end of each slice; those of the program say that the run went on",
    "_before": "room for the state before a step",
    "_sums": "checksums, of other names of files",
    "_kept": "names of checkpoints",
    "_texts": "names of files",
    "_n": "number of the last file",
    "_compiled": "addresses of compiled code",
    "before_step": "hangs on the planner, which is compared",
    "kept": "room for drawn steps; those done are in what was taken",
}
"""What may differ in a session that went on, by the name of the attribute, and why."""


def walk(ours: Any, theirs: Any, path: str, seen: set[tuple[int, int]]) -> Iterator[str]:
    """Yield the paths of all numbers and texts that differ in two objects and in all that hangs on them."""
    if (id(ours), id(theirs)) in seen or ours is theirs:
        return
    seen.add((id(ours), id(theirs)))
    if type(ours) is not type(theirs):
        yield path
    elif isinstance(ours, np.ndarray):
        if ours.dtype.names is None and not np.array_equal(ours, theirs, equal_nan=ours.dtype.kind == "f"):
            yield path
    elif ours is None or isinstance(ours, int | float | str | bytes | datetime):
        if ours != theirs and not (ours != ours and theirs != theirs):
            yield path
    else:
        parts = [_parts(one) for one in (ours, theirs)]
        if parts[0].keys() != parts[1].keys():
            yield f"{path}: {parts[0].keys() ^ parts[1].keys()}"
        for name in parts[0].keys() & parts[1].keys():
            if name not in NOT_CARRIED:
                yield from walk(parts[0][name], parts[1][name], f"{path}.{name}", seen)


def _parts(value: Any) -> dict[Any, Any]:
    if isinstance(value, dict):
        return dict(value)
    if hasattr(value, "_asdict"):
        return dict(value._asdict())
    if isinstance(value, list | tuple):
        return dict(enumerate(value))
    if isinstance(value, set | frozenset):
        return dict.fromkeys(value)
    if type(value).__module__.startswith("h2plant."):
        slots = (name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ()))
        return {**{name: getattr(value, name) for name in slots}, **getattr(value, "__dict__", {})}
    return {}


Twins = tuple[Running, Running]


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Twins]]:
    """Make a session that has run for a while, planned day by day, and one that goes on from its checkpoint."""
    pytest.importorskip("highspy")
    scenario = changed_scenario(load_scenario("minimal_day"), hours=72, overrides={"rule.kind": "planned"})

    def session() -> Running:
        one = Session(scenario)
        one.begin()
        one.keep_steps(60)
        return Running(one, log_writer(one, tmp_path_factory.mktemp("twin") / "r", scenario))

    first = session()
    first.session.stream(45 * 60 + 7, first.writer.write, is_end=False)
    given = given_of(scenario, "optimized", 60, math.inf)
    keep_checkpoints(first.session, first.writer, given)
    assert first.session.engine.checkpoints is not None
    first.session.engine.checkpoints.keep()

    def make() -> Twins:
        second = session()
        place = first.writer.checkpoints.folder
        shutil.copytree(place, second.writer.checkpoints.folder)
        name, content = next(checkpoint_folder.states(place))
        assert isinstance(content, bytes)
        kept = read_state(name, content)
        second.writer.checkpoints.take_over(name, kept.segments)
        put_back(second, kept)
        keep_checkpoints(second.session, second.writer, given)
        return first, second

    yield make
    first.writer.abandon()


def differing(twins: Twins) -> list[str]:
    seen: set[tuple[int, int]] = set()
    return [path for one in (0, 1) for path in walk(twins[0][one], twins[1][one], "", seen)]


def test_everything_that_a_run_carries_is_in_a_checkpoint(twins: Callable[[], Twins]) -> None:
    """Whatever hangs on a session and its log, walked through: what differs was forgotten in ``CARRIERS``."""
    pair = twins()
    assert pair[0].session.step_number == 45 * 60 + 7 and len(pair[0].session.program.planning.plans) == 2  # type: ignore[union-attr]
    assert differing(pair) == []
    pair[1].writer.abandon()


# times differ as it is; balances are those of the start here, and tested within the second year of a life
@pytest.mark.parametrize("forgotten", [name for name in CARRIERS if name not in ("times", "balances")])
def test_a_forgotten_carrier_is_found(
    twins: Callable[[], Twins], forgotten: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CARRIERS, forgotten, CARRIERS[forgotten]._replace(put=lambda _running, _kept: None))
    pair = twins()
    assert differing(pair)
    pair[1].writer.abandon()


def test_packed_values_come_back_as_they_were() -> None:
    year = Year({"stack": 1.0 / 3.0}, sold_kg=-0.0, asked_kg=None)
    value = {
        "numbers": [1, -0.0, 0.1 + 0.2, math.nan, math.inf, 2**60, True, None, "text"],
        (1, "key"): {1.5, 2.5},
        "arrays": (np.arange(6.0).reshape(2, 3), np.zeros((0, 4), dtype=np.int64), np.float64(0.1), np.int64(7)),
        "when": datetime(2023, 1, 1, 12),
        "year": year,
    }
    back = unpack(b"".join(pack(value, (Year,))), (Year,))
    assert back["year"] == year and back[(1, "key")] == {1.5, 2.5} and back["when"] == value["when"]
    assert json.dumps(back["numbers"]) == json.dumps(value["numbers"])
    for ours, theirs in zip(back["arrays"], value["arrays"], strict=True):
        assert type(ours) is type(theirs) and ours.dtype == theirs.dtype and np.array_equal(ours, theirs)
    with pytest.raises(TypeError, match="Path cannot be packed"):
        pack({"place": Path("x")})
    with pytest.raises(PackingError, match="nobody knows here"):
        unpack(b"".join(pack(year, (Year,))))
    for content in (
        b"",
        b"h2plant packed values 1\n",
        b"".join(pack([1.0, np.zeros(9)]))[:-8],
        b"h2plant packed values 2\n" * 2,
    ):
        with pytest.raises(PackingError):
            unpack(content)
