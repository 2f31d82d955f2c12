"""What a kind of component is to the plant: the roles by which figures, costs, plans, reports and studies find it.

A kind declares one role (``Kind.role``); nothing outside a kind's file asks for it by name. Roles name ports, fields
and parameters of their kind as text; ``Kind`` checks at import that each exists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from h2plant.core.contract import Contract
from h2plant.core.role_base import Role, technology_key
from h2plant.core.role_base import of_counter as _counter
from h2plant.core.role_base import of_field as _field
from h2plant.core.role_base import of_port as _port
from h2plant.core.role_dispatch import Dispatch
from h2plant.core.role_reconverter import Reconverter
from h2plant.core.served import Served
from h2plant.core.wear import Start, StartType, Values, Wear

if TYPE_CHECKING:
    from h2plant.core.stack_curve import StackCurve

__all__ = [
    "Dispatch",
    "Reconverter",
    "Role",
    "Start",
    "StartType",
    "Values",
    "Wear",
    "technology_key",
]  # of a maker's role, from a file of their own


named_fields, named_counters, named_ports = _field, _counter, _port  # for roles in files of their own


@dataclass(frozen=True)
class Maker(Role):
    """An electrolyser: makes hydrogen from electricity and water; hydrogen counts as made where a maker reacts it.

    Parameters
    ----------
    technology
        Short name, as in 'PEM'; in lower case it is part of the names of figures: ``starts_pem``.
    unit, units
        What one is called and what several are called: 'PEM stack', 'PEM stacks'.
    power
        Ports that draw the electricity of electrolysis.
    rated_power
        Parameter: highest power of these ports, W.
    made
        Column of the hydrogen made, kg/s, as in the log: ``hydrogen.h2_kg_per_s`` or an output of the kind.
    heater_power
        Ports that draw electricity for its heaters alone; they count in its specific energy.
    heater
        Output: part of ``power`` that only heats, W; '' if none.
    minimum_power, ramp
        Parameters: lowest power, and change of power in a second, as W or as a share of the rated one by their units.
    current_density, current, cell_area
        Output of the current density, A/m2 (mean over the interval), or of the current, A, with the parameter of the
        active area, m2.
    voltage
        Output of the cell voltage, V.
    load, temperature, mode
        Output of the load, 1, and states of temperature, K, and of mode; '' if none.
    running, n_starts, n_cold_starts
        Counters: hours run, starts, and those from cold.
    wear
        How it ages; None: it does not.
    starts
        Ways in which it starts; none: its starts have no cost.
    curve
        Returns the curves of a new stack, which are fitted and drawn (``StackCurve``); None: there are none.
    """

    technology: str
    unit: str
    units: str
    power: tuple[str, ...] = _port()
    rated_power: str = _field()
    made: str = ""
    heater_power: tuple[str, ...] = _port(())
    heater: str = _field()
    minimum_power: str = _field()
    ramp: str = _field()
    current_density: str = _field()
    current: str = _field()
    cell_area: str = _field()
    voltage: str = _field()
    load: str = _field()
    temperature: str = _field()
    mode: str = _field()
    running: str = _counter("running_h")
    n_starts: str = _counter("n_starts")
    n_cold_starts: str = _counter("n_cold_starts")
    wear: Wear | None = None
    starts: tuple[StartType, ...] = ()
    curve: Callable[[], StackCurve] | None = None

    @property
    def key(self) -> str:
        """Technology as it stands in the names of figures."""
        return technology_key(self.technology)

    def filed(self, start: StartType) -> str:
        """Return what the cost of a start is filed under: 'soec_hot'."""
        return f"{self.key}_{start.name}" if start.name else self.key

    def fields(self) -> Iterator[str]:
        yield from super().fields()
        if self.wear is not None:
            yield from (name for name in (self.wear.state, self.wear.end, self.wear.cycles) if name)

    def counters(self) -> Iterator[str]:
        yield from super().counters()
        if self.wear is not None:
            yield from (name for name in (self.wear.replacements, self.wear.idle) if name)
        for start in self.starts:
            yield from start.fields

    @property
    def drawn(self) -> tuple[str, ...]:
        """Ports of all electricity that counts in its specific energy."""
        return (*self.power, *self.heater_power)

    @property
    def usual_start(self) -> str:
        """What the cost of its usual start is filed under: 'soec_hot'; '' if its starts have no cost."""
        return next((self.filed(start) for start in self.starts if start.is_usual), "")

    @property
    def place(self) -> str:
        return self.units

    @property
    def stands_alone(self) -> bool:
        return True


@dataclass(frozen=True)
class Source(Role):
    """Own power of the plant: wind, sun, a contract.

    Parameters
    ----------
    technology
        What it is called where a component has no label of its own: 'wind'.
    power
        Port that gives the power.
    power_column
        Output of that power, W.
    renewable
        Signal of the part that is renewable, W; '' if all of it is.
    price
        Signal of what its power costs by its contract, taken or not, EUR/J; '' if it has none.
    cost
        Port of its price, EUR; '' if it has none.
    """

    technology: str
    power: str = _port("power")
    power_column: str = _field("power_w")
    renewable: str = _port()
    price: str = _port()
    cost: str = _port()

    @property
    def place(self) -> str:
        return self.technology.capitalize()


@dataclass(frozen=True)
class Grid(Role):
    """Connection to the public grid: buys and sells what the plant lacks and has.

    Parameters
    ----------
    imported, exported
        Counters of energy bought and sold, J.
    available, accepts
        Signals: power that it can give, and that it would take, now, W.
    imbalance, imbalance_cost
        Counters of the energy bought that nobody had planned, J, and of what was paid for it, EUR, part of ``cost``.
    import_column, export_column, imbalance_column
        Outputs of power bought and sold, and of what of the former nobody had planned, W.
    curtailed, unserved
        Ports of power that nobody takes, and of power that no source gives.
    unserved_time
        Counter of the time in which power had no source, s; '' if it is not counted.
    cost, revenue
        Ports of what is paid and earned, EUR.
    fee, terms
        Parameter: fees on imports, EUR/J, part of the cost; returns, from parameters, hour of the week and month, their
        share of the market price, fee, EUR/J, margin by the amount of that share and tax (at least two); None: fixed.
    fees, imbalance_fees
        Counters of fees paid by the energy, EUR, and of those beyond the plan; '' where they are ``fee`` by the energy.
    metered_peak, month_peak, past_months_peak, n_past_months, begun_anew
        States: largest mean import of a quarter of an hour, W, of all time and of the month; sum of past months,
        and their number; those that begin anew with each year of a life. '' where nobody meters.
    import_limit, export_limit
        Parameters: highest power, W.
    peak_import, peak_export
        States: highest power so far, W.
    emitted
        Counter of the emissions of imports, kg CO2, by the port ``carbon_intensity``.
    price, fixed_price
        Port of the market price, EUR/J; output of the price of imports where that port reads no series.
    carbon_intensity
        Port of the intensity of imports, kg/J.
    """

    imported: str = _counter()
    exported: str = _counter()
    available: str = _port()
    accepts: str = _port()
    imbalance: str = _counter()
    imbalance_cost: str = _counter()
    import_column: str = _field()
    export_column: str = _field()
    imbalance_column: str = _field()
    curtailed: str = _port()
    unserved: str = _port()
    unserved_time: str = _counter()
    cost: str = _port()
    revenue: str = _port()
    fee: str = _field()
    terms: Callable[[Values, float, float], tuple[float, ...]] | None = None
    fees: str = _counter()
    imbalance_fees: str = _counter()
    metered_peak: str = _field()
    month_peak: str = _field()
    past_months_peak: str = _field()
    n_past_months: str = _field()
    begun_anew: tuple[str, ...] = _field(())
    import_limit: str = _field()
    export_limit: str = _field()
    peak_import: str = _field()
    peak_export: str = _field()
    emitted: str = _counter()
    price: str = _port()
    fixed_price: str = _field()
    carbon_intensity: str = _port()

    @property
    def place(self) -> str:
        return "Grid"


@dataclass(frozen=True)
class Store(Role):
    """Holds a medium from step to step and gives it on demand.

    Parameters
    ----------
    medium
        'hydrogen' or 'water'.
    level
        Signal of its level, 0 to 1.
    pressure
        State of its pressure, Pa; '' if it is open.
    outlets, demands
        Multi ports of what it gives and of what is asked for there, kg/s; '' if it is not asked.
    unserved, unserved_time
        Counters of what was asked for and not given, kg, and of the time in which that was so, s; '' if none.
    lowest, highest, initial
        Parameters of the pressures, Pa, between which it works and of that at the start.
    surplus
        Signal of what it can give, kg; '' if it does not say.
    """

    medium: Literal["hydrogen", "water"]
    level: str = _port("level")
    pressure: str = _field()
    outlets: str = _port("outlets")
    demands: str = _port()
    unserved: str = _counter()
    unserved_time: str = _counter()
    lowest: str = _field()
    highest: str = _field()
    initial: str = _field()
    surplus: str = _port()

    @property
    def hydrogen_level(self) -> str:
        """Signal of its level if it holds hydrogen, else ''."""
        return self.level if self.medium == "hydrogen" else ""

    @property
    def owes(self) -> tuple[Served, ...]:
        if not (self.demands and self.unserved):
            return self.served
        counts: Any = "if_series" if self.medium == "hydrogen" else "unless_passed_on"
        short, given, asks = (self.unserved,), (self.outlets,), self.demands
        own = Served(self.medium, short, given, (), (), self.unserved_time, asks, self.outlets, counts)
        return (own, *self.served)

    @property
    def place(self) -> str:
        return "Water supply" if self.medium == "water" else "Gas processing"

    @property
    def stands_alone(self) -> bool:
        return True


@dataclass(frozen=True)
class Supply(Role):
    """Brings a medium into the plant: raw water.

    Parameters
    ----------
    medium
        'water'.
    outlet, cost
        Ports of what it gives and of its price, EUR.
    """

    medium: Literal["water"]
    outlet: str = _port("outlet")
    cost: str = _port("cost")

    @property
    def place(self) -> str:
        return "Water supply"


@dataclass(frozen=True)
class Offtake(Role):
    """Takes products out of the plant and pays for them; what flows into it of those is sold.

    Parameters
    ----------
    inlet, revenue
        Ports of what it takes, and of all that it pays, EUR.
    prices
        Product -> parameter of its price, EUR/kg, by which the revenue divides among products; empty: it pays for
        hydrogen alone. It buys what has a price, and where that is zero its main gas, or water.
    price, load
        Parameters: price of hydrogen, EUR/kg; hydrogen that a vehicle takes, kg, '' if none carries it away.
    flow, demand
        Output of what it takes, kg/s; signal of what it asks for, kg/s, '' if it takes what comes.
    unserved, unserved_time
        Fields whose sum is what it asked for and did not get, kg; counter of the time in which that was so, s.
    waiting, deliveries
        Field, one of ``unserved``: what those that are still here have room for, kg; state: deliveries so far; or ''.
    due
        Field: what it would ask for, kg/s, had it always got all; '' if it does not keep it.
    largest_flow
        Returns the most that it takes, kg/s, from its parameters, an hour of the week and a length in hours; None: any.
    call_band
        Parameter: level of the store up to which deliveries are called in proportion; '' if it has none.
    owed_today, owed_soon, owed_tomorrow
        Signals of what a contract owes it, kg: late and wanted until local midnight, within an hour, and what it wants
        on the day after; '' if nothing is owed to it.
    penalty
        Counter of what was paid to it for what was missing, EUR, taken off ``revenue``; '' if it has none.
    paid, premium
        Counter of what it paid for hydrogen, EUR, '' if that is ``revenue``; parameter of what it pays on top for the
        share that is certified, EUR/kg, '' if for none.
    contract, profile, late
        Returns the terms under which it is served, from its parameters; port of series of what it wants, kg/s, in place
        of ``largest_flow``; state of what is late, kg. None and '': it takes what is there by ``largest_flow``.
    """

    inlet: str = _port("inlet")
    revenue: str = _port("revenue")
    prices: tuple[tuple[str, str], ...] = ()
    price: str = _field()
    flow: str = _field()
    demand: str = _port()
    unserved: tuple[str, ...] = _field(())
    unserved_time: str = _counter()
    waiting: str = _field()
    deliveries: str = _field()
    due: str = _field()
    largest_flow: Callable[[Values, float, float], float] | None = None
    call_band: str = _field()
    owed_today: str = _port()
    owed_soon: str = _port()
    owed_tomorrow: str = _port()
    penalty: str = _counter()
    paid: str = _counter()
    premium: str = _field()
    load: str = _field()
    contract: Callable[[Values], Contract] | None = None
    profile: str = _port()
    late: str = _field()

    @property
    def owes(self) -> tuple[Served, ...]:
        if not self.unserved or any(one.medium == "hydrogen" for one in self.served):
            return self.served
        own = Served("hydrogen", short=self.unserved, given=(self.inlet,), time=self.unserved_time)
        return (own, *self.served)

    @property
    def place(self) -> str:
        return "Delivery"

    def fields(self) -> Iterator[str]:
        yield from super().fields()
        yield from (parameter for _, parameter in self.prices)


class HeatLimit(NamedTuple):
    """A part that gets hot under load: its temperature is a state, K, and a rise at rating times load to an exponent.

    ``limit`` is the parameter at which it trips, K; ``rise`` one, K, or '' for none.
    """

    part: str
    state: str
    limit: str
    rise: str = ""
    exponent: float = 1.0


@dataclass(frozen=True)
class Converter(Role):
    """Passes electricity on, less its loss: transformer, rectifier, bus.

    Parameters
    ----------
    tripped, carried
        Signals: 1 while it stands after a trip; power that consumers behind it draw then, which the emergency supply
        of the bus gives, W; '' if it does not trip.
    load
        Output of its load by its rating; '' if it has no rating.
    limits
        What of it gets hot, and where it trips.
    over
        What a load above its rating means, for those who read of it.
    """

    tripped: str = _port()
    carried: str = _port()
    load: str = _field()
    limits: tuple[HeatLimit, ...] = ()
    over: str = ""

    @property
    def place(self) -> str:
        return "Power"


@dataclass(frozen=True)
class PowerBus(Converter):
    """Bus bar where supplies and consumers meet, with what carries it where the grid may give no more.

    Parameters
    ----------
    reserve, margin, shed
        Signals: power that the lines must leave, W; power that must be left, but is not drawn, W; 1 where what can wait
        is to rest, else 0.
    stored
        State: energy in its ride-through store, J; '' if it has none.
    given_column, taken_column
        Outputs of the power that it gives and takes, W.
    emergency, emergency_cost
        Ports of the power of the emergency supply and of what is paid for it, EUR; '' if it has none.
    emergency_emitted
        Counter of the emissions of that supply, kg CO2.
    n_blackouts, blackout_time
        Counters of blackouts, and of the time that they lasted until the lines might run again, s.
    """

    reserve: str = _port()
    margin: str = _port()
    shed: str = _port()
    stored: str = _field()
    given_column: str = _field()
    taken_column: str = _field()
    emergency: str = _port()
    emergency_cost: str = _port()
    emergency_emitted: str = _counter()
    n_blackouts: str = _counter()
    blackout_time: str = _counter()


@dataclass(frozen=True)
class Process(Role):
    """Treats streams or heat.

    Parameters
    ----------
    part
        Part of the plant to which it belongs in pictures: 'Gas processing', 'Steam', 'Cooling', 'Water supply'.
    recovered
        Ports (inlet, outlet) of a stream to which it gives heat that would be lost; empty: none.
    reaction
        '' or 'recombination': hydrogen and oxygen to water.
    is_apart
        Whether diagrams keep it apart from its neighbours.
    tripped
        Signal: 1 while it stands after a trip, and lines and transfers must rest; '' if it does not trip.
    """

    part: str = "Gas processing"
    recovered: tuple[str, ...] = _port(())
    reaction: Literal["", "recombination"] = ""
    is_apart: bool = False
    tripped: str = _port()

    @property
    def place(self) -> str:
        return self.part

    @property
    def stands_alone(self) -> bool:
        return self.is_apart


@dataclass(frozen=True)
class Control(Role):
    """Decides or passes on requests; handles nothing but signals, or shares out a stream.

    Parameters
    ----------
    demand, unserved, unserved_time
        Signal of a flow asked of it that it passes on to stores, kg/s; counters of what they could not give, kg, and of
        the time in which that was so, s.
    load
        Signal by which it commands fuel cells and engines, 0 to 1; '' if it commands none.
    """

    demand: str = _port()
    unserved: str = _counter()
    unserved_time: str = _counter()
    load: str = _port()

    @property
    def owes(self) -> tuple[Served, ...]:
        if not (self.demand and self.unserved):
            return self.served
        own = Served("hydrogen", (self.unserved,), (), (), (self.demand,), self.unserved_time, self.demand)
        own = replace(own, counts="if_series", is_passed_on=True)
        return (own, *self.served)


@dataclass(frozen=True)
class LineControl(Control):
    """Stands between a rule of dispatch and the electrolysers of a line, and owns what is true of the line.

    Parameters
    ----------
    line, direct_setpoint, units
        Ports: by which it offers the line to the rule; that reads its set point, W, where none serves it; that commands
        its units.
    ready
        Multi port that reads of each unit whether it can run, 1 or 0; '' if there is none.
    maximum, minimum
        Memory of its largest power, and of its smallest while it runs, W, set before the first step.
    ramp_up, ramp_down, min_up, min_down
        Parameters: change of its set point, W/s (0: at once); shortest run and rest, s.
    is_on, setpoint
        States: 1 while it is to run; its set point, W.
    power, least
        Parameters of ``maximum`` and ``minimum``, W; below 0 they follow from the units.
    specific_energy
        Parameter: electricity per hydrogen, J/kg.
    """

    line: str = _port("line")
    direct_setpoint: str = _port("setpoint")
    units: str = _port("unit_setpoints")
    ready: str = _port()
    maximum: str = _field("maximum_w")
    minimum: str = _field("minimum_w")
    ramp_up: str = _field("line_ramp_up_w_per_s")
    ramp_down: str = _field("line_ramp_down_w_per_s")
    min_up: str = _field("line_min_up_s")
    min_down: str = _field("line_min_down_s")
    is_on: str = _field("is_on")
    setpoint: str = _field("setpoint_w")
    power: str = _field("line_power_w")
    least: str = _field("line_minimum_w")
    specific_energy: str = _field("specific_energy_j_per_kg")


@dataclass(frozen=True)
class PurityMonitor(Role):
    """Watches a product.

    Parameters
    ----------
    water, oxygen
        Outputs or states of their mean mole fractions since the start, 1.
    """

    water: str = _field()
    oxygen: str = _field()
