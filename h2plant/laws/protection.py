"""Laws of protections: what trips stands, is counted and comes back; what still draws comes from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from h2plant.core.law import BoolArray, FloatArray, Law, Seen, at_least, at_most, equal
from h2plant.core.law_constants import MOL_PER_KG_H2, MOL_PER_KG_O2

_FORMATION_J_PER_MOL = 241.83e3  # of water vapour from its elements at 298.15 K (CODATA key values 1989)
_CAPACITIES = np.array([14300.0, 920.0, 1040.0, 1870.0, 1870.0])  # J/(kg K) of H2, O2, N2, water vapour at 300 K


def stood(seen: Seen) -> BoolArray:
    """Return in which steps a component stood after a trip, that of the trip among them."""
    return np.asarray((seen.before("standing_s") > 0.0) | (seen.change("n_trips") > 0.5))


def led_past(seen: Seen) -> BoolArray:
    """Return in which steps gas is led past a bed: it stands, or trips and has shut before any gas passed it."""
    shut = (seen.change("n_trips") > 0.5) & (seen.change("running_h") <= 0.0)
    return np.asarray((seen.before("standing_s") > 0.0) | shut)


def unpowered(seen: Seen) -> BoolArray:
    """Return in which steps a converter that feeds a component was open at their start: it has no power."""
    links = range(len(seen.places["unpowered"].slots) if seen.is_linked("unpowered") else 0)
    return np.asarray(sum((seen.asked("unpowered", k) for k in links), seen.nothing) > 0.5)


def no_power() -> Law:
    """Return: what has no power draws none."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        yield equal(seen.at("power"), 0.0, where=unpowered(seen))

    return Law(
        "no-power",
        "what hangs behind an open converter draws nothing",
        "P = 0 where it is open",
        "Kirchhoff's current law",
        check,
        takes_arrays=True,
    )


def trips_counted() -> Law:
    """Return: trips are counted with the time that the component stands, and it stands for its delay."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        stands, is_, was = stood(seen), seen.after("standing_s") > 0.0, seen.before("standing_s") > 0.0
        time_s = np.where(stands, seen.step_s, 0.0)
        yield equal(seen.change("tripped_s"), time_s, abs_=seen.rounding("tripped_s"))
        yield equal(seen.change("n_trips"), 0.0, where=was)
        yield equal(is_, False, where=~stands)
        kept = np.where(was, seen.before("standing_s"), 0.0) + seen.step_s
        yield equal(seen.after("standing_s"), kept, abs_=seen.rounding("standing_s"), where=is_)
        yield at_least(kept, seen.parameter("restart_delay_s"), where=stands & ~is_)
        yield equal(seen.at("tripped"), is_)

    return Law(
        "trips-counted",
        "what tripped stands for its delay; trips and the time of standing are counted",
        "dt_stood = dt from the trip until t >= t_restart",
        "definition; parameters of the protection",
        check,
        takes_arrays=True,
    )


def carried_by_emergency() -> Law:
    """Return: an open converter leaves all that draws behind it to the emergency supply, another none of its own."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        behind, load = seen.total("carried_behind"), seen.total("loads")
        yield equal(seen.at("carried"), np.where(stood(seen), np.maximum(load, 0.0), behind))

    return Law(
        "carried-by-emergency",
        "what draws behind an open converter is carried by the emergency supply, all of it",
        "P_carried = P_load where it is open",
        "Kirchhoff's current law",
        check,
        takes_arrays=True,
    )


def loop_temperature(seen: Seen) -> FloatArray:
    """Return the temperature of a loop or buffer at the end of each step, K."""
    return seen.after("temperature_k")


def bed_temperature(seen: Seen) -> FloatArray:
    """Return the temperature of a bed at the end of each step, K."""
    return seen.after("bed_temperature_k")


def discharge_temperature(seen: Seen) -> FloatArray:
    """Return the discharge temperature of a stage that works in each step, K; 0 where it rests."""
    return np.where(seen.at("power") > 0.0, seen.after("discharge_temperature_k"), 0.0)


def bed_would_be(seen: Seen) -> FloatArray:
    """Return the highest temperature, K, that a bed could come to in a step: that of gas that has reacted.

    Water stays vapour; heat capacities are those at 300 K, so it is rather above what it would be.
    """
    inlet, after = seen.stream("inlet"), seen.after("bed_temperature_k")
    formed = np.minimum(2.0 * inlet.o2 * MOL_PER_KG_O2, inlet.h2 * MOL_PER_KG_H2)
    capacity = inlet.values[:, :5] @ _CAPACITIES
    rise = np.divide(formed * _FORMATION_J_PER_MOL, capacity, out=np.zeros(seen.n), where=capacity > 0.0)
    return np.maximum(after, np.where(led_past(seen), inlet.temperature_k + rise, 0.0))


def machine_protection(
    temperature: Callable[[Seen], FloatArray],
    limit: str,
    lowest: str = "",
    would_be: Callable[[Seen], FloatArray] | None = None,
    shut_k: float = np.inf,
) -> Law:
    """Return: a machine that has not tripped is not too hot, nor frozen; it comes back below its alarm.

    ``would_be``: one that shuts before it is far beyond, or beyond ``shut_k``, would have come to that temperature.
    """

    def check(seen: Seen) -> Iterator[FloatArray]:
        found, stands, p = temperature(seen), stood(seen), seen.parameter
        yield at_most(found, p(limit) + p("trip_above_k"), where=~stands)
        is_back = stands & (seen.after("standing_s") <= 0.0)
        yield at_most(found, p(limit), where=is_back)
        if lowest:
            yield at_least(found, p(lowest), where=~stands | is_back)
        started = seen.change("n_trips") > 0.5
        highest = found if would_be is None else would_be(seen)
        is_beyond = highest > np.minimum(p(limit) + p("trip_above_k") * (1.0 - 1.0e-9), shut_k)
        yield equal(started & ~(is_beyond | (found < p(lowest) if lowest else False)), 0.0)

    return Law(
        "machine-protection",
        "what has not tripped is not too hot by more than its alarm, nor frozen; it trips for nothing else, and comes "
        "back when there is no alarm",
        "T <= T_alarm + dT_trip unless it stands; T <= T_alarm when it comes back",
        "definition; parameters of the protection",
        check,
        takes_arrays=True,
    )


def gas_cooler_protection() -> Law:
    """Return: the gas that leaves a cooler is not too hot unless it has tripped; it comes back below its alarm."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, out, stands = seen.parameter, seen.stream("outlet"), stood(seen)
        above = np.where(out.mass > 0.0, out.temperature_k - p("target_temperature_k"), 0.0)
        highest = np.maximum(p("alarm_above_k"), p("trip_above_k"))
        yield at_most(above, highest, rel=1.0e-6, where=~stands)
        yield at_most(above, p("alarm_above_k"), rel=1.0e-6, where=stands & (seen.after("standing_s") <= 0.0))
        yield at_least(above, highest, rel=1.0e-6, where=seen.change("n_trips") > 0.5)

    return Law(
        "machine-protection",
        "gas leaves a cooler no hotter than its limit unless it has tripped; it comes back when there is no alarm",
        "T_out - T_set <= dT_trip unless it stands; T_out - T_set <= dT_alarm when it comes back",
        "definition; parameters of the protection",
        check,
        takes_arrays=True,
    )
