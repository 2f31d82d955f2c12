"""The sums of a run from its log alone: means times the length of their interval; states at the end and the start."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from h2plant.core.battery_role import Battery
from h2plant.core.bus import STREAM_COLUMNS
from h2plant.core.declare import Kind, Port
from h2plant.core.role import Grid, PowerBus, Reconverter, Role, Source, technology_key
from h2plant.plant.graph import Link, Plant, PortRef

FloatArray = npt.NDArray[np.float64]
SUFFIX = {"power": ".power_w", "heat": ".heat_w", "money": ".eur_per_s"}
SPECIES = ("h2", "o2", "n2", "vapour", "liquid")
HOUR_S = 3600.0


class Flow(NamedTuple):
    """A link or an open port that carries something: its column without suffix, medium, and ends ('': outside)."""

    name: str
    medium: str
    source: str
    target: str
    port: str
    """Of an open port its name, else ''."""


class RunSums:
    """What the log of a run adds up to, looked up by the plant's components, ports and links.

    Parameters
    ----------
    plant
        The plant.
    log
        The log: an Arrow table, or a Parquet file, which is read a row group at a time.
    hours
        Length of the run, h.
    earlier
        Of a later year of a life: the sums of the year before.
    counters
        What came in the run to counters that the log does not hold, and what such memory is at the end, by
        ``component.field``.
    """

    def __init__(
        self,
        plant: Plant,
        log: Any,
        hours: float,
        earlier: RunSums | None = None,
        counters: Mapping[str, float] | None = None,
    ) -> None:
        self.plant = plant
        self.hours = hours
        self.log = log
        self.counters = counters or {}
        self.time_s: FloatArray = _column(log, "time").astype("datetime64[s]").astype(np.int64).astype(float)
        n = self.time_s.size
        self.interval_s = float(self.time_s[1] - self.time_s[0]) if n > 1 else hours * HOUR_S
        self.seconds: FloatArray = np.full(n, self.interval_s)
        if n:
            self.seconds[-1] = hours * HOUR_S - (n - 1) * self.interval_s
        self._sums, self._size, self._ends = _sums_and_ends(log, self.seconds)
        self._before = {} if earlier is None else earlier._ends
        self.is_later = earlier is not None
        # what passed since the life began, for means over all of it
        past: dict[str, float] = {} if earlier is None else earlier.ever
        self.ever: dict[str, float] = {name: past.get(name, 0.0) + value for name, value in self._sums.items()}
        self._links: dict[tuple[str, str], list[Link]] = {}
        for link in plant.links:
            for end in link.ends:
                self._links.setdefault((end.component, end.port), []).append(link)
        self.flows = list(_flows(plant))
        self._at: dict[tuple[str, str], list[Flow]] = {}
        for flow in self.flows:
            self._at.setdefault((flow.source, "out"), []).append(flow)
            self._at.setdefault((flow.target, "in"), []).append(flow)

    # the log -------------------------------------------------------------------------------------------------------
    def column(self, name: str) -> FloatArray:
        """Return a column of the log, one value per interval."""
        return np.asarray(_column(self.log, self._named(name)), dtype=float)

    def _named(self, name: str) -> str:
        """Return a column's name: a signal beside an output of its name is called ``.signal``."""
        return f"{name}.signal" if f"{name}.signal" in self._sums else name

    def has(self, name: str) -> bool:
        """Whether the log has a column."""
        return self._named(name) in self._sums

    def sum(self, name: str) -> float:
        """Return a column's sum over the run: its means times the seconds of their intervals."""
        return self._sums[self._named(name)]

    def size(self, name: str) -> float:
        """Return the same of its magnitudes."""
        return self._size[self._named(name)]

    def output(self, component: str, name: str) -> float:
        """Return an output's sum over the run; NaN if the log lacks it."""
        return self._sums.get(f"{component}.{name}", math.nan)

    def end(self, component: str, name: str) -> float:
        """Return a parameter, a state, or memory that was handed over, at the end of the run; else NaN."""
        values = self.plant.components[component].values
        field = f"{component}.{name}"
        return values[name] if name in values else self._ends.get(field, self.counters.get(field, math.nan))

    def start(self, component: str, name: str) -> float:
        """Return a state at the start of the run: that at the end of the year before, or what it is declared to be."""
        field = f"{component}.{name}"
        if self.is_later:
            return self._before.get(field, math.nan)
        return self.kind(component).field(name).default or 0.0

    def grown(self, component: str, name: str) -> float:
        """Return what came to a counter in the run; NaN where neither log nor caller holds it."""
        field = f"{component}.{name}"
        if field in self._ends:
            return self._ends[field] - self.start(component, name)
        return self.counters.get(field, math.nan)

    # the plant -----------------------------------------------------------------------------------------------------
    def kind(self, component: str) -> Kind:
        """Return the kind of a component."""
        return self.plant.components[component].kind

    def role(self, component: str) -> Any:
        """Return the role of a component."""
        return self.kind(component).role

    def of(self, role: type[Role]) -> dict[str, Any]:
        """Return the components of a role, each with it."""
        return dict(self.plant.of_role(role))

    def technology(self, component: str) -> str:
        """Return what a source or an electrolyser is called in the names of figures."""
        role, label = self.role(component), self.plant.components[component].label
        return technology_key(label if label and isinstance(role, Source) else role.technology)

    def links_at(self, component: str, port: str) -> list[Link]:
        """Return the links that end at a port, in the order of the plant's file."""
        return self._links.get((component, port), [])

    def port_names(self, component: str, port: str) -> list[str]:
        """Return the names of what flows at a port: one for each link."""
        links = self.links_at(component, port)
        return [self.plant.link_name(link) for link in links] or [f"{component}.{port}"]

    def at(self, component: str, port: str, item: str = "") -> float:
        """Return what went through a port, J, EUR, or the kg or J of an item of a stream; 0 where nothing is linked."""
        declared = self.kind(component).port(port)
        return math.fsum(self._sums.get(name, 0.0) for name in self._columns(component, declared, item))

    def _columns(self, component: str, port: Port, item: str) -> Iterator[str]:
        for name in self.port_names(component, port.name):
            yield self._named(name + (SUFFIX[port.medium] if not item else f".{_STREAM_ITEM[item]}"))

    def link_signal(self, component: str, port: str, k: int) -> float:
        """Return the sum over the run of what the k-th link asks by a signal or a flow."""
        link = self.links_at(component, port)[k]
        declared = self.kind(component).port(port)
        if declared.medium in SUFFIX:
            return self.sum(self.plant.link_name(link) + SUFFIX[declared.medium])
        if link.is_series:
            return self.sum(f"series.{link.source.port}")
        source = self.plant.port(link.source)
        ends = self.links_at(link.source.component, link.source.port)
        number = f".{ends.index(link)}" if source.is_multi else ""
        unit = "" if source.unit in ("", "1", "-") else "_" + source.unit.lower().replace("/", "_per_")
        return self.sum(f"{link.source}{number}{unit.replace(' ', '_').replace('^', '')}")

    def carried(self, flow: Flow, item: str = "") -> float:
        """Return what a flow carried: J or EUR, or of a stream the kg or J of an item."""
        return self._sums[self._named(flow.name + (f".{_STREAM_ITEM[item]}" if item else SUFFIX[flow.medium]))]

    def carried_size(self, flow: Flow, item: str = "") -> float:
        """Return the same of magnitudes."""
        return self._size[self._named(flow.name + (f".{_STREAM_ITEM[item]}" if item else SUFFIX[flow.medium]))]

    def into(self, component: str, medium: str) -> list[Flow]:
        """Return the flows of a medium into a component ('': out of the plant)."""
        return [flow for flow in self._at.get((component, "in"), []) if flow.medium == medium]

    def out_of(self, component: str, medium: str) -> list[Flow]:
        """Return the flows of a medium out of a component ('': into the plant)."""
        return [flow for flow in self._at.get((component, "out"), []) if flow.medium == medium]

    def inflow(self, component: str, *items: str) -> float:
        """Return what of some items flowed into a component with all streams, kg."""
        return math.fsum(self.carried(flow, item) for flow in self.into(component, "stream") for item in items)

    def outflow(self, component: str, *items: str) -> float:
        """Return what of some items flowed out of a component with all streams, kg."""
        return math.fsum(self.carried(flow, item) for flow in self.out_of(component, "stream") for item in items)

    def split_mol(self, component: str) -> float:
        """Return the water that a component split in the run, less what formed, mol; 0 where it has no reaction."""
        names = {f.name for f in self.kind(component).fields}
        return self.grown(component, "reacted_h2o_mol") if "reacted_h2o_mol" in names else 0.0

    def stored_power(self, component: str) -> float:
        """Return the energy that a bus with a store kept, by the balance of its ports, J."""
        into = [*self.into(component, "power")]
        out = [*self.out_of(component, "power"), *self.out_of(component, "heat")]
        return math.fsum([*map(self.carried, into), *(-self.carried(flow) for flow in out)])

    def held_more(self, component: str) -> float:
        """Return the energy that a battery holds more at the end than at the start, J, by its state."""
        role = self.role(component)
        start = self.start(component, role.stored)
        if not self.is_later and role.initial:  # which 'begin' makes of its parameters
            start = self.end(component, role.initial) * self.end(component, role.capacity)
        return self.end(component, role.stored) - start

    def kept_power(self) -> dict[str, float]:
        """Return the electric energy that each component used up, J: sources and grids left out, stores taken off."""
        kept = {}
        for id_ in self.plant.components:
            role = self.role(id_)
            flows = [(flow, 1.0) for flow in self.into(id_, "power")]
            flows += [(flow, -1.0) for flow in self.out_of(id_, "power")]
            if not flows or isinstance(role, Source | Grid | Reconverter):
                continue
            net = math.fsum(sign * self.carried(flow) for flow, sign in flows)
            if isinstance(role, PowerBus) and role.stored:
                net -= self.stored_power(id_)
            if isinstance(role, Battery):
                net -= self.held_more(id_)
            through = math.fsum(self.carried_size(flow) for flow, _ in flows)
            kept[id_] = net if abs(net) > 1.0e-12 * through else 0.0
        return kept

    def fed_from(self, component: str) -> set[str]:
        """Return a component and all that draw power from it, over others as well."""
        found, front = {component}, [component]
        while front:
            for flow in self.out_of(front.pop(), "power"):
                if flow.target and flow.target not in found:
                    found.add(flow.target)
                    front.append(flow.target)
        return found


_STREAM_ITEM = dict(
    zip((*SPECIES, "enthalpy"), (column for column, _, _ in STREAM_COLUMNS), strict=False)
)  # item -> end of its column


def _flows(plant: Plant) -> Iterator[Flow]:
    """Yield every link and every open port that carries something."""
    linked: set[PortRef] = set()
    for link in plant.links:
        linked.update(link.ends)
        if not link.is_series and plant.port(link.source).medium not in ("signal", "line"):
            yield _of_link(plant, link)
    ends = {str(end) for end in linked}
    for component in plant.components.values():
        for port in component.kind.ports:
            name = f"{component.id}.{port.name}"
            if port.medium in ("signal", "line") or port.is_multi or not port.is_writer or name in ends:
                continue
            source, target = (component.id, "") if port.direction == "out" else ("", component.id)
            yield Flow(name, port.medium, source, target, port.name)


def _of_link(plant: Plant, link: Link) -> Flow:
    medium = plant.port(link.source).medium
    return Flow(plant.link_name(link), medium, link.source.component, link.target.component, "")


def _column(log: Any, name: str) -> npt.NDArray[Any]:
    table = log if isinstance(log, pa.Table) else log.read([name])
    found: npt.NDArray[Any] = table.column(name).to_numpy()
    return found


def _parts(log: Any) -> Iterator[pa.Table]:
    if isinstance(log, pa.Table):
        yield log
        return
    for k in range(log.num_row_groups):
        yield log.read_row_group(k)


def _sums_and_ends(log: Any, seconds: FloatArray) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    """Return, by column, sums of means times seconds, the same of magnitudes, and the last values of states."""
    schema = log.schema if isinstance(log, pa.Table) else log.schema_arrow
    timing: Callable[[str], bytes] = lambda name: (schema.field(name).metadata or {}).get(b"timing", b"")  # noqa: E731
    means = [name for name in schema.names if timing(name) == b"mean"]
    states = [name for name in schema.names if timing(name) == b"end"]
    sums = dict.fromkeys(means, 0.0)
    sizes = dict.fromkeys(means, 0.0)
    ends: dict[str, float] = {}
    done = 0
    for part in _parts(log):
        here = seconds[done : done + part.num_rows]
        done += part.num_rows
        if not part.num_rows:
            continue
        for name in means:
            values = part.column(name).to_numpy()
            sums[name] += float(values @ here)
            sizes[name] += float(np.abs(values) @ here)
        for name in states:
            ends[name] = part.column(name)[-1].as_py()
    return sums, sizes, ends
