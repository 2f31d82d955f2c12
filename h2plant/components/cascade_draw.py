"""Draws from banks in cascade: by level, or by the pressure of the trailers that are filled, stepping up."""

from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.constants import SHORT_FRAC
from h2plant.core.declare import Kind, Port, counter, memory, output, parameter
from h2plant.core.jit import kernel, leaf
from h2plant.core.properties import FLUID_H2, gas_density
from h2plant.core.role import Control
from h2plant.core.status import OK, SHORTAGE
from h2plant.laws.banks import draw_balance, draw_order, draw_steps

_NOTHING = 1.0e-9
_LEAST_PA = 0.6e5
"""Trailers and banks below this pressure count as empty (the tables of gases begin at 0.5 bar)."""


@leaf
def usable(level, empty, band):
    """Return how far a bank gives gas: 0 at empty, 1 above the band, a straight line between."""
    return min(max((level - empty) / band, 0.0), 1.0)


@leaf
def _density(c, props, pressure_pa):
    """Return the density of hydrogen in a trailer, kg/m3, at the temperature that trailers are rated for."""
    if pressure_pa < _LEAST_PA:
        return 0.0
    return gas_density(props, FLUID_H2, pressure_pa, c.trailer_temperature_k)


@leaf
def full_pressure(c, bus):
    """Return the pressure of a full trailer, Pa: that of the signal, else of the parameter; 0: not known."""
    if bus[c.trailer_full_pressure] > 0.0:
        return bus[c.trailer_full_pressure]
    return c.full_pressure_pa


@leaf
def empty_pressure(c, bus):
    """Return the pressure at which trailers come, Pa; of the parameter where no signal tells of trailers."""
    if bus[c.trailer_full_pressure] > 0.0:
        return bus[c.trailer_empty_pressure]
    return c.empty_pressure_pa


@leaf
def _stands(c, bus, i, has_pressures):
    """Return where a bank stands among the others: its level, or its pressure as a share of that of a full trailer."""
    if has_pressures:
        return bus[c.pressures + i] / full_pressure(c, bus)
    return bus[c.levels + i]


@leaf
def _weight(c, bus, i, n, has_pressures, least_pa):
    """Return what a bank gives of the demand of trailers that take gas from ``least_pa`` on, before it is scaled.

    That is what the banks before it leave to it, the lowest first; those within the band share.
    """
    if has_pressures and bus[c.pressures + i] < least_pa:
        return 0.0
    weight = usable(bus[c.levels + i], c.empty_frac, c.empty_band_frac)
    if weight > 0.0:
        stands = _stands(c, bus, i, has_pressures)
        for k in range(n):
            if k != i and not (has_pressures and bus[c.pressures + k] < least_pa):
                lead = (stands - _stands(c, bus, k, has_pressures)) / c.sharing_band_frac
                is_before = min(max(0.5 + 0.5 * lead, 0.0), 1.0)
                weight *= 1.0 - is_before * usable(bus[c.levels + k], c.empty_frac, c.empty_band_frac)
    return weight


@leaf
def _shared_out(c, bus, n, asked, has_pressures, least_pa):
    """Add a demand to what is asked of the banks; returns what they give of it, kg/s."""
    able, total = 0.0, 0.0
    for i in range(n):
        if not (has_pressures and bus[c.pressures + i] < least_pa):
            able += usable(bus[c.levels + i], c.empty_frac, c.empty_band_frac)
        total += _weight(c, bus, i, n, has_pressures, least_pa)
    if total <= 0.0:
        return 0.0
    # the last bank's weakening lowers what is asked of it: no jump when all run empty
    drawn = asked * min(able, 1.0)
    scale = drawn / total
    for i in range(n):
        bus[c.demands + i] += scale * _weight(c, bus, i, n, has_pressures, least_pa)
    return drawn


@leaf
def _stepped_up(c, bus, props, n, asked):
    """Share the demand of trailers that stand evenly between empty and full; returns what the banks give, kg/s.

    A bank fills trailers up to its pressure less the margin. So the bank of the lowest pressure serves those that are
    emptiest, the next one those beyond its reach, and so on; by mass, which is density in a trailer's volume.
    """
    empty = _density(c, props, empty_pressure(c, bus))
    span = max(_density(c, props, full_pressure(c, bus)) - empty, 1.0e-9)
    drawn, served, least_pa = 0.0, 0.0, 0.0
    for _ in range(n):
        next_pa = 1.0e12  # the lowest of the banks that have not had their turn
        for i in range(n):
            if least_pa < bus[c.pressures + i] < next_pa:
                next_pa = bus[c.pressures + i]
        reach = min(max((_density(c, props, next_pa - c.pressure_margin_pa) - empty) / span, 0.0), 1.0)
        if next_pa < 1.0e12 and reach > served:
            drawn += _shared_out(c, bus, n, asked * (reach - served), True, next_pa)
            served = reach
        least_pa = next_pa
        if served >= 1.0 or next_pa >= 1.0e12:
            break
    return drawn


@kernel
def step(c, bus, props, dt):
    """Share the demand among the banks."""
    n = min(c.n_demands, c.n_levels)
    asked = max(bus[c.demand], 0.0)
    for i in range(c.n_demands):
        bus[c.demands + i] = 0.0
    drawn = 0.0
    if asked > 0.0:
        if c.n_pressures > 0 and full_pressure(c, bus) > 0.0:
            drawn = _stepped_up(c, bus, props, min(n, c.n_pressures), asked)
        else:
            drawn = _shared_out(c, bus, n, asked, False, 0.0)
    c.drawn_kg_per_s = drawn
    c.unserved_kg_per_s = asked - drawn
    if asked - drawn > _NOTHING:
        c.unserved_kg += (asked - drawn) * dt
        if drawn < asked * (1.0 - SHORT_FRAC):
            c.unserved_s += dt
        bus[EVENT_AMOUNT] = asked - drawn
        return SHORTAGE
    return OK


KIND = Kind(
    name="cascade_draw",
    doc="Shares a demand among banks: the lowest usable gives first, stepping up with the trailers' pressure.",
    group="control",
    fields=(
        parameter("empty_frac", "1", "level at which a bank gives nothing", 0.0, -1.0, 1.0),
        parameter("empty_band_frac", "1", "band above in which it gives less and less", 0.05, 1.0e-3, 1.0),
        parameter(
            "sharing_band_frac",
            "1",
            "difference in level (in pressure: share of a full trailer's) from which the lower bank gives all",
            0.02,
            1.0e-3,
            10.0,
        ),
        parameter(
            "pressure_margin_pa",
            "Pa",
            "pressure of a bank above the trailers that it still fills",
            10.0e5,
            0.0,
            200.0e5,
        ),
        parameter("empty_pressure_pa", "Pa", "pressure of empty trailers, if no signal says", 20.0e5, 0.0, 500.0e5),
        parameter(
            "full_pressure_pa",
            "Pa",
            "pressure of full trailers, or vehicles, if no signal says (0: banks go by level)",
            0.0,
            0.0,
            880.0e5,
        ),
        parameter(
            "trailer_temperature_k", "K", "temperature for which the pressure of trailers holds", 288.15, 253.15, 333.15
        ),
        counter("unserved_kg", "kg", "demand that no bank could meet, since the start"),
        memory("unserved_s", "s", "time in which banks met less than 99.9 % of the demand", is_counter=True),
        output("drawn_kg_per_s", "kg/s", "demand passed on"),
        output("unserved_kg_per_s", "kg/s", "demand that no bank can meet"),
    ),
    ports=(
        Port("demand", "signal", "in", "flow wanted", is_required=True, unit="kg/s"),
        Port("levels", "signal", "in", "levels of the banks", is_required=True, is_multi=True, unit="1"),
        Port(
            "pressures",
            "signal",
            "in",
            "pressures of the banks, for trailers whose pressure is known",
            paired_with="levels",
            is_multi=True,
            unit="Pa",
        ),
        Port("trailer_empty_pressure", "signal", "in", "pressure at which trailers come", unit="Pa"),
        Port(
            "trailer_full_pressure", "signal", "in", "pressure at which they are full; 0: banks go by level", unit="Pa"
        ),
        Port(
            "demands",
            "signal",
            "out",
            "flow wanted from the bank of the same number",
            paired_with="levels",
            is_required=True,
            is_multi=True,
            unit="kg/s",
        ),
    ),
    step=step,
    laws=(draw_balance(), draw_order(), draw_steps()),
    role=Control(demand="demand", unserved="unserved_kg", unserved_time="unserved_s"),
    costs=(),
)
