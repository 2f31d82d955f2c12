"""Lines of electrolysers, and units without a line, that made next to nothing, and why: what they wanted and got."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from h2plant.config.series import Series
from h2plant.core.bus import OVERHEAD, PRICE_LIMIT, START_MARGIN
from h2plant.core.constants import EUR_PER_MWH, HHV_H2_J_PER_KG
from h2plant.core.role import Dispatch, Grid, LineControl, Maker, Source
from h2plant.plant.graph import Plant
from h2plant.results.totals import Totals
from h2plant.simulation.program import FloatArray

NEXT_TO_NOTHING_FRAC = 1e-3
"""Share of what a line makes at its largest power below which it made next to nothing."""
_LEAST_HOURS = 1.0

Log = Callable[[Sequence[str]], list[FloatArray]]


def log_reader(file: Path) -> Log:
    """Return what reads columns of a log by name; those that it lacks are left out."""

    def read(names: Sequence[str]) -> list[FloatArray]:
        import pyarrow.parquet as pq

        with pq.ParquetFile(file) as log:
            wanted = [name for name in names if name in log.schema_arrow.names]
            table = log.read(columns=wanted, use_threads=False)
        return [table.column(name).to_numpy() for name in wanted]

    return read


def idle_lines(totals: Totals, plant: Plant, series: Mapping[str, Series], hours: float, log: Log) -> list[str]:
    """Return a note of each line, and of each unit that no line commands, that made next to nothing, with the reason.

    Parameters
    ----------
    totals, plant, series, hours
        Of the run.
    log
        Reads columns of its log.
    """
    if hours < _LEAST_HOURS:
        return []
    made = totals.quantity("made_kg")
    notes = []
    in_lines: set[int] = set()
    for i in totals.of_role(LineControl):
        line = _Line(totals, plant, i, series, hours, log)
        in_lines.update(line.units)
        kg = sum(made.get(unit, 0.0) for unit in line.units)
        if line.units and kg < NEXT_TO_NOTHING_FRAC * line.most_kg:
            notes.append(f"[no-hydrogen] {line.id}: made {_much(kg)}: {line.reason()}")
    alike: dict[str, list[str]] = {}
    for i in totals.of_role(Maker):
        unit = _Unit(totals, plant, i, series, hours, log)
        if i not in in_lines and made.get(i, 0.0) < NEXT_TO_NOTHING_FRAC * unit.most_kg:
            alike.setdefault(f"made {_much(made.get(i, 0.0))}: {unit.reason()}", []).append(unit.id)
    return [*notes, *(f"[no-hydrogen] {', '.join(ids)}: {text}" for text, ids in alike.items())]


def _much(kg: float) -> str:
    return "nothing" if kg <= 0.0 else f"{kg:.3g} kg, next to nothing"


class _Unit:
    """An electrolyser that no line commands, after a run."""

    def __init__(
        self, totals: Totals, plant: Plant, component: int, series: Mapping[str, Series], hours: float, log: Log
    ) -> None:
        self._totals, self._series, self._log, self._hours = totals, series, log, hours
        self.id = totals.program.component_ids[component]
        self._component = component
        self._role: Maker = totals.roles[component]
        self._kind = totals.kinds[component]
        wanted = [
            port for port in self._kind.ports if port.medium == "signal" and port.direction == "in" and port.unit == "W"
        ]
        self._ports = [port.name for port in wanted]
        links = (*plant.links, *plant.default_links())
        ends = {f"{self.id}.{name}" for name in self._ports}
        self._asks = [one for one in links if str(one.target) in ends]

    @property
    def most_kg(self) -> float:
        """What it could make at its rated power without any loss, kg."""
        return self._rated_w * self._hours * 3600.0 / HHV_H2_J_PER_KG

    def reason(self) -> str:
        """Return why it made next to nothing, in words."""
        ran = self._totals.field(self._component, self._role.running)
        if not self._asks:
            return f"nothing asks it for power: '{self.id}.{self._ports[0]}' is not linked" if self._ports else _HELD
        who = " and ".join(f"'{one.source}'" for one in self._asks)
        asked_w = self._asked_w
        if asked_w is not None and asked_w < self._least_w:
            return f"{who} asked for {_mw(asked_w)} at most, and its least power is {_mw(self._least_w)}"
        return f"{who} asked for it, and it ran {ran:.3g} h: {_HELD}"

    @property
    def _asked_w(self) -> float | None:
        """Return the most power that it was asked for, W; None if no log and no series tells."""
        ports = [str(one.source) for one in self._asks if not one.is_series]
        found = [float(np.max(column)) for column in columns_of(self._totals, self._log, ports) if column.size]
        names = [one.source.port for one in self._asks if one.is_series]
        found += [float(np.max(self._series[name].values)) for name in names if name in self._series]
        return max(found, default=None)

    @property
    def _rated_w(self) -> float:
        return sum(self._totals.program.value(f"{self.id}.{name}") for name in _names(self._role.rated_power))

    @property
    def _least_w(self) -> float:
        name = self._role.minimum_power
        if not name:
            return 0.0
        least = self._totals.program.value(f"{self.id}.{name}")
        return least * self._rated_w if self._kind.field(name).unit == "1" else least


_HELD = (
    "an outage, a start that was not over, or a lack of power, water, steam or heat, as faults, events and 'served' say"
)


def _names(named: str | Sequence[str]) -> Sequence[str]:
    return (named,) if isinstance(named, str) else named


def columns_of(totals: Totals, log: Log, ports: Sequence[str]) -> list[FloatArray]:
    """Return what the log has of ports."""
    program = totals.program
    names = dict(zip(program.slot_columns.tolist(), (one.name for one in program.columns), strict=False))
    slots = (program.slot_index.get(port, -1) for port in ports)
    return log([names[slot] for slot in slots if slot in names])


class _Line:
    """A line of electrolysers after a run."""

    def __init__(
        self, totals: Totals, plant: Plant, component: int, series: Mapping[str, Series], hours: float, log: Log
    ) -> None:
        self._totals, self._plant, self._series, self._log = totals, plant, series, log
        self._ids = totals.program.component_ids
        self._seconds = hours * 3600.0
        self.id = self._ids[component]
        self._role: LineControl = totals.roles[component]
        self._slot = totals.program.slot_index[f"{self.id}.{self._role.line}"]
        links = (*plant.links, *plant.default_links())
        commanded = {one.target.component for one in links if str(one.source) == f"{self.id}.{self._role.units}"}
        self.units = [i for i in totals.of_role(Maker) if self._ids[i] in commanded]
        served = {one.target.component for one in links if str(one.source) == f"{self.id}.{self._role.line}"}
        self._rules = [i for i in totals.of_role(Dispatch) if self._ids[i] in served]
        self._links = links

    @property
    def most_kg(self) -> float:
        """What it makes at its largest power, by its own figure, kg."""
        return self._value(self._role.maximum) * self._seconds / self._value(self._role.specific_energy)

    def reason(self) -> str:
        """Return why it made nothing: what holds of what is asked in turn, in words."""
        causes = (self._not_ready, self._full, self._lacks_power, self._is_dear, self._held_back, self._not_asked)
        return next(found for cause in causes for found in cause())

    def _not_ready(self) -> Iterator[str]:
        links = self._plant.links_at(self.id, self._role.ready) if self._role.ready else ()
        ready = self._columns([str(link.source) for link in links])
        if ready and np.max(ready) < 0.5:
            yield "none of its units was ready at any time: tripped or out of service, as the events say"

    def _full(self) -> Iterator[str]:
        names = [f"{self._ids[i]}.{self._totals.roles[i].throttle}" for i in self._rules]
        allowed = self._log(names)
        if allowed and np.max(allowed) * self._value(self._role.maximum) < self._least_w:
            yield f"the storage was full, and left it {np.max(allowed):.1%} of its power at most"

    def _lacks_power(self) -> Iterator[str]:
        offered = self._offered((Source, Grid))
        if offered < self._start_w:
            yield f"never had the power at which it starts: {self._wanted}, {_mw(offered)} offered at most"

    def _is_dear(self) -> Iterator[str]:
        limit, prices = self._of_line(PRICE_LIMIT, math.inf), self._prices()
        if prices and min(prices) > limit and self._offered((Source,)) < self._start_w:
            least, most = min(prices) / EUR_PER_MWH, limit / EUR_PER_MWH
            yield f"power cost {least:.4g} EUR/MWh or more, its limit is {most:.4g}; {self._wanted}"

    def _held_back(self) -> Iterator[str]:
        asked = self._log([f"{self.id}.{self._role.setpoint}"])
        if asked and np.max(asked) >= self._least_w:
            ran = sum(self._totals.field(i, self._totals.roles[i].running) for i in self.units)
            yield (f"was asked for up to {_mw(float(np.max(asked)))}, and its units ran {ran:.3g} h: {_HELD}")

    def _not_asked(self) -> Iterator[str]:
        who = " and ".join(f"'{self._ids[i]}'" for i in self._rules) or "what sets its set point"
        yield f"{who} never had it start: {self._wanted}, {_mw(self._offered((Source, Grid)))} offered at most"

    @property
    def _wanted(self) -> str:
        how = f"its least power, {_mw(self._least_w)}, and the margin for a start" if self._rules else "its least power"
        return f"{_mw(self._start_w)} wanted ({how})"

    @property
    def _least_w(self) -> float:
        return self._value(self._role.minimum)

    @property
    def _start_w(self) -> float:
        """Power at which it starts, W: where a rule serves it, with a margin."""
        return self._least_w * max(self._of_line(START_MARGIN, 1.0), 1.0) + self._of_line(OVERHEAD, 0.0)

    def _of_line(self, offset: int, instead: float) -> float:
        """Return what the line and the rule that serves it tell each other; where none does, something else."""
        return float(self._totals.program.arrays.bus[self._slot + offset]) if self._rules else instead

    def _value(self, name: str) -> float:
        return self._totals.program.value(f"{self.id}.{name}")

    def _columns(self, ports: Sequence[str]) -> list[FloatArray]:
        """Return what the log has of ports."""
        return columns_of(self._totals, self._log, ports)

    def _offered(self, roles: Sequence[type[Source] | type[Grid]]) -> float:
        """Return the most power that there was beyond what others drew, W, in the mean of a log interval."""
        ports = []
        for i in (i for role in roles for i in self._totals.of_role(role)):
            role = self._totals.roles[i]
            ports.append(f"{self._ids[i]}.{role.power if isinstance(role, Source) else role.available}")
        columns = self._columns(ports)
        others = sum(j for i, j in self._totals.drawn().items() if i not in self.units and j > 0.0)
        return max(float(np.max(np.sum(columns, axis=0))) - others / self._seconds, 0.0) if columns else 0.0

    def _prices(self) -> list[float]:
        """Return the least price of power of each series that a grid connection reads as the market's, EUR/J."""
        ports = {f"{self._ids[i]}.{self._totals.roles[i].price}" for i in self._totals.of_role(Grid)}
        names = {one.source.port for one in self._links if one.is_series and str(one.target) in ports}
        return [float(np.min(self._series[name].values)) for name in sorted(names) if name in self._series]


def _mw(power_w: float) -> str:
    return f"{power_w / 1e6:.3g} MW"
