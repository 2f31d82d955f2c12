"""Parts of the step of a gas tank: what it gives at most, what came, steps that are made again, what is renewed."""

from h2plant.core.bus import STREAM_WIDTH
from h2plant.core.constants import MOLAR_MASS_H2O_KG_PER_MOL
from h2plant.core.jit import leaf
from h2plant.physics.stream import dry_molar_flow, read_stream

_REFRESH_K = 0.5
_REFRESH_FRAC = 0.02
"""Derivatives, transport properties and the enthalpies of traces are kept within this change of T and p."""

_NEAR_DEW = 0.9
"""Share of the saturation from which it is looked at."""

_COLDEST_K = 205.0
"""No more is handed out in a step than leaves the gas that warm; the tables begin at 200 K, and vessels of steel and of
composite are good for 233 K (SAE J2601), which their walls keep."""


@leaf
def most_drawn(c, mass, dt):
    """Return the gas, kg, that leaves what stays at 205 K or more: f R T <= (1 - f) cv (T - T_c) + heat from the wall.

    Each kilogram drawn takes R T of work from the gas that stays; that heat capacity is what stays at the end.
    """
    spare_k = max(c.temperature_k - _COLDEST_K, 0.0)
    stored = c.isochoric_j_per_kg_k * spare_k
    wall_w = c.inner_film_w_per_m2_k * c.film_share * c.inner_area_m2 * max(c.wall_temperature_k - c.temperature_k, 0.0)
    work = c.pressure_pa * c.volume_m3 / mass
    return mass * min((stored + wall_w * dt / mass) / (work + stored), 1.0)


@leaf
def came_in(c, bus):
    """Return what came and was let in: hydrogen, oxygen, nitrogen, water, kg/s, and its enthalpy, W."""
    h2, o2, n2, h2o, enthalpy = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(c.n_inlets):
        feed = read_stream(bus, c.inlets + i * STREAM_WIDTH)
        h2 += feed.h2
        o2 += feed.o2
        n2 += feed.n2
        h2o += feed.vapour + feed.liquid
        enthalpy += feed.enthalpy_w
    off = read_stream(bus, c.turned_away)
    return h2 - off.h2, o2 - off.o2, n2 - off.n2, h2o - (off.vapour + off.liquid), enthalpy - off.enthalpy_w


@leaf
def state_of(c):
    """Return what ``_advance`` of ``gas_tank`` starts from."""
    gas = (c.h2_kg, c.o2_kg, c.n2_kg, c.h2o_kg, c.energy_j, c.pressure_pa, c.temperature_k)
    wall = (c.wall_temperature_k, c.wall_skew_k, c.wall_bow_k, c.to_wall_w, c.to_ambient_w)
    return gas, wall, (c.film_share, c.inner_film_w_per_m2_k)


@leaf
def put_back(c, state):
    """Put back what ``state_of`` returned."""
    gas, wall, film = state
    c.h2_kg, c.o2_kg, c.n2_kg, c.h2o_kg, c.energy_j, c.pressure_pa, c.temperature_k = gas
    c.wall_temperature_k, c.wall_skew_k, c.wall_bow_k, c.to_wall_w, c.to_ambient_w = wall
    c.film_share, c.inner_film_w_per_m2_k = film


@leaf
def less(flows, came, share):
    """Return flows without a share of what came."""
    return (
        flows[0] - came[0] * share,
        flows[1] - came[1] * share,
        flows[2] - came[2] * share,
        flows[3] - came[3] * share,
        flows[4] - came[4] * share,
    )


@leaf
def needs_refresh(c, traces_before):
    """Tell whether the gas has moved too far from the state at which its derivatives were looked up."""
    is_new_trace = (c.o2_kg > 0.0) + 2.0 * (c.n2_kg > 0.0) + 4.0 * (c.h2o_kg > 0.0) != traces_before
    return (
        is_new_trace
        | (abs(c.temperature_k - c.refresh_temperature_k) > _REFRESH_K)
        | (abs(c.pressure_pa - c.refresh_pressure_pa) > _REFRESH_FRAC * c.refresh_pressure_pa)
    )


@leaf
def is_near_dew(c):
    """Tell whether the gas may be over its saturation, by that at the last refresh (half a kelvin: 7 % at most)."""
    if c.temperature_k < c.refresh_temperature_k - _REFRESH_K:
        return True
    moles = c.h2o_kg * (1.0 / MOLAR_MASS_H2O_KG_PER_MOL)
    return c.pressure_pa * moles > _NEAR_DEW * c.saturation_pa * (moles + dry_molar_flow(c.h2_kg, c.o2_kg, c.n2_kg))
