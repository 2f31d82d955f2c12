"""Laws of stores of gas: the equation of state, what they give, walls, relief, and what shares flows among them."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from h2plant.core.bus import ENTHALPY, H2, LIQUID, PRESSURE, TEMPERATURE
from h2plant.core.law import (
    ROUNDING,
    FloatArray,
    Law,
    Row,
    Seen,
    SumLaw,
    Term,
    at_least,
    at_most,
    equal,
    sum_law,
    within,
)
from h2plant.core.law_constants import (
    GRAVITY_M_PER_S2,
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_N2_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
    SHORT_FRAC,
    STANDARD_TEMPERATURE_K,
)
from h2plant.laws.gas import downhill, uphill_kg_per_s
from h2plant.laws.hydrogen import LEACHMAN_2009, LEMMON_2008, hydrogen_density, hydrogen_enthalpy, real_terms
from h2plant.laws.tank_water import drained_before, tank_condensate
from h2plant.laws.wall import shell_of, surface_k

# 298.15 K: steam above liquid water's heat of formation; heat capacities of ideal gases, mean of 250 to 400 K
_STEAM_J_PER_KG = -241.826e3 / MOLAR_MASS_H2O_KG_PER_MOL
_O2_J_PER_KG_K, _N2_J_PER_KG_K, _STEAM_J_PER_KG_K = 920.0, 1040.0, 1870.0
_O2_M3_PER_KG, _N2_M3_PER_KG = -2.4e-3, -2.1e-3  # dh/dp at 300 K to 100 bar (Schmidt, Wagner 1985; Span 2000)

_STATE_FRAC, _STATE_K = 1.5e-3, 0.15
_ISOCHORIC_J_PER_KG_K = 1.02e4
_LATENT_J_PER_KG = 2.6e6


# Any store -----------------------------------------------------------------------------------------------------------
def store_gives() -> Law:
    """Return: a store gives what it is asked for, and counts what it does not give."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        role = seen.role
        n = min(len(seen.places[role.outlets].slots), len(seen.places[role.demands].slots))
        asked = np.array([np.maximum(seen.asked(role.demands, k), 0.0) for k in range(n)]).reshape(n, seen.n)
        flows = [stream.mass for stream in seen.streams(role.outlets)]
        given = np.array(flows[:n]).reshape(n, seen.n)
        all_asked, all_given = asked.sum(axis=0), sum(flows, seen.nothing)
        yield at_most(given, asked, rel=1e-9).max(axis=0, initial=0.0)
        yield equal(given * all_asked, asked * all_given, rel=1e-9).max(axis=0, initial=0.0)
        yield from short_counted(seen, all_asked, all_given, role.unserved, role.unserved_time)

    return Law(
        "store-gives",
        "a store gives what it is asked for, all outlets the same share, and counts what it does not give",
        "sum m_asked = sum m_given + d m_short/dt; m_given_i/m_asked_i the same for all i",
        "definition of asked, given and short (Served)",
        check,
        takes_arrays=True,
    )


_NOTHING_KG_PER_S = 1e-100  # what is left of a demand that fades: shares of it are not told in numbers of 64 bits

_TRACE_KG_PER_S = 1e-12  # of which nobody is short


def short_counted(seen: Seen, asked: FloatArray, given: FloatArray, short: str, time: str) -> Iterator[FloatArray]:
    """Yield how far counters of what fell short, and of its time, are off what was asked and given, kg/s."""
    dt, missing = seen.step_s, asked - given
    if short:
        yield equal(missing * dt, seen.change(short), rel=1e-6, abs_=seen.rounding(short) + 1e-8 * asked * dt)
    if time:
        is_near = np.abs(missing - SHORT_FRAC * asked) < 1e-5 * asked
        wanted = np.where(missing > SHORT_FRAC * asked, dt, 0.0)
        is_asked = asked > _NOTHING_KG_PER_S
        yield equal(seen.change(time), wanted, abs_=seen.rounding(time) + 1e-9 * dt, where=is_asked & ~is_near)


def either_short(seen: Seen, *pairs: tuple[FloatArray, FloatArray]) -> Iterator[FloatArray]:
    """Yield how far the time is off in which too little was given of one of several: pairs of given and asked, kg/s."""
    share = np.ones(seen.n)
    for given, asked in pairs:
        ratio = np.divide(given + _TRACE_KG_PER_S, asked, out=np.ones(seen.n), where=asked > _TRACE_KG_PER_S)
        share = np.minimum(share, ratio)
    yield from short_counted(seen, np.ones(seen.n), share, "", "short_s")


def control_short() -> Law:
    """Return: of what is asked of a control, what stores cannot give is counted."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        role, dt = seen.role, seen.step_s
        asked = np.maximum(seen.at(role.demand), 0.0)
        short = seen.change(role.unserved)
        digits = seen.rounding(role.unserved)
        yield at_least(short, 0.0)
        yield at_most(short, asked * dt, abs_=digits)
        if role.unserved_time:
            yield from short_counted(seen, asked, asked - short / dt, "", role.unserved_time)

    return Law(
        "control-short",
        "what stores cannot give of what is asked is at most that, and the time of it is counted",
        "0 <= d m_short/dt <= m_asked",
        "definition of asked, given and short (Served)",
        check,
    )


# A tank of hydrogen --------------------------------------------------------------------------------------------------
def _dry_mass(seen: Seen, when: str) -> FloatArray:
    """Return the mass of hydrogen, kg, with as many moles as all of the gas."""
    of = seen.after if when == "after" else seen.before
    return np.asarray(
        of("h2_kg")
        + MOLAR_MASS_H2_KG_PER_MOL
        * (
            of("o2_kg") / MOLAR_MASS_O2_KG_PER_MOL
            + of("n2_kg") / MOLAR_MASS_N2_KG_PER_MOL
            + of("h2o_kg") / MOLAR_MASS_H2O_KG_PER_MOL
        )
    )


def _mass(seen: Seen, when: str) -> FloatArray:
    of = seen.after if when == "after" else seen.before
    return np.asarray(of("h2_kg") + of("o2_kg") + of("n2_kg") + of("h2o_kg"))


def _volume(seen: Seen) -> float:
    return seen.parameter("n_vessels") * seen.parameter("vessel_volume_m3")


def tank_pressure() -> Law:
    """Return: pressure, density and temperature of the gas held agree."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, T = seen.after("pressure_pa"), seen.after("temperature_k")
        density: FloatArray = _dry_mass(seen, "after") / _volume(seen)
        yield equal(density, hydrogen_density(p, T), rel=_STATE_FRAC)

    return Law(
        "tank-pressure",
        "pressure, temperature and density of the gas in a tank agree",
        "m/V = p M/(Z R T); Z = 1 + sum a_i (100 K/T)^b_i (p/MPa)^c_i; moles of traces as moles of hydrogen",
        LEMMON_2008,
        check,
        takes_arrays=True,
    )


def tank_temperature() -> Law:
    """Return: the temperature of the gas held is that of its internal energy."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, T = seen.after("pressure_pa"), seen.after("temperature_k")
        warm = T - STANDARD_TEMPERATURE_K
        steam = seen.after("h2o_kg") * (_STEAM_J_PER_KG + _STEAM_J_PER_KG_K * warm)
        o2, n2 = seen.after("o2_kg"), seen.after("n2_kg")
        others = o2 * (_O2_J_PER_KG_K * warm + _O2_M3_PER_KG * p) + n2 * (_N2_J_PER_KG_K * warm + _N2_M3_PER_KG * p)
        others += steam
        energy = seen.after("h2_kg") * hydrogen_enthalpy(p, T) + others - p * _volume(seen)
        allowed = _STATE_K * _ISOCHORIC_J_PER_KG_K * seen.after("h2_kg") + 5e-3 * np.abs(steam)
        allowed = allowed + 1e-3 * p * (o2 + n2)  # dh/dp at 250 to 350 K
        yield equal(seen.after("energy_j"), energy, rel=0.0, abs_=allowed)

    return Law(
        "tank-temperature",
        "the temperature of the gas in a tank is that of its internal energy",
        "U = sum m_i h_i(T, p) - p V, within 0.15 K",
        f"{LEACHMAN_2009} (ideal gas); {LEMMON_2008}",
        check,
        takes_arrays=True,
    )


def tank_signals() -> Law:
    """Return: a tank shows pressure, level, inflow and what it can give as they are."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p = seen.before("pressure_pa")
        low, high = seen.parameter("min_pressure_pa"), seen.parameter("max_pressure_pa")
        yield equal(seen.at("pressure"), p)
        yield equal(seen.at("level") * (high - low), p - low, abs_=1e-9 * p)
        yield equal(seen.at("inflow"), seen.before("inflow_kg_per_s"))
        heel, warm_heel = _heels(seen)
        usable, other = (np.maximum(_mass(seen, "before") - one, 0.0) for one in (heel, warm_heel))
        yield within(seen.at("surplus"), usable, other, rel=2e-3, abs_=_HEEL_FRAC * heel)

    return Law(
        "tank-signals",
        "level, pressure, inflow and usable mass that a tank shows are those of the gas it holds",
        "level = (p - p_min)/(p_max - p_min); m_usable = m - V rho(p_min, T)",
        f"definition of the signals; {LEMMON_2008}",
        check,
    )


_OFF = ("relief", "turned_away", "drain")  # where gas and water leave a tank besides its outlets
_HEEL_FRAC = 2e-3
_COLDEST_K = 205.0
_SURELY_FRAC = 0.9
_PASSED_FRAC = 0.35
"""Share of its gas that a tank may pass on in a step as far as it flows in."""


def _heels(seen: Seen) -> tuple[FloatArray, FloatArray]:
    """Return the mass at the lowest pressure, kg: at the temperature of the gas, and by 1/T from 20 degrees Celsius."""
    low, warm_k = seen.parameter("min_pressure_pa"), 293.15
    T = np.append(seen.before("temperature_k"), warm_k)
    density = hydrogen_density(np.full(T.shape, low), T)
    return np.asarray(_volume(seen) * density[:-1]), np.asarray(_volume(seen) * density[-1] * warm_k / T[:-1])


def tank_gives() -> Law:
    """Return: a tank gives what it holds above its lowest pressure, as it holds it."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        streams = seen.streams("outlets")
        if not streams:
            return
        dt, mass = seen.step_s, _mass(seen, "before")
        given = dt * sum((stream.mass for stream in streams), seen.nothing)
        asked = dt * sum((np.maximum(asked, 0.0) for asked in _asked(seen)), seen.nothing)
        heels = _heels(seen)
        ables = []
        for heel in heels:
            usable = np.maximum(mass - heel, 0.0)
            kept_in = seen.before("inflow_kg_per_s") - drained_before(seen)
            passed = np.minimum(usable + dt * kept_in, _PASSED_FRAC * mass)
            ables.append(np.maximum(usable, passed))
        yield at_most(given, np.maximum(*ables), rel=2e-3, abs_=_HEEL_FRAC * heels[0])
        # no more than leaves the gas at 205 K, without heat from the wall: f R T <= (1 - f) cv (T - 205 K)
        stored = _ISOCHORIC_J_PER_KG_K * np.maximum(seen.before("temperature_k") - _COLDEST_K, 0.0)
        work = seen.before("pressure_pa") * _volume(seen) / mass
        warm = mass * stored / (work + stored)
        least = np.minimum(np.minimum(*ables), _SURELY_FRAC * warm)
        yield at_least(given, np.minimum(asked, least), rel=2e-3, abs_=_HEEL_FRAC * heels[0])
        specific = (seen.before("energy_j") + seen.before("pressure_pa") * _volume(seen)) / mass
        held = (seen.before("h2_kg") / mass, specific, seen.before("temperature_k"), seen.before("pressure_pa"))
        flows = np.array([stream.values for stream in streams]).reshape(len(streams), seen.n, -1)
        flow = flows[..., : LIQUID + 1].sum(axis=2)
        wanted = np.array([held[0] * flow, held[1] * flow, *np.broadcast_arrays(flow, *held[2:])[1:]])
        found = np.moveaxis(flows[..., [H2, ENTHALPY, TEMPERATURE, PRESSURE]], 2, 0)
        yield largest(equal(found, wanted, where=flow > 0.0), seen.n)

    return Law(
        "tank-gives",
        "a tank gives no more than it holds above its lowest pressure (or takes in), in the state in which it holds it",
        "m_out dt <= m - V rho(p_min, T) (or what flows in); h_out = (U + p V)/m",
        f"first law of open systems; {LEMMON_2008}",
        check,
    )


def largest(shares: FloatArray, n: int) -> FloatArray:
    """Return the largest of several deviations in each step, shape (n,); NaN where all are."""
    return np.asarray(np.fmax.reduce(shares.reshape(-1, n), axis=0, initial=np.nan))


def _asked(seen: Seen) -> list[FloatArray]:
    n = min(len(seen.places["outlets"].slots), len(seen.places["demands"].slots))
    return [seen.asked("demands", k) for k in range(n)]


def tank_mass() -> Law:
    """Return: what a tank holds changes by what flows."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        come = sum((stream.mass for stream in seen.streams("inlets")), seen.nothing)
        off = sum((seen.stream(port).mass for port in _OFF), seen.nothing)
        gone = sum((stream.mass for stream in seen.streams("outlets")), off)
        mass, dt = _mass(seen, "after"), seen.step_s
        change = mass - _mass(seen, "before")
        yield equal(change, (come - gone) * dt, abs_=1e-6 * (come + gone) * dt + 4.0 * ROUNDING * mass)

    return Law(
        "tank-mass",
        "what a tank holds changes by what flows in, out and off",
        "dm/dt = sum m_in - sum m_out - m_relief - m_turned_away - m_drain",
        "conservation of mass",
        check,
        takes_arrays=True,
    )


def tank_relieved() -> SumLaw:
    """Return: what a tank blows off is counted."""
    return sum_law(
        "tank-relieved",
        "what a tank blows off is counted",
        "dm_relieved/dt = m_relief",
        "conservation of mass",
        Row((Term("relieved_kg"), Term("relief.mass", -1.0))),
    )


def tank_flows() -> Law:
    """Return: what a tank shows of its flows is what its ports carry."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        came = sum((stream.mass for stream in seen.streams("inlets")), seen.nothing)
        gone = sum((stream.mass for stream in seen.streams("outlets")), seen.nothing)
        come = came - uphill_kg_per_s(seen, 0.9)
        yield equal(seen.after("inflow_kg_per_s"), come, abs_=1e-9 * came)
        yield equal(seen.after("net_flow_kg_per_s"), come - gone, abs_=1e-9 * (came + gone))

    return Law(
        "tank-flows",
        "the flows that a tank shows are those of its ports",
        "m_inflow = sum m_in; m_net = sum m_in - sum m_out",
        "conservation of mass",
        check,
        takes_arrays=True,
    )


def tank_relief() -> Law:
    """Return: the relief valve opens above its pressure only, in proportion, and enough."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        off = seen.stream("relief")
        set_pa, full = seen.parameter("relief_pressure_pa"), seen.parameter("relief_flow_kg_per_s")
        flow, p_after = off.mass, seen.after("pressure_pa")

        def opened(pressure_pa: FloatArray) -> FloatArray:
            return full * np.clip((pressure_pa - set_pa) / (0.1 * set_pa), 0.0, 1.0)

        flows = flow > 0.0
        # how far a slope taken at the start of the step may miss the set pressure: more where the step changed much
        rise = np.maximum(off.pressure_pa / seen.before("pressure_pa") - 1.0, 0.0)
        missing = (0.02 + 0.2 * rise) * np.maximum(off.pressure_pa - set_pa, 0.0)
        low, high = opened(p_after - missing), opened(off.pressure_pa)
        yield within(flow, low, high, rel=0.02, abs_=1e-6 * full, where=flows)
        yield at_most(p_after, set_pa, where=~flows)
        yield at_least(p_after, set_pa, rel=1e-4, abs_=missing, where=flows)

    return Law(
        "tank-relief",
        "a relief valve opens above its set pressure only, and fully at 10 % above",
        "m = m_full min((p - p_set)/(0.1 p_set), 1), between the pressures before and after it blew",
        "ISO 4126-1: 10 % accumulation; proportional opening is the component's",
        check,
        takes_arrays=True,
    )


# Its wall ------------------------------------------------------------------------------------------------------------
class _Wall:
    """The walls of a tank: geometry of cylinders with flat ends, and the heat that passed in each step, W."""

    def __init__(self, seen: Seen) -> None:
        shell = shell_of(seen)
        self.inner_m2, self.outer_m2, self.j_per_k, self.conduction = shell
        self.lost_w = seen.at("heat_loss")
        come = sum((stream.enthalpy_w for stream in seen.streams("inlets")), seen.nothing)
        off = sum((seen.stream(port).enthalpy_w for port in _OFF), seen.nothing)
        gone = sum((stream.enthalpy_w for stream in seen.streams("outlets")), off)
        # by the first law of the gas
        self.taken_w = come - gone - seen.change("energy_j") / seen.step_s
        rounding = 2.0 * ROUNDING * (np.abs(seen.after("energy_j")) / seen.step_s + np.abs(come) + np.abs(gone))
        self.rounding_w = rounding + 2.0 * ROUNDING * self.j_per_k * seen.after("wall_temperature_k") / seen.step_s

    def lag(self, seen: Seen, across_w: FloatArray) -> FloatArray:
        """Return how far a surface may lag, K: what crosses the wall from the other side acts a step late."""
        c = self.conduction
        before_w = np.abs(seen.before("wall_skew_k")) / c.first_k_per_w
        before_w = before_w + np.abs(seen.before("wall_bow_k")) / c.second_k_per_w
        return np.asarray(2.0 * np.abs(c.cross_k_per_w) * (np.abs(across_w) + 0.5 * before_w))

    def differences(self, seen: Seen) -> tuple[FloatArray, FloatArray]:
        """Return by how much the gas is warmer than the inner surface, before and after, K."""
        c = self.conduction
        settled = c.own_k_per_w * self.taken_w + c.cross_k_per_w * self.lost_w
        before = seen.before("temperature_k") - surface_k(seen, c, "before", outer=False)
        after = seen.after("temperature_k") - surface_k(seen, c, "after", outer=False)
        return np.asarray(before - settled), np.asarray(after - settled)

    def ends(self, seen: Seen, one: FloatArray, other: FloatArray, outer: bool) -> tuple[FloatArray, FloatArray]:
        """Return the lowest and highest difference at a surface in a step, K, from those at its ends.

        A wall so thin that it follows within the step comes to what gas and air alone would settle it to.
        """
        film = np.maximum(seen.after("inner_film_w_per_m2_k") * self.inner_m2, 1e-9)
        air = seen.parameter("outer_film_w_per_m2_k") * self.outer_m2
        quick = np.minimum(seen.step_s * (film + air) / self.j_per_k, 1.0)
        share = (film if outer else air) / (film + air)
        ambient = seen.at("ambient_temperature")
        found = [one, other]
        for when, difference in ((seen.before, one), (seen.after, other)):
            found.append(difference + quick * (share * (when("temperature_k") - ambient) - difference))
        return np.min(found, axis=0), np.max(found, axis=0)


def tank_wall() -> Law:
    """Return: a tank's wall warms by the heat that it takes from the gas and does not lose."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        wall = _Wall(seen)
        stored = wall.j_per_k * seen.change("wall_temperature_k") / seen.step_s
        allowed = 2e-3 * np.abs(wall.lost_w) + 10.0 * wall.rounding_w
        yield equal(stored, wall.taken_w - wall.lost_w, rel=2e-3, abs_=allowed)

    return Law(
        "tank-wall",
        "a tank's wall warms by the heat that the gas gives less what it loses",
        "C dT_wall/dt = Q_gas - Q_ambient; C = rho c V_shell of cylinders with flat ends; Q_gas from dU/dt of the gas",
        "first law of thermodynamics",
        check,
        takes_arrays=True,
    )


def tank_heat_loss() -> Law:
    """Return: a tank loses to its surroundings what its outer surface and film let through."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        wall = _Wall(seen)
        per_k = seen.parameter("outer_film_w_per_m2_k") * wall.outer_m2
        c = wall.conduction
        surfaces = (surface_k(seen, c, when, outer=True) for when in ("before", "after"))
        settled = c.own_outer_k_per_w * wall.lost_w + c.cross_k_per_w * wall.taken_w + seen.at("ambient_temperature")
        one, other = (surface - settled for surface in surfaces)
        # in a step that is long for the wall a gas whose difference to it changes turns the surface round
        film = np.maximum(seen.after("inner_film_w_per_m2_k") * wall.inner_m2, 1e-9)
        driving = wall.taken_w / film
        turn = sum((np.abs(difference - driving) for difference in wall.differences(seen)), seen.nothing)
        turn = turn * np.minimum(seen.step_s * film / wall.j_per_k, 1.0)
        # and its modes come and go at their own pace
        bend = np.abs(seen.change("wall_skew_k")) + np.abs(seen.change("wall_bow_k"))
        slack = wall.lag(seen, wall.taken_w) + _SURFACE_K + 0.15 * turn + 0.25 * bend
        one, other = wall.ends(seen, one, other, outer=True)
        yield within(wall.lost_w / per_k, one, other, rel=3e-3, abs_=slack)

    return Law(
        "tank-heat-loss",
        "a tank loses what its outer surface, its film and the difference to the air say",
        "Q = alpha A_outer (T_surface - T_ambient), T_surface between those before and after the step",
        "Newton's law of cooling; conduction across one or two slabs, Carslaw, Jaeger 1959, sections 2.14 and 3.8",
        check,
        takes_arrays=True,
    )


_SURFACE_K = 0.01
"""What may be missing in temperatures of surfaces, K."""
_LONG_STEP_S = 900.0
"""Step within which the gas of a tank settles."""


def _real_k(seen: Seen) -> FloatArray:
    """Return how far a real gas may end from where its start leads, K: by second order of the growth of its mass."""
    mass, p, T = _mass(seen, "before"), seen.before("pressure_pa"), seen.before("temperature_k")
    growth = _mass(seen, "after") / mass - 1.0
    work = np.abs(real_terms(p, T).sum(axis=0)) * p * _volume(seen)
    return np.asarray(work / (_ISOCHORIC_J_PER_KG_K * mass) * growth**2)


def _condensing_k(seen: Seen) -> FloatArray:
    """Return by how much latent heat that differs from that of the step before warms or cools the gas, K."""
    change_j = _LATENT_J_PER_KG * np.abs(seen.stream("drain").liquid - drained_before(seen)) * seen.step_s
    return np.asarray(change_j / (_ISOCHORIC_J_PER_KG_K * _mass(seen, "after")))


def tank_wall_heat() -> Law:
    """Return: heat passes between gas and wall from the warmer to the colder, as the film lets it."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        wall = _Wall(seen)
        driving = wall.taken_w / (wall.inner_m2 * np.maximum(seen.after("inner_film_w_per_m2_k"), 1e-9))
        # what is blown off cools the gas after it exchanged heat
        calm = seen.stream("relief").mass <= 0.0
        one, other = wall.differences(seen)
        slack = wall.rounding_w / (wall.inner_m2 * np.maximum(seen.after("inner_film_w_per_m2_k"), 1e-9))
        # a step that empties or fills a good part of the tank changes what the gas takes up as it goes
        mass, long = _mass(seen, "before"), min(seen.step_s / _LONG_STEP_S, 1.0)
        way = 0.1 * np.abs(seen.change("temperature_k")) + 0.5 * np.abs(seen.change("wall_skew_k"))
        growth = np.abs(_mass(seen, "after") / mass - 1.0) * np.maximum(np.abs(one), np.abs(other))
        slack = 0.02 + wall.lag(seen, wall.lost_w) + 10.0 * slack + 1.5 * growth + long * way
        slack = slack + _real_k(seen) + _condensing_k(seen)  # condensing is expected as in the step before
        film = wall.inner_m2 * np.maximum(seen.after("inner_film_w_per_m2_k"), 1e-9)
        slack = slack + 0.03 * _LATENT_J_PER_KG * seen.stream("drain").mass / film
        one, other = wall.ends(seen, one, other, outer=False)
        yield within(driving, one, other, rel=0.03, abs_=slack, where=calm)

    return Law(
        "tank-wall-heat",
        "heat passes between gas and wall from the warmer to the colder, as the film inside lets it",
        "Q = alpha A_inner (T_gas - T_surface), the difference between those before and after the step",
        "Newton's law of cooling; second law of thermodynamics",
        check,
        takes_arrays=True,
    )


def tank_film() -> Law:
    """Return: the film inside a tank is that of natural convection and of the inlet's jet."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        from CoolProp.CoolProp import PropsSI

        T, p = seen.before("temperature_k"), seen.before("pressure_pa")

        def of(name: str) -> FloatArray:
            return np.array(PropsSI(name, "T", T, "P", p, "Hydrogen"), dtype=float).reshape(seen.n)

        viscosity, conductivity, density, cp = of("V"), of("L"), of("D"), of("C")
        buoyancy = GRAVITY_M_PER_S2 * of("isobaric_expansion_coefficient") * density**2 * cp
        natural = (0.13 * conductivity) ** 3 * buoyancy / (viscosity * conductivity)
        length = seen.parameter("film_length_m") or seen.parameter("diameter_m")
        inflow = seen.after("inflow_kg_per_s")
        nozzles_m = seen.parameter("n_vessels") * seen.parameter("nozzle_diameter_m")
        reynolds = 4.0 * inflow / (math.pi * nozzles_m * viscosity)
        jet = (0.56 * conductivity / length * reynolds**0.67) ** 3
        wall = _Wall(seen)
        before, after = wall.differences(seen)
        # half of the way that the gas would go without a wall: the mean of a long step
        way = seen.change("temperature_k") + wall.taken_w * seen.step_s / (
            _mass(seen, "before") * _ISOCHORIC_J_PER_KG_K
        )
        low = np.where(before * after > 0.0, np.minimum(np.abs(before), np.abs(after)), 0.0)
        high = np.maximum(np.maximum(np.abs(before), np.abs(after)), 0.5 * np.abs(way))
        film = seen.after("inner_film_w_per_m2_k")
        missing = 0.1 + wall.lag(seen, wall.lost_w)
        # what is blown off cools the gas; the film's share in the resistance is that of the step before
        is_steady = np.abs(film - seen.before("inner_film_w_per_m2_k")) < 0.2 * film
        where = (seen.stream("relief").mass <= 0.0) & is_steady
        yield at_least(film, np.cbrt(jet + natural * np.maximum(low - missing, 0.0)), rel=_FILM_FRAC, where=where)
        yield at_most(film, np.cbrt(jet + natural * (high + missing)), rel=_FILM_FRAC, where=where)

    return Law(
        "tank-film",
        "the film inside a tank is that of natural convection and of the inlet's jet",
        "Nu^3 = Nu_n^3 + Nu_j^3; Nu_n = 0.13 Ra^(1/3); Nu_j = 0.56 Re_nozzle^0.67; within 5 %",
        "McAdams 1954; Woodfield, Monde, Mitsutake 2007, doi:10.1299/jtst.2.180; Churchill 1977; viscosity and "
        "conductivity of Muzny 2013 and Assael 2011 in CoolProp",
        check,
        needs_equation_of_state=True,
    )


_FILM_FRAC = 0.05


TANK_LAWS: tuple[Law, ...] = (
    tank_pressure(),
    tank_temperature(),
    tank_signals(),
    tank_gives(),
    tank_mass(),
    tank_condensate(),
    tank_relieved(),
    tank_flows(),
    tank_relief(),
    tank_wall(),
    tank_heat_loss(),
    tank_wall_heat(),
    downhill(),
    tank_film(),
)
