"""What stands under ``faults:`` of a plant or a scenario becomes ``Faults``."""

from __future__ import annotations

import calendar
import fnmatch
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from h2plant.config.parameter import read_parameter
from h2plant.config.series_entry import clock_problem, parse_time
from h2plant.config.yaml_source import Node, plain_scalar
from h2plant.core.declare import Field, Kind
from h2plant.core.number import is_finite
from h2plant.core.sensor_role import Sensor
from h2plant.core.units import parse_unit, parse_unit_text
from h2plant.plant.fault import (
    NO_FAULTS,
    WAYS,
    Fault,
    Faults,
    Random,
    Span,
    Way,
    When,
    Yearly,
    faultable,
    has_shares,
    measured_ports,
    ways,
)
from h2plant.plant.fault_links import Wired, wire
from h2plant.plant.finding import Finding, listing, nearest
from h2plant.plant.graph import Component, Link
from h2plant.plant.outage import GRID_S

FAULTS = "faults"
"""The key of a plant's or a scenario's faults."""
OFF = "off"
"""In place of a fault's mapping: it is taken out, such as by a scenario."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_MOST_SEED = 2**32 - 1
_LONGEST_S = 100.0 * 8766.0 * 3600.0
_TEXTS = ("component", "fault", "port", "from", "to", "description")


def _field(name: str, unit: str, doc: str, low: float | None, high: float | None = None, whole: bool = False) -> Field:
    return Field(name, unit, "parameter", doc, ge=low, le=high, is_whole=whole)


_NUMBERS = Kind(
    name="fault",
    doc="What a fault says in numbers.",
    fields=(
        _field("share_frac", "1", "how much of the component is out, or of its heat transfer is lost", 0.0, 1.0),
        _field("gain_frac", "1", "share of the signal by which it is read too high", -1.0, 10.0),
        _field("from_s", "s", "begin, after the start of the run", 0.0, _LONGEST_S),
        _field("to_s", "s", "end, after the start of the run", 0.0, _LONGEST_S),
        _field("month", "1", "month in which it comes each year", 1.0, 12.0, True),
        _field("day", "1", "day of that month", 1.0, 31.0, True),
        _field("hour", "1", "hour of that day, local time", 0.0, 24.0),
        _field("length_s", "s", "how long it lasts each year", float(GRID_S), 366.0 * 86400.0),
        _field("mtbf_s", "s", "mean time of working between two failures", float(GRID_S), _LONGEST_S),
        _field("mttr_s", "s", "mean time of repair", float(GRID_S), _LONGEST_S),
        _field("cost_eur", "EUR", "paid each time", 0.0, 1.0e10),
        _field("cost_eur_per_s", "EUR/s", "paid while it lasts", 0.0, 1.0e7),
    ),
    ports=(),
    step=lambda c, bus, props, dt: 0,
)
_KEYS = [*_TEXTS, *("share_frac", "gain_frac", "bias_<unit>", "from_h", "to_h", "month", "day", "hour", "length_h")]
_KEYS += ["mtbf_h", "mttr_h", "cost_eur", "cost_eur_per_h"]
_MANNERS: dict[tuple[str, ...], str] = {
    ("from", "to"): "'from' and 'to', local time",
    ("from_s", "to_s"): "'from_h' and 'to_h', after the start of the run",
    ("month", "length_s"): "'month' and 'length_h', each year",
    ("mtbf_s", "mttr_s"): "'mtbf_h' and 'mttr_h', at random",
}


_STEMS_OF_TIME = ("from", "to", "month", "length", "mtbf", "mttr")


class FaultSource(NamedTuple):
    """Faults as a file has them: what stands under the key, lines by dotted path, the file."""

    data: Any
    lines: Mapping[str, int]
    file: Path | None


@dataclass
class _Entry:
    """A fault as it was written: its keys with their values and lines."""

    name: str
    data: dict[str, Any]
    lines: dict[str, int]
    file: Path | None
    where: dict[str, str] = field(default_factory=dict)  # of keys that a change gives
    numbers: dict[str, float] = field(default_factory=dict)

    def line(self, key: str = "") -> int:
        return self.lines.get(key, self.lines.get("", 0))


class FaultReader:
    """Reads the faults of a plant from its file, a scenario and changes, and brings them to the components.

    Parameters
    ----------
    sources
        The plant's faults, then those of a scenario, which win over them.
    overrides
        Changes: ``faults.<name>.<key>``, ``faults.seed``.
    timezone
        IANA zone of the plant's clock.
    findings
        What is wrong is appended here.
    """

    def __init__(
        self, sources: list[FaultSource], overrides: Mapping[str, str | float], timezone: str, findings: list[Finding]
    ) -> None:
        self._timezone, self._findings = timezone, findings
        self._entries: dict[str, _Entry] = {}
        self._seed = 0
        self._blocks: Collection[str] = ()
        for source in sources:
            self._take(source)
        for key, value in overrides.items():
            if key.partition(".")[0] == FAULTS:
                self._change(key, plain_scalar(value) if isinstance(value, str) else value)

    def wired(
        self,
        components: Mapping[str, Component],
        links: tuple[Link, ...],
        kinds: Mapping[str, Kind],
        blocks: Collection[str] = (),
    ) -> tuple[Wired, Faults]:
        """Return components and links with what brings the faults, and the faults; ``blocks`` are ids of blocks."""
        self._blocks = blocks
        if not self._entries:
            return Wired(dict(components), links), NO_FAULTS
        read = tuple(fault for entry in self._entries.values() for fault in self._read(entry, components))
        sensor = next((kind for kind in kinds.values() if isinstance(kind.role, Sensor)), None)
        faults = Faults(read)
        found = wire(components, links, faults, sensor)
        for fault, what, remedy in found.refused:
            self._find(self._entries[fault.name], "unreachable-fault", what, remedy, "component")
        return found, faults

    # --- what was written

    def _take(self, source: FaultSource) -> None:
        if source.data is None:
            return
        if not isinstance(source.data, Mapping):
            self._say("wrong-type", FAULTS, "is no mapping of names to faults", _EXAMPLE, source, FAULTS)
            return
        for name, data in source.data.items():
            key = f"{FAULTS}.{name}"
            if name == "seed":
                self._set_seed(data, key, source)
            elif data == OFF:
                if self._entries.pop(name, None) is None:
                    known = nearest(name, self._entries) if self._entries else "remove this line"
                    self._say("unknown-fault", key, f"there is no fault '{name}' to take out", known, source, key)
            elif not _NAME.fullmatch(str(name)):
                remedy = "start with a letter from a to z, then these, digits, '_'"
                self._say("bad-id", key, f"'{name}' cannot be the name of a fault", remedy, source, key)
            elif not isinstance(data, Mapping):
                self._say("wrong-type", key, "is no mapping", _EXAMPLE, source, key)
            else:
                lines = {k.removeprefix(key).removeprefix("."): n for k, n in source.lines.items() if _is_below(k, key)}
                self._entries[name] = _Entry(name, dict(data), lines, source.file)

    def _say(self, id: str, where: str, what: str, remedy: str, source: FaultSource | None, path: str = "") -> None:
        file, line = (None, 0) if source is None else (source.file, source.lines.get(path, 0))
        self._findings.append(Finding(id, where, what, remedy, file, line))

    def _set_seed(self, value: Any, where: str, source: FaultSource | None) -> None:
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not 0 <= value <= _MOST_SEED
            or value != int(value)
        ):
            path = "" if source is None else where
            what, remedy = f"the seed is {value!r:.40}", f"give a whole number from 0 to {_MOST_SEED}"
            self._say("wrong-type", where, what, remedy, source, path)
        else:
            self._seed = int(value)

    def _change(self, key: str, value: Any) -> None:
        _, _, rest = key.partition(".")
        name, _, what = rest.partition(".")
        where = f"set {key}"
        if rest == "seed":
            self._set_seed(value, where, None)
        elif name not in self._entries:
            self._say("unknown-fault", where, f"there is no fault '{name}'", nearest(name, self._entries), None)
        elif not what and value == OFF:
            del self._entries[name]
        elif not what:
            self._say("bad-override", where, "is no key of a fault", f"write '{key}.mtbf_h', say, or '{key}=off'", None)
        else:
            entry = self._entries[name]
            for other in [k for k in entry.data if _stem(k) == _stem(what)]:
                del entry.data[other]
            entry.data[what] = value
            entry.where[what] = where

    def _find(self, entry: _Entry, id: str, what: str, remedy: str, key: str = "") -> None:
        of_change = entry.where.get(key)
        where = of_change or f"{FAULTS}.{entry.name}" + (f".{key}" if key in entry.data else "")
        file, line = (None, 0) if of_change else (entry.file, entry.line(key))
        self._findings.append(Finding(id, where, what, remedy, file, line))

    # --- what it means

    def _read(self, entry: _Entry, components: Mapping[str, Component]) -> Iterator[Fault]:
        """Yield the fault of each component that an entry means; none where anything of it is wrong."""
        n_findings = len(self._findings)
        self._read_numbers(entry)
        are_numbers_sound = len(self._findings) == n_findings
        meant = self._components(entry, components)
        when = self._when(entry) if are_numbers_sound else None  # else what is missing may be what is wrong
        if when is None or len(self._findings) > n_findings:
            return
        for id_ in meant:
            fault = self._fault(entry, components[id_].kind, id_, when)
            if fault is not None:
                yield fault

    def _read_numbers(self, entry: _Entry) -> None:
        meant: dict[str, str] = {}  # name of a number -> the key that gave it
        for key, value in entry.data.items():
            if key in _TEXTS:
                if not isinstance(value, str):
                    self._find(entry, "wrong-type", f"is {value!r}", "give a text", key)
                continue
            if key.startswith("bias_"):
                if isinstance(value, bool) or not isinstance(value, int | float):
                    self._find(entry, "wrong-type", f"is {value!r}", "give a number", key)
                elif not is_finite(value):
                    self._find(entry, "out-of-bounds", f"is {value}, wanted a finite number", "give a number", key)
                continue
            problem, of, number = read_parameter(_NUMBERS, key, Node(0, value if _is_scalar(value) else None))
            if problem is not None and problem[0] == "unknown-parameter":
                remedy = nearest(key, [name for name in _KEYS if "<" not in name] + ["bias_k", "bias_bar"])
                self._find(entry, "unknown-key", f"a fault has no key '{key}'", remedy, key)
            elif problem is not None:
                self._find(entry, *problem, key)
            elif of is not None and number is not None:
                if of.name in entry.numbers:
                    self._find(
                        entry, "given-twice", f"is given in another unit too: '{meant[of.name]}'", "keep one", key
                    )
                entry.numbers[of.name], meant[of.name] = number, key
        biases = [key for key in entry.data if key.startswith("bias_")]
        if len(biases) > 1:
            self._find(entry, "given-twice", f"is given in another unit too: '{biases[0]}'", "keep one", biases[1])

    def _components(self, entry: _Entry, components: Mapping[str, Component]) -> list[str]:
        name = entry.data.get("component")
        if not isinstance(name, str):
            if "component" not in entry.data:
                self._find(entry, "missing-key", "the key 'component' is missing", f"say what fails; {_EXAMPLE}")
            return []
        found = fnmatch.filter(components, name.replace(".", "_"))
        if not found:
            what, remedy = f"there is no component '{name}'", nearest(name, components)
            if name in self._blocks:
                what, remedy = f"'{name}' is a block, not a component", _of_block(name, components)
            self._find(entry, "unknown-component", what, remedy, "component")
        return found

    def _when(self, entry: _Entry) -> When | None:
        """Return when a fault strikes; None where nobody says, or two ways are mixed."""
        given = {*entry.numbers, *(key for key in ("from", "to") if key in entry.data)}
        manners = [keys for keys in _MANNERS if given & set(keys)]
        if len(manners) != 1 or not set(manners[0]) <= given or ({"day", "hour"} & given and "month" not in given):
            written = [key for key in entry.data if _stem(key) in _STEMS_OF_TIME]
            said = f"says {listing(sorted(written))}" if manners else "says nothing"
            what = f"{said} of when it strikes"
            self._find(entry, "bad-time", what, f"give {'; or '.join(_MANNERS.values())}")
            return None
        n = entry.numbers
        if manners[0] == ("mtbf_s", "mttr_s"):
            return Random(n["mtbf_s"], n["mttr_s"])
        if manners[0] == ("month", "length_s"):
            return self._yearly(entry)
        if manners[0] == ("from_s", "to_s"):
            return self._span(entry, n["from_s"], n["to_s"], True)
        times = [self._time(entry, key) for key in ("from", "to")]
        return None if times[0] is None or times[1] is None else self._span(entry, times[0], times[1], False)

    def _time(self, entry: _Entry, key: str) -> float | None:
        text = entry.data[key]
        time = parse_time(text, self._timezone) if isinstance(text, str) else None
        if time is None and isinstance(text, str):
            self._find(entry, "bad-time", f"'{text}' is no time", "write ISO 8601, as 2023-06-01T06:00", key)
        elif time is not None and (problem := clock_problem(text, self._timezone)):
            self._find(entry, *problem, key)
            return None
        return None if time is None else time.timestamp()

    def _span(self, entry: _Entry, begin_s: float, end_s: float, is_of_run: bool) -> Span | None:
        if end_s - begin_s < GRID_S:
            key = "to_s" if is_of_run else "to"
            key = next((k for k in entry.data if _stem(k) == "to"), key)
            self._find(entry, "bad-time", "it ends before it has lasted a minute", "let 'to' be later than 'from'", key)
            return None
        return Span(round(begin_s), round(end_s), is_of_run)

    def _yearly(self, entry: _Entry) -> Yearly | None:
        n = entry.numbers
        month, day = int(n["month"]), int(n.get("day", 1.0))
        if day > calendar.monthrange(2024, month)[1]:
            self._find(entry, "bad-time", f"the month {month} has no day {day}", "choose a day that it has", "day")
            return None
        return Yearly(month, day, n.get("hour", 0.0), round(n["length_s"]))

    def _fault(self, entry: _Entry, kind: Kind, id_: str, when: When) -> Fault | None:
        """Return the fault of a component; None where its kind cannot fail so, or the numbers do not fit."""
        n = entry.numbers
        way = self._way(entry, kind, id_)
        if way is None:
            return None
        fault = Fault(
            entry.name,
            id_,
            way,
            when,
            share_frac=n.get("share_frac", 1.0),
            seed=self._seed,
            cost_eur=n.get("cost_eur", 0.0),
            cost_eur_per_s=n.get("cost_eur_per_s", 0.0),
            line=entry.line(),
        )
        biases = [key for key in entry.data if key.startswith("bias_")]
        if way != "bias":
            unread = [*biases, *(key for key in ("port", "gain_frac") if key in entry.data)]
            if unread:
                self._find(
                    entry,
                    "unknown-key",
                    f"'{unread[0]}' says nothing of '{way}'",
                    "remove it, or write 'fault: bias'",
                    unread[0],
                )
                return None
            return self._shared(entry, fault, kind)
        if "share_frac" in entry.data:
            what = "'share_frac' says nothing of 'bias'"
            self._find(entry, "unknown-key", what, "write 'gain_frac' for a share of the signal", "share_frac")
            return None
        return self._biased(entry, fault, kind, biases)

    def _way(self, entry: _Entry, kind: Kind, id_: str) -> Way | None:
        """Return in what way a component fails; where nobody says, it is out of service."""
        can, asked = ways(kind), entry.data.get("fault")
        if asked is None:
            asked = "bias" if "port" in entry.data else next((one for one in can if one != "bias"), "outage")
        if asked not in WAYS:
            self._find(entry, "unknown-fault", f"there is no fault '{asked}'", nearest(str(asked), WAYS), "fault")
            return None
        if asked not in can:
            what = f"'{id_}', of the kind '{kind.name}', cannot have the fault '{asked}'"
            remedy = f"it can have {listing(list(can), 'or')}" if can else "none of its faults is modelled"
            others = self._others(asked)
            self._find(entry, "no-such-fault", what, f"{remedy}; {others}", "component")
            return None
        way: Way = asked
        return way

    def _others(self, way: Way) -> str:
        from h2plant.components import KIND_BY_NAME

        return f"'{way}' is for {listing(sorted(faultable(KIND_BY_NAME, way)))}"

    def _shared(self, entry: _Entry, fault: Fault, kind: Kind) -> Fault | None:
        """Return a fault whose share the component can have: what works or rests has no halves."""
        if fault.way == "fouling" and "share_frac" not in entry.numbers:
            self._find(entry, "missing-key", "nobody says how much of the heat transfer is lost", "give 'share_frac'")
            return None
        if fault.share_frac < 1.0 and not has_shares(kind, fault.way):
            what = f"'{fault.component}' works or rests as a whole, and no share of it"
            self._find(entry, "unknown-key", what, "remove 'share_frac'", "share_frac")
            return None
        return fault

    def _biased(self, entry: _Entry, fault: Fault, kind: Kind, biases: list[str]) -> Fault | None:
        port, known = entry.data.get("port"), list(measured_ports(kind))
        if port not in known:
            what = "nobody says which signal is read wrong" if port is None else f"there is no such signal '{port}'"
            remedy = f"give 'port': {nearest(str(port or ''), known)}"
            self._find(entry, "unknown-port", what, remedy, "port" if port is not None else "")
            return None
        unit = parse_unit_text(kind.port(port).unit)
        bias = 0.0
        for key in biases:
            given = parse_unit(key.removeprefix("bias_"))
            if given is None or (unit is not None and given.dimension != unit.dimension) or given.offset:
                shown = kind.port(port).unit
                what = f"'{key}' does not measure what '{port}' is, in {shown}" if shown else f"'{key}' has no unit"
                remedy = "write 'bias_k' for a difference of temperatures, 'bias_bar', 'bias_frac', ..."
                self._find(entry, "unknown-unit", what, remedy, key)
                return None
            bias = float(entry.data[key]) * given.factor
        if bias == 0.0 and entry.numbers.get("gain_frac", 0.0) == 0.0:
            self._find(
                entry, "missing-key", "nobody says by how much it is read wrong", "give 'bias_<unit>' or 'gain_frac'"
            )
            return None
        return replace(fault, port=port, bias=bias, gain_frac=entry.numbers.get("gain_frac", 0.0))


_EXAMPLE = "write 'grid_down: {component: grid, from: 2023-01-12T06:00, to: 2023-01-12T14:00}'"


def fault_reader(
    node: Node,
    file: Path,
    of_scenario: FaultSource | None,
    overrides: Mapping[str, str | float],
    timezone: str,
    findings: list[Finding],
) -> FaultReader:
    """Return what reads the faults of a plant file, with those of a scenario, which win over them, and changes."""
    entry = (node.entries or {}).get(FAULTS)
    own = FaultSource(None if entry is None else entry.node.data(), node.lines, file)
    return FaultReader([own] if of_scenario is None else [own, of_scenario], overrides, timezone, findings)


def _of_block(block: str, components: Mapping[str, Component]) -> str:
    """Return which components of a block can fail by more than a signal read wrong, as a remedy."""
    begin = f"{block.replace('.', '_')}_"
    own = [id_ for id_ in components if id_.startswith(begin)]
    can = [id_ for id_ in own if set(ways(components[id_].kind)) - {"bias"}] or own
    shown = ", ".join(can[:_MOST_OF_BLOCK]) + (f" and {len(can) - _MOST_OF_BLOCK} more" if can[_MOST_OF_BLOCK:] else "")
    return f"name a component of it, or several by a pattern such as '{begin}*': {shown}"


_MOST_OF_BLOCK = 12


def _is_below(path: str, key: str) -> bool:
    return path == key or path.startswith(f"{key}.")


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _stem(key: str) -> str:
    """Return what a key is about, without its unit: two units of one thing are one."""
    head, _, _ = key.partition("_")
    return head if head in ("bias", "from", "to", "length", "mtbf", "mttr") else key
