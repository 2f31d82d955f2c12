"""Lines of electrolysers that made nothing, or next to nothing, and why: what they wanted, what was offered."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from h2plant.config.series import Series
from h2plant.core.bus import OVERHEAD, PRICE_LIMIT, START_MARGIN
from h2plant.core.constants import EUR_PER_MWH
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
    """Return a note of each line that made next to nothing, with the reason.

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
    for i in totals.of_role(LineControl):
        line = _Line(totals, plant, i, series, hours, log)
        kg = sum(made.get(unit, 0.0) for unit in line.units)
        if line.units and kg < NEXT_TO_NOTHING_FRAC * line.most_kg:
            much = "nothing" if kg <= 0.0 else f"{kg:.3g} kg, next to nothing"
            notes.append(f"[no-hydrogen] {line.id}: made {much}: {line.reason()}")
    return notes


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
            yield (
                f"was asked for up to {_mw(float(np.max(asked)))}, and its units ran {ran:.3g} h: an outage, a "
                "start that was not over, or a lack of water, steam or heat, as faults, events and 'served' tell"
            )

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
        program = self._totals.program
        names = dict(zip(program.slot_columns.tolist(), (one.name for one in program.columns), strict=False))
        slots = (program.slot_index.get(port, -1) for port in ports)
        return self._log([names[slot] for slot in slots if slot in names])

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
