"""Laws of protections: what trips stands, is counted and comes back; what still draws comes from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core.law import BoolArray, FloatArray, Law, Seen, at_least, equal


def stood(seen: Seen) -> BoolArray:
    """Return in which steps a component stood after a trip, that of the trip among them."""
    return np.asarray((seen.before("is_tripped") > 0.5) | (seen.change("n_trips") > 0.5))


def trips_counted() -> Law:
    """Return: trips are counted with the time that the component stands, and it stands for its delay."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        stands, is_, was = stood(seen), seen.after("is_tripped") > 0.5, seen.before("is_tripped") > 0.5
        time_s = np.where(stands, seen.step_s, 0.0)
        yield equal(seen.change("tripped_s"), time_s, abs_=seen.rounding("tripped_s"))
        yield equal(seen.change("n_trips"), 0.0, where=was)
        yield equal(is_, False, where=~stands)
        kept = np.where(was, seen.before("standing_s"), 0.0) + seen.step_s
        yield equal(seen.after("standing_s"), kept, abs_=seen.rounding("standing_s"), where=stands)
        yield at_least(seen.after("standing_s"), seen.parameter("restart_delay_s"), where=stands & ~is_)
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
