"""Hydrogen that was asked for and not given: by trailers, and by series that ask a store for a flow."""

from __future__ import annotations

from h2plant.books import Books
from h2plant.plant.graph import Link, Plant


def unserved_hydrogen_kg(plant: Plant, books: Books) -> float | None:
    """Return the hydrogen that customers asked for and did not get, kg; None where nobody asks.

    Of trailers it is the room of those that left empty and of those that still wait at the end, whether they came in
    this run or waited when it began (a year of a life). Where a series asks a
    store, by itself or through a cascade, it is what the store fell short of. What components of the plant ask of each
    other is not counted: a shortage there is an event.
    """
    index = {id_: i for i, id_ in enumerate(books.program.component_ids)}
    trucks = books.of_kind("truck_loading")
    draws = [id_ for id_ in plant.components if _is_asked_by_series(plant, id_)]
    unserved = [books.field(i, "missed_kg") + books.field(i, "room_kg") for i in trucks]
    unserved += [books.field(index[id_], "unserved_kg") for id_ in draws]
    tanks = [(i, plant.links_at(books.program.component_ids[i], "demands")) for i in books.of_kind("gas_tank")]
    for i, links in tanks:
        asks = [link.is_series or link.source.component in draws for link in links]
        if any(asks):
            unserved.append(books.field(i, "unserved_kg") * _share(books, i, asks))
    return sum(unserved) if unserved else None


def _is_asked_by_series(plant: Plant, id_: str) -> bool:
    links: tuple[Link, ...] = plant.links_at(id_, "demand") if plant.components[id_].kind.name == "cascade_draw" else ()
    return any(link.is_series for link in links)


def _share(books: Books, tank: int, counts: list[bool]) -> float:
    """Return the share of what was asked of a tank, by the demands that count."""
    if all(counts):
        return 1.0
    asked = [books.port(tank, "demands", k) for k in range(len(counts))]
    whole = sum(asked)
    return sum(kg for kg, is_counted in zip(asked, counts, strict=True) if is_counted) / whole if whole > 0.0 else 0.0
