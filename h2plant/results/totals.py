"""The sums of a run, looked up by the role of components, and where each of them is read."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from h2plant.core import bus
from h2plant.core.battery_role import Battery
from h2plant.core.contract_role import PowerContract
from h2plant.core.declare import Kind
from h2plant.core.origin_role import OriginMonitor
from h2plant.core.role import (
    Converter,
    Dispatch,
    Grid,
    Maker,
    Offtake,
    PowerBus,
    Process,
    PurityMonitor,
    Reconverter,
    Role,
    Source,
    Supply,
)
from h2plant.core.served import OWED, Owed, Served
from h2plant.core.wear import Wear
from h2plant.plant.graph import Plant
from h2plant.results.ledger import Ledger
from h2plant.results.power_flow import fed_from, power_flows
from h2plant.results.products import PRODUCTS, income, paid_for_hydrogen, sold
from h2plant.results.quantity import Combine, Of, Quantity, Reading
from h2plant.simulation.program import Flow, Program

_ROUNDING = 1.0e-12  # of what passes through a component: less is none of its own

H2, O2, H2O, ENERGY, MONEY = 0, 1, 3, 4, 5
"""Columns of the ledger (``ledger.ITEMS``)."""


def _ports(*attributes: str, offset: int = 0) -> Callable[[Any], Iterator[Reading]]:
    """Return what reads the ports that some attributes of a role name."""
    return lambda role: (Reading("port", name, offset) for a in attributes for name in _named(role, a))


def _fields(attribute: str, source: str = "field") -> Callable[[Any], Iterator[Reading]]:
    return lambda role: (Reading(source, name) for name in _named(role, attribute))


def _named(role: Any, attribute: str) -> Iterator[str]:
    """Yield the names under an attribute of a role, dotted where it stands in a part of the role."""
    for part in attribute.split("."):
        role = None if role is None else getattr(role, part)
    yield from (name for name in ((role,) if isinstance(role, str) else role or ()) if name)


def _item(source: str, column: int) -> Callable[[Any], Iterable[Reading]]:
    return lambda _: (Reading(source, offset=column),)


def _fees(counter: str, energy: str) -> Callable[[Any], Iterator[Reading]]:
    """Return what reads fees: as a role counts them, else an energy by its fee."""

    def readings(role: Grid) -> Iterator[Reading]:
        if getattr(role, counter):
            yield from _fields(counter)(role)
        elif role.fee and getattr(role, energy):
            yield from (*_fields(energy)(role), *_fields("fee")(role))

    return readings


def _month_peaks(role: Grid) -> Iterator[Reading]:
    names = ("month_peak", "past_months_peak", "n_past_months")
    return (Reading("field", getattr(role, name)) for name in (names if role.month_peak else ()))


def _mean_month_peak(v: Sequence[float]) -> float:
    """Return the mean over months, of which the last is under way, of their highest quarter of an hour, W."""
    return (v[0] + v[1]) / (v[2] + 1.0) if len(v) == 3 else 0.0


def _product_of_both(v: Sequence[float]) -> float:
    """Return the product of two numbers, or the one that is counted; 0 where there is neither."""
    return math.prod(v) if v else 0.0


def _burnt(role: Role) -> tuple[Reading, ...]:
    return () if isinstance(role, Maker) else (Reading("reacted", offset=H2),)


@dataclass(frozen=True)
class _Worn(Quantity):
    """Share of the life of each stack, and of each battery's cells, that its wear, in all or in the run, uses up."""

    def of_components(self, totals: Totals) -> Iterator[Of]:
        for i in totals.of_role(self.role):
            wear = getattr(totals.roles[i], "wear", None)
            if wear is not None:
                yield i, tuple(self.readings(wear)), functools.partial(_life_used, wear)


def _life_used(wear: Wear, v: Sequence[float]) -> float:
    """Return the share of a life by (end of life, wear now), and wear before where it counts from there."""
    return wear.used(v[2] if len(v) > 2 else 0.0, v[1], v[0]) if v[0] > 0.0 else 0.0


def _worn(*sources: str) -> Quantity:
    return _Worn(Role, lambda wear: (Reading("now", wear.end), *(Reading(one, wear.state) for one in sources)))


def _of_wear(attribute: str, source: str = "field") -> Quantity:
    """Return what a field is that a role names for its wear."""

    def readings(role: Role) -> tuple[Reading, ...]:
        name = getattr(getattr(role, "wear", None), attribute, "")
        return (Reading(source, name),) if name else ()

    return Quantity(Role, readings)


def _starts_recorded(prefix: str, what: str) -> Quantity:
    def readings(role: Maker) -> Iterator[Reading]:
        if any(start.recorded == prefix for start in role.starts):
            yield Reading("field", f"{prefix}_{what}")

    return Quantity(Maker, readings)


def _matched(period: str) -> Quantity:
    """Return what was matched in periods that are over and in the one under way, J, less that at the run's start."""

    def readings(role: OriginMonitor) -> Iterator[Reading]:
        names = (*dict(role.under_way)[period], dict(role.matched)[period])
        yield from (Reading(source, name) for source in ("now", "before") for name in names)

    def combine(v: Sequence[float]) -> float:
        return (v[2] + min(v[0], v[1])) - (v[5] + min(v[3], v[4]))

    return Quantity(OriginMonitor, readings, combine)


class _Unserved(Quantity):
    """Hydrogen that customers asked for and did not get, kg, whatever kept it from them.

    Of deliveries it is the room of those that left empty and of those that still wait at the end, whether they came in
    this run or waited when it began (a year of a life).
    """

    def of_components(self, totals: Totals) -> Iterator[Of]:
        offtakes = totals.of_role(Offtake)
        for i in offtakes:
            if totals.roles[i].unserved:
                yield i, tuple(Reading("field", name) for name in totals.roles[i].unserved), sum
        owed = QUANTITIES["short_hydrogen"].of_components(totals)
        yield from (one for one in owed if one[0] not in offtakes)


@dataclass(frozen=True)
class _Owed(Quantity):
    """What components owe of a medium and ``what`` of it: given or short, kg or J, or the time they were short, s.

    For the plant as a whole (``of_plant``) those count that customers, the process or a series ask. What a component
    asks that owes the same medium itself counts there: the source behind a purifier, the tank behind trailers.
    """

    medium: Owed = "hydrogen"
    what: Literal["given", "short", "time"] = "given"
    of_plant: bool = False

    def of_components(self, totals: Totals) -> Iterator[Of]:
        for i in totals.of_role(Role):
            served = next((one for one in totals.roles[i].owes if one.medium == self.medium), None)
            if served is None or (self.what == "time" and not served.time):
                continue
            links = totals.links_at(i, served.asks)
            counted = [k for k, link in enumerate(links) if not self.of_plant or _counts(totals, served, link)]
            if len(counted) == len(links) and (links or served.counts != "if_series" or not self.of_plant):
                if not (self.of_plant and served.is_passed_on and self.what == "given"):
                    yield i, *self._of_all(totals, i, served)
            elif counted and self.what == "time":
                yield i, (Reading("field", served.time),), sum
            elif counted and served.outlets:
                pairs = tuple(reading for k in counted for reading in _asked_and_given(served, k))
                yield i, pairs, _shortfall if self.what == "short" else _given_of_pairs(self.medium)
            elif counted:
                readings, combine = self._of_all(totals, i, served)
                asked = tuple(Reading("port", served.asks, k) for k in (*counted, *range(len(links))))
                yield i, (*asked, *readings), _in_proportion(len(counted), len(asked), combine)

    def _of_all(self, totals: Totals, i: int, served: Served) -> tuple[tuple[Reading, ...], Combine]:
        """Return what is read of a component of which all counts."""

        def of(*names: str) -> tuple[Reading, ...]:
            return tuple(r for name in names for r in _readings_of(totals, i, name, self.medium))

        if self.what == "time":
            return of(served.time), sum
        if self.what == "short":
            return of(*served.short), sum
        added, taken = of(*(served.given or served.asked)), of(*served.less, *(served.short if served.asked else ()))
        return (*added, *taken), _less_after(len(added))


def _counts(totals: Totals, served: Served, link: Any) -> bool:
    """Tell whether what a link asks counts for the plant as a whole."""
    if link.is_series:
        return True
    asker = totals.place_of(link.source.component)
    role = totals.roles[asker]
    same = [one for one in (() if role is None else role.owes) if one.medium == served.medium]
    if served.counts == "unless_passed_on":
        return not same
    passing = [at for one in same if one.is_passed_on for at in totals.links_at(asker, one.asks)]
    return any(at.is_series for at in passing)


def _readings_of(totals: Totals, i: int, name: str, medium: Owed) -> Iterator[Reading]:
    """Yield what is read of a port or a field of a component that owes a medium."""
    kind = totals.kinds[i]
    port = next((port for port in kind.ports if port.name == name), None)
    if port is None:
        yield Reading("field", name)
        return
    species = (bus.VAPOUR, bus.LIQUID) if medium == "water" else (bus.H2,)
    for k in range(len(totals.links_at(i, name)) if port.is_multi else 1):
        for offset in species if port.medium == "stream" else (0,):
            yield Reading("port", name, k * port.width + offset)


def _less_after(n: int) -> Combine:
    """Return what takes off all readings after the first n from those."""
    return lambda v: sum(v[:n]) - sum(v[n:])


def _in_proportion(n_counted: int, n_asked: int, combine: Combine) -> Combine:
    """Return the part of a number that falls to the first of the links that ask, those that count, by what they ask."""

    def part(v: Sequence[float]) -> float:
        asked = sum(v[n_counted:n_asked])
        return combine(v[n_asked:]) * (sum(v[:n_counted]) / asked if asked > 0.0 else 1.0)

    return part


def _asked_and_given(served: Served, k: int) -> Iterator[Reading]:
    yield Reading("port", served.asks, k)
    for species in (bus.H2, bus.O2, bus.N2, bus.VAPOUR, bus.LIQUID):
        yield Reading("port", served.outlets, k * bus.STREAM_WIDTH + species)


def _shortfall(v: Sequence[float]) -> float:
    """Return by how much less than was asked of a store went out of its outlets; (asked, five species given) each."""
    return sum(max(v[k] - sum(v[k + 1 : k + 6]), 0.0) for k in range(0, len(v), 6))


def _given_of_pairs(medium: Owed) -> Combine:
    """Return what was given of a medium, of pairs as above: of gas the hydrogen alone."""
    end = 2 if medium == "hydrogen" else 6
    return lambda v: sum(sum(v[k + 1 : k + end]) for k in range(0, len(v), 6))


_OF_OWED: tuple[Literal["given", "short", "time"], ...] = ("given", "short", "time")

QUANTITIES: dict[str, Quantity] = {
    # electrolysers
    "made_kg": Quantity(Maker, _item("reacted", H2)),
    "electrolysis_j": Quantity(Maker, _ports("power")),
    "electrolyser_j": Quantity(Maker, _ports("power", "heater_power")),
    "electrolysis_drawn_j": Quantity(Maker, _item("drawn", 0)),
    "rated_power_w": Quantity(Maker, _fields("rated_power")),
    "running_h": Quantity(Maker, _fields("running")),
    "starts": Quantity(Maker, _fields("n_starts")),
    "cold_starts": Quantity(Maker, _fields("n_cold_starts")),
    "worn_frac": _worn("now"),
    "worn_in_run_frac": _worn("now", "before"),
    "end_of_life": _of_wear("end"),
    "replacements": _of_wear("replacements"),
    "cycles": Quantity(Maker, _fields("wear.cycles", "change")),
    **{
        f"{prefix}_{what}": _starts_recorded(prefix, what)
        for prefix in ("cold", "hot")
        for what in ("start_j", "lost_s", "start_s")
    },
    # power
    "used_j": Quantity(Role, _item("drawn", 0)),
    "converted_j": Quantity(Converter, _item("drawn", 0)),
    "source_j": Quantity(Source, _ports("power")),
    "reconverted_j": Quantity(Reconverter, _ports("power")),
    "source_cost_eur": Quantity(Source, _ports("cost")),
    "imported_j": Quantity(Grid, _fields("imported")),
    "exported_j": Quantity(Grid, _fields("exported")),
    "curtailed_j": Quantity(Grid, _ports("curtailed")),
    "unserved_j": Quantity(Grid, _ports("unserved")),
    "import_cost_eur": Quantity(Grid, _ports("cost")),
    "export_revenue_eur": Quantity(Grid, _ports("revenue")),
    "contract_paid_eur": Quantity(PowerContract, _ports("cost")),
    "contract_worth_eur": Quantity(PowerContract, _ports("revenue")),
    "contract_net_eur": Quantity(PowerContract, _ports("cost", "revenue"), lambda v: v[0] - v[1]),
    "import_fee_eur": Quantity(Grid, _fees("fees", "imported"), math.prod),
    "peak_import_w": Quantity(Grid, lambda r: _fields("metered_peak" if r.metered_peak else "peak_import")(r)),
    "month_peak_w": Quantity(Grid, _month_peaks, _mean_month_peak),
    "emitted_kg": Quantity(Grid, _fields("emitted"), linked="carbon_intensity"),
    "imbalance_j": Quantity(Grid, _fields("imbalance")),
    "imbalance_eur": Quantity(Grid, _fields("imbalance_cost")),
    "imbalance_fee_eur": Quantity(Grid, _fees("imbalance_fees", "imbalance"), _product_of_both),
    "ride_through_change_j": Quantity(PowerBus, _fields("stored", "change")),
    "battery_charged_j": Quantity(Battery, _ports("charge")),
    "battery_discharged_j": Quantity(Battery, _ports("discharge")),
    "battery_change_j": Quantity(Battery, _fields("stored", "change")),
    "battery_used_j": Quantity(Battery, _item("drawn", 0)),
    "cell_cycles": Quantity(Battery, _fields("wear.cycles")),
    "cell_lost_frac": Quantity(Battery, _fields("wear.state", "now")),
    "battery_renewals": Quantity(Battery, _fields("wear.replacements")),
    "starts_avoided": Quantity(Dispatch, _fields("starts_avoided")),
    "emergency_j": Quantity(PowerBus, _ports("emergency")),
    "emergency_eur": Quantity(PowerBus, _ports("emergency_cost")),
    "emergency_emitted_kg": Quantity(PowerBus, _fields("emergency_emitted")),
    "n_blackouts": Quantity(PowerBus, _fields("n_blackouts")),
    "blackout_s": Quantity(PowerBus, _fields("blackout_time")),
    # products
    **{f"sold_{product}_kg": sold(product) for product in ("hydrogen", "oxygen")},
    **{f"{product}_income_eur": income(product) for product in PRODUCTS},
    **{
        f"{what}_{medium}": _Owed(Role, lambda role: (), medium=medium, what=what, of_plant=True)
        for medium in OWED
        if medium != "power"
        for what in _OF_OWED
    },
    "paid_for_hydrogen_eur": paid_for_hydrogen(),
    "load_kg": Quantity(Offtake, _fields("load")),
    "certified_premium": Quantity(Offtake, _fields("premium")),
    "certified_by": Quantity(OriginMonitor, _fields("certified_by")),
    "penalty_eur": Quantity(Offtake, _fields("penalty")),
    "unserved_kg": _Unserved(Offtake, lambda role: ()),
    "unserved_time_s": Quantity(Grid, _fields("unserved_time")),
    "stored_kg": Quantity(Role, _item("stored_after", H2)),
    "stored_before_kg": Quantity(Role, _item("stored_before", H2)),
    "burnt_kg": Quantity(Role, _burnt, lambda v: -v[0]),
    "reconverted_kg": Quantity(Reconverter, _burnt, lambda v: -v[0]),
    "waiting_kg": Quantity(Offtake, _fields("waiting")),
    # water, heat, purity, origin
    "raw_water_kg": Quantity(Supply, _item("outflow", H2O)),
    "raw_water_cost_eur": Quantity(Supply, _ports("cost")),
    "heat_recovered_j": Quantity(Process, _ports("recovered", offset=bus.ENTHALPY), lambda v: v[1] - v[0]),
    "watched_kg": Quantity(PurityMonitor, _item("inflow", H2)),
    "water_frac": Quantity(PurityMonitor, _fields("water")),
    "oxygen_frac": Quantity(PurityMonitor, _fields("oxygen")),
    "origin_used_j": Quantity(OriginMonitor, _fields("used", "change")),
    "origin_renewable_j": Quantity(OriginMonitor, _fields("renewable", "change")),
    "origin_exempt_j": Quantity(OriginMonitor, _fields("exempt", "change")),
    "matched_month_j": _matched("month"),
    "matched_hour_j": _matched("hour"),
}
"""What is known of a run, by component: all that key figures and economics are made of."""


OWED_BY_COMPONENT: dict[str, Quantity] = {
    f"{what}_{medium}_by_component": _Owed(Role, lambda role: (), medium=medium, what=what)
    for medium in OWED
    for what in _OF_OWED
}
"""What each component owes, whether it counts for the plant or not: no figure reads it."""


_last: list[tuple[Any, Any, list[Kind], dict[str, tuple[Any, list[Of]]]]] = []
"""Indices, links and kinds of the last program, and what its quantities read."""


class Totals:
    """The sums of a run.

    Parameters
    ----------
    program, ledger
        The program after the run, and its ledger.
    plant
        The plant, whose links and labels some sums go by; without it those are refused.
    """

    def __init__(self, program: Program, ledger: Ledger, plant: Plant | None = None) -> None:
        self.program = program
        self.ledger = ledger
        self.plant = plant
        self.kinds = [program.kinds[k] for k in program.component_kinds]
        self.roles: list[Any] = [kind.role for kind in self.kinds]
        self._found: dict[str, dict[int, float]] = {}
        self._of_role: dict[type[Role], list[int]] = {}

    def of_role(self, role: type[Role] = Role) -> list[int]:
        """Return the components of a role, in the order of the plant."""
        if role not in self._of_role:
            self._of_role[role] = [i for i, one in enumerate(self.roles) if isinstance(one, role)]
        return self._of_role[role]

    def links_at(self, component: int, port: str) -> tuple[Any, ...]:
        """Return the links that end at a port; none where there is no such port."""
        if self.plant is None:
            raise ValueError("these totals were made without the plant, by whose links this one goes")
        return self.plant.links_at(self.program.component_ids[component], port) if port else ()

    def place_of(self, component: str) -> int:
        """Return the number of a component by its id."""
        return self._places[component]

    @functools.cached_property
    def _places(self) -> dict[str, int]:
        return {id_: i for i, id_ in enumerate(self.program.component_ids)}

    def technology(self, component: int) -> str:
        """Return what a source is called: its own label, else its technology; of an electrolyser its technology."""
        role = self.roles[component]
        label = "" if self.plant is None else self.plant.components[self.program.component_ids[component]].label
        return label if label and isinstance(role, Source) else str(getattr(role, "technology", ""))

    def by_technology(self) -> dict[str, dict[int, Any]]:
        """Return the electrolysers by technology, each with its role, in the order of the list of kinds."""
        found: dict[str, dict[int, Any]] = {}
        for i in sorted(self.of_role(Maker), key=lambda i: self.program.component_kinds[i]):
            found.setdefault(self.roles[i].key, {})[i] = self.roles[i]
        return found

    def quantity(self, name: str) -> dict[int, float]:
        """Return a quantity by component (see ``QUANTITIES``)."""
        if name not in self._found:
            of = QUANTITIES.get(name) or OWED_BY_COMPONENT[name]
            kept = self._readings.get(name)
            if kept is None or kept[0] is not of:  # the table may have got another entry
                kept = self._readings[name] = of, list(of.of_components(self))
            self._found[name] = {
                i: float(combine([self.read(i, reading) for reading in readings])) for i, readings, combine in kept[1]
            }
        return self._found[name]

    @functools.cached_property
    def _readings(self) -> dict[str, tuple[Any, list[Of]]]:
        """What each quantity reads: found once for runs of one plant, whose programs share their indices (studies)."""
        index, links = self.program.field_index, None if self.plant is None else self.plant.links
        last = _last[0] if _last else None
        is_alike = last is not None and last[0] is index and last[1] is links and last[2] == self.kinds
        if last is None or not is_alike:
            last = (index, links, self.kinds, {})
            _last[:] = [last]
        return last[3]

    def sum(self, name: str) -> float:
        """Return the sum of a quantity over all components; 0 where none has it."""
        return total(self.quantity(name))

    def by_id(self, name: str, factor: float = 1.0) -> dict[str, float]:
        """Return a quantity by the ids of components, times a factor."""
        return {self.program.component_ids[i]: value * factor for i, value in self.quantity(name).items()}

    def read(self, component: int, reading: Reading) -> float:
        """Return a number of a component."""
        source, name, index = reading
        if source == "port":
            return self.port(component, name, index)
        if source == "drawn":
            return self.drawn().get(component, 0.0)
        if name:
            of_field = {"field": self.field, "now": self._now, "before": self.before, "change": self.change}
            return of_field[source](component, name)
        return float(getattr(self.ledger, source)[component, index])

    def field(self, component: int, name: str) -> float:
        """Return a field as it is now; of a counter what was added since the totals were opened."""
        is_counter = self.kinds[component].field(name).is_counter
        return self.change(component, name) if is_counter else self._now(component, name)

    def change(self, component: int, name: str) -> float:
        """Return by how much a field has changed since the totals were opened."""
        return self._now(component, name) - self.before(component, name)

    def before(self, component: int, name: str) -> float:
        """Return a field as it was when the totals were opened."""
        memory = self.ledger.memory_before
        if memory is None:
            return 0.0
        return float(memory[self.program.field_index[f"{self.program.component_ids[component]}.{name}"]])

    def _now(self, component: int, name: str) -> float:
        return self.program.value(f"{self.program.component_ids[component]}.{name}")

    def port(self, component: int, port: str, offset: int = 0) -> float:
        """Return the sum over the run of a port's slot times the step: J, kg or EUR."""
        slot = self.program.slot_index[f"{self.program.component_ids[component]}.{port}"]
        return float(self.program.arrays.totals[slot + offset])

    @functools.cached_property
    def _drawn(self) -> dict[int, float]:
        suppliers = {*self.of_role(Source), *self.of_role(Grid), *self.of_role(Reconverter)}
        drawn: dict[int, float] = {}
        passed: dict[int, float] = {}
        for flow in power_flows(self.program):
            energy = float(self.program.arrays.totals[flow.slot])
            for component, sign in ((flow.target, 1.0), (flow.source, -1.0)):
                if component >= 0 and component not in suppliers:
                    drawn[component] = drawn.get(component, 0.0) + sign * energy
                    passed[component] = passed.get(component, 0.0) + abs(energy)
        for kept in ("ride_through_change_j", "battery_change_j"):
            for component, stored in self.quantity(kept).items():
                if component in drawn:
                    drawn[component] -= stored
        return {i: j if abs(j) > _ROUNDING * passed[i] else 0.0 for i, j in drawn.items()}

    def drawn(self) -> dict[int, float]:
        """Return the electric energy that each component used up, J; suppliers of the plant left out.

        What a bus or a battery holds more at the end is not used up; what it lost is.
        """
        return self._drawn

    def unsourced(self) -> Iterator[tuple[int, float, float]]:
        """Yield (component, energy that no source gave it, J, energy drawn there, J) where power has no source.

        Drawn there is what all components keep to themselves that are fed from it, over buses and converters.
        """
        for flow in power_flows(self.program):
            if flow.source >= 0 or flow.target < 0 or self._border(flow) in ("source", "surplus"):
                continue
            energy = float(self.program.arrays.totals[flow.slot])
            if energy > 0.0:
                yield flow.target, energy, max(self.drawn_from(flow.target), energy)

    def drawn_from(self, component: int) -> float:
        """Return the energy kept by all components that are fed from one, over buses and converters, J."""
        kept = self.drawn()
        return sum(max(kept.get(i, 0.0), 0.0) for i in fed_from(component, power_flows(self.program)))

    def emergency(self) -> Iterator[tuple[int, float, float]]:
        """Yield (bus, energy of its emergency supply, J, energy drawn there, J) where it gave or was to give."""
        kept, power = self.drawn(), power_flows(self.program)
        given = self.quantity("emergency_j")
        for component, lasted_s in self.quantity("blackout_s").items():
            energy = given.get(component, 0.0)
            if lasted_s > 0.0 or energy > 0.0:
                drawn = sum(max(kept.get(i, 0.0), 0.0) for i in fed_from(component, power))
                yield component, energy, max(drawn, energy)

    def _border(self, flow: Flow) -> str:
        return self.kinds[flow.target].port(flow.name.rpartition(".")[2]).border

    @property
    def electricity_cost_eur(self) -> float:
        """What was paid for electricity less what was earned with it, EUR."""
        cost = self.sum("import_cost_eur") - self.sum("export_revenue_eur")
        return cost + self.sum("source_cost_eur") + self.sum("emergency_eur") + self.sum("contract_net_eur")


def total(values: dict[int, float]) -> float:
    """Return the sum of a quantity over components."""
    return float(np.array(list(values.values())).sum())
