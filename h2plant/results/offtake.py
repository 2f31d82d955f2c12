"""Hydrogen that was asked for and not given: by trailers, and by series that ask a store for a flow."""

from __future__ import annotations

from h2plant.core.bus import H2, N2, O2, STREAM_WIDTH, VAPOUR
from h2plant.plant.graph import Link, Plant
from h2plant.results.totals import Totals


def unserved_hydrogen_kg(plant: Plant, totals: Totals) -> float | None:
    """Return the hydrogen that customers asked for and did not get, kg; None where nobody asks.

    Of trailers it is the room of those that left empty and of those that still wait at the end, whether they came in
    this run or waited when it began (a year of a life). Where a series asks a store, by itself or through a cascade, it
    is what the store fell short of. What components of the plant ask of each other is not counted: a shortage there is
    an event.
    """
    index = {id_: i for i, id_ in enumerate(totals.program.component_ids)}
    trucks = totals.of_kind("truck_loading")
    draws = [id_ for id_ in plant.components if _is_asked_by_series(plant, id_)]
    unserved = [totals.field(i, "missed_kg") + totals.field(i, "room_kg") for i in trucks]
    unserved += [totals.field(index[id_], "unserved_kg") for id_ in draws]
    for i in totals.of_kind("gas_tank"):
        links = plant.links_at(totals.program.component_ids[i], "demands")
        asks = [k for k, link in enumerate(links) if link.is_series or link.source.component in draws]
        if len(asks) == len(links):
            unserved += [totals.field(i, "unserved_kg")] if links else []
        else:
            unserved += [_missed_kg(totals, i, k) for k in asks]
    return sum(unserved) if unserved else None


def _is_asked_by_series(plant: Plant, id_: str) -> bool:
    links: tuple[Link, ...] = plant.links_at(id_, "demand") if plant.components[id_].kind.name == "cascade_draw" else ()
    return any(link.is_series for link in links)


def _missed_kg(totals: Totals, tank: int, k: int) -> float:
    """Return by how much less than was asked of a tank by its k-th demand went out of its k-th outlet, kg."""
    given = sum(totals.port(tank, "outlets", k * STREAM_WIDTH + species) for species in (H2, O2, N2, VAPOUR))
    return max(totals.port(tank, "demands", k) - given, 0.0)
