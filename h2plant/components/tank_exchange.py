"""What a gas tank exchanges over a step: gas with its links, heat with its wall and the surroundings."""

import math

from h2plant.components.tank_wall import refresh_wall
from h2plant.core.bus import EVENT_AMOUNT, STREAM_WIDTH
from h2plant.core.constants import MOL_PER_KG_H2, MOL_PER_KG_H2O, MOL_PER_KG_N2, MOL_PER_KG_O2
from h2plant.core.jit import kernel, leaf
from h2plant.core.numba_ops_enhanced import stored_heat_temperature
from h2plant.core.status import OK, UPHILL
from h2plant.physics.flash import temperature_at_enthalpy
from h2plant.physics.stream import put_nothing, put_stream, read_stream
from h2plant.physics.vessel import cube_root, wall_exchange

_AS_O2 = MOL_PER_KG_O2 / MOL_PER_KG_H2
_AS_N2 = MOL_PER_KG_N2 / MOL_PER_KG_H2
_AS_H2O = MOL_PER_KG_H2O / MOL_PER_KG_H2
"""Mass of hydrogen with as many moles."""

_LONG_STEP_K = 0.5
_SERIES_FRAC = 0.02
UPHILL_FRAC = 0.9
"""Share of the tank's pressure below which gas cannot flow in: losses of the way are not looked at."""


@leaf
def exchanged(c, bus):
    """Return what came less what was given: hydrogen, oxygen, nitrogen, water, kg/s, and enthalpy, W.

    Keeps the lowest pressure of what came; the tank's own where nothing came from below it.
    """
    h2, o2, n2, h2o, enthalpy = 0.0, 0.0, 0.0, 0.0, 0.0
    lowest_pa = c.pressure_pa
    for i in range(c.n_inlets):
        feed = read_stream(bus, c.inlets + i * STREAM_WIDTH)
        if (feed.h2 > 0.0) & (feed.pressure_pa < lowest_pa):
            lowest_pa = feed.pressure_pa
        h2 += feed.h2
        o2 += feed.o2
        n2 += feed.n2
        h2o += feed.vapour + feed.liquid
        enthalpy += feed.enthalpy_w
    c.inflow_kg_per_s = h2 + o2 + n2 + h2o
    c.feed_pressure_pa = lowest_pa
    for i in range(c.n_outlets):
        given = read_stream(bus, c.outlets + i * STREAM_WIDTH)
        h2 -= given.h2
        o2 -= given.o2
        n2 -= given.n2
        h2o -= given.vapour
        enthalpy -= given.enthalpy_w
    c.net_flow_kg_per_s = h2 + o2 + n2 + h2o
    return h2, o2, n2, h2o, enthalpy


@kernel
def turn_uphill(c, bus, props, flows, dt):
    """Turn away what came at too low a pressure to flow in; returns what was exchanged without it."""
    h2, o2, n2, vapour, liquid, gas_w, T, pressure_pa = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, c.pressure_pa
    for i in range(c.n_inlets):
        feed = read_stream(bus, c.inlets + i * STREAM_WIDTH)
        if (feed.h2 > 0.0) & (feed.pressure_pa < UPHILL_FRAC * c.pressure_pa):
            is_alone = h2 <= 0.0
            h2, o2, n2 = h2 + feed.h2, o2 + feed.o2, n2 + feed.n2
            vapour, liquid, gas_w = vapour + feed.vapour, liquid + feed.liquid, gas_w + feed.enthalpy_w
            pressure_pa = min(pressure_pa, feed.pressure_pa)
            if is_alone:
                T = feed.temperature_k
            else:
                water = vapour + liquid
                joined_k, vapour, liquid = temperature_at_enthalpy(props, h2, o2, n2, water, gas_w, pressure_pa, T)
                T = joined_k if joined_k > 0.0 else feed.temperature_k
    put_stream(bus, c.turned_away, h2, o2, n2, vapour, liquid, gas_w, T, pressure_pa)
    away = h2 + o2 + n2 + (vapour + liquid)
    c.inflow_kg_per_s = max(c.inflow_kg_per_s - away, 0.0)
    c.net_flow_kg_per_s -= away
    c.turned_away_kg += away * dt
    return flows[0] - h2, flows[1] - o2, flows[2] - n2, flows[3] - (vapour + liquid), flows[4] - gas_w


@leaf
def let_in(c, bus, props, flows, dt):
    """Return what was exchanged, without what came at too low a pressure, which is turned away."""
    if c.feed_pressure_pa < UPHILL_FRAC * c.pressure_pa:
        return turn_uphill(c, bus, props, flows, dt)
    put_nothing(bus, c.turned_away, c.temperature_k, c.pressure_pa)
    return flows


@leaf
def feed_status(c, bus, pressure_pa):
    """Return the status of what came to a tank that had a pressure at the start of the step."""
    if c.feed_pressure_pa < UPHILL_FRAC * pressure_pa:
        bus[EVENT_AMOUNT] = pressure_pa - c.feed_pressure_pa
        return UPHILL
    return OK


@kernel
def mixed_heating(c, flows, h2_before, j_per_h2_kg):
    """Return (heating, W; heat capacity at constant volume, J/K) of hydrogen with other gas.

    Heating is what flows bring beyond the energy that the same gas has at the temperature of the gas held. With n moles
    of gas in V at the density that the same moles of hydrogen have, and h_i the enthalpies at that temperature,

        dU/dm_i = h_i - w M_H2/M_i,    w = p V/m (1 - y (1 - beta T))/(kappa p),
        dU/dT = sum m_i cp_i - m w beta

    m the mass of so many moles of hydrogen, y the share of hydrogen in them, beta the thermal expansion, kappa the
    compressibility (by dU = dH - V dp). For hydrogen alone it is u + p/rho (1 - beta T/(kappa p)) and m cv.

    Parameters
    ----------
    flows
        Hydrogen, oxygen, nitrogen, water, kg/s, and enthalpy, W, that come less those that go.
    h2_before
        Hydrogen before the step, kg; the other masses are those at its end.
    j_per_h2_kg
        Enthalpy of the hydrogen held, J/kg.
    """
    h2, o2, n2, h2o, enthalpy = flows
    others = c.o2_kg * _AS_O2 + c.n2_kg * _AS_N2 + c.h2o_kg * _AS_H2O
    added = o2 * _AS_O2 + n2 * _AS_N2 + h2o * _AS_H2O
    moles_kg = h2_before + others
    share = 1.0 - h2_before / moles_kg * (1.0 - c.expansion_ratio)
    work = c.pressure_pa * c.volume_m3 / moles_kg * share / c.compressibility_ratio
    heating = enthalpy + (h2 + added) * work - h2 * j_per_h2_kg
    heating -= o2 * c.o2_j_per_kg + n2 * c.n2_j_per_kg + h2o * c.h2o_j_per_kg
    capacity = c.h2_kg * c.heat_capacity_j_per_kg_k
    capacity += c.o2_kg * c.o2_j_per_kg_k + c.n2_kg * c.n2_j_per_kg_k + c.h2o_kg * c.h2o_j_per_kg_k
    return heating, capacity - (c.h2_kg + others) * work * c.expansion_ratio / c.temperature_k


@leaf
def film_coefficient(c, heating, gas_j_per_k, inner_offset, dt):
    """Return the film coefficient inside, W/(m2 K): Nu^3 = Nu_natural^3 + Nu_jet^3 (Churchill 1977)."""
    inflow = c.inflow_kg_per_s
    difference = abs(c.temperature_k - c.wall_temperature_k - inner_offset) * c.film_share
    adiabatic_k = 0.5 * abs(heating) * dt / gas_j_per_k
    if adiabatic_k > _LONG_STEP_K:
        # the difference that drives convection builds up within the step, up to where it carries the heat away
        flux = abs(heating) / c.inner_area_m2
        settled_k = math.sqrt(math.sqrt(flux * flux * flux / c.natural_film_cube))
        difference = max(difference, min(adiabatic_k, settled_k))
    cube = c.natural_film_cube * difference
    if inflow > 0.0:
        # m^2.01 by a series about the last flow, to 1e-7, instead of pow(), which takes 20 ns
        u = inflow * c.held_per_inflow - 1.0
        if abs(u) > _SERIES_FRAC:
            c.held_per_inflow = 1.0 / inflow
            c.held_inflow_power = math.pow(inflow, 2.01)
            u = 0.0
        cube += c.jet_film_cube * c.held_inflow_power * (1.0 + u * (2.01 + u * (1.01505 + u * 0.0033835)))
    return cube_root(cube, c.inner_film_w_per_m2_k)


@leaf
def exchange_heat(c, bus, heating, gas_j_per_k, dt):
    """Exchange heat between gas, wall and surroundings over the step; returns the heat from gas to wall, W."""
    if dt != c.held_step_s:
        refresh_wall(c, dt)
    # the wall's profile over the step, its two slowest modes as they decay
    skew = c.skew_decay * c.wall_skew_k
    curvature = c.curvature_decay * c.wall_bow_k
    inner_offset = curvature + skew + c.wall_cross_k_per_w * c.to_ambient_w
    outer_offset = c.mode_2_outer_ratio * curvature + c.mode_1_outer_ratio * skew - c.wall_cross_k_per_w * c.to_wall_w
    film = film_coefficient(c, heating, gas_j_per_k, inner_offset, dt)
    c.film_share = 1.0 / (1.0 + film * c.wall_own_m2_k_per_w)
    to_wall, to_ambient = wall_exchange(
        heating,
        gas_j_per_k,
        c.wall_j_per_k,
        c.inner_area_m2 * film * c.film_share,
        c.outer_w_per_k,
        c.temperature_k,
        c.wall_temperature_k,
        inner_offset,
        outer_offset,
        bus[c.ambient_temperature],
        dt,
    )
    first_w = to_wall - c.mode_1_outer_ratio * to_ambient
    c.wall_skew_k += c.skew_share * (c.mode_1_k_per_w * first_w - c.wall_skew_k)
    second_w = to_wall - c.mode_2_outer_ratio * to_ambient
    c.wall_bow_k += c.curvature_share * (c.mode_2_k_per_w * second_w - c.wall_bow_k)
    c.to_wall_w = to_wall
    c.to_ambient_w = to_ambient
    c.wall_temperature_k = stored_heat_temperature(c.wall_temperature_k, dt, to_wall, to_ambient, 0.0, c.wall_j_per_k)
    c.inner_film_w_per_m2_k = film
    bus[c.heat_loss] = to_ambient
    return to_wall
