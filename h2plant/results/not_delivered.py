"""Hydrogen that was made and not delivered: by component and port, adding up to what was made less what was sold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from h2plant.core import bus
from h2plant.core.constants import (
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_N2_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
)
from h2plant.core.role import Maker, Reconverter, Store
from h2plant.results.totals import H2, Totals

_SPECIES = {
    bus.H2: ("", MOLAR_MASS_H2_KG_PER_MOL),
    bus.O2: ("with oxygen", MOLAR_MASS_O2_KG_PER_MOL),
    bus.N2: ("with nitrogen", MOLAR_MASS_N2_KG_PER_MOL),
    bus.VAPOUR: ("with vapour", MOLAR_MASS_H2O_KG_PER_MOL),
    bus.LIQUID: ("in water", MOLAR_MASS_H2O_KG_PER_MOL),
}
"""What hydrogen left with, where that is most of the stream, and its molar mass."""
_BORDERS = {"vented": "vented", "drained": "drained", "sold": "handed over, not sold"}
_SHOWN_KG = 0.05
_ROUNDING = 1e-9
_OPEN = 1e-6
"""Of what was made: less is the rounding of sums; the sum of all ways may miss this."""


class Way(NamedTuple):
    """A way that hydrogen took which no customer got: where, by which port ('' by none), what became of it, and kg."""

    component: str
    port: str
    what: str
    kg: float


def not_delivered(totals: Totals) -> dict[str, Any]:
    """Return what was made and delivered, kg, and the ways that the rest took, the largest first.

    Parameters
    ----------
    totals
        Of the run.
    """
    made, sold = totals.sum("made_kg"), totals.sum("sold_hydrogen_kg")
    least = _ROUNDING * max(made, sold)
    ways = [way for way in _ways(totals) if abs(way.kg) > least]
    rest = made - sold - sum(way.kg for way in ways)
    if not abs(rest) <= _OPEN * max(made, sold):  # a balance that does not close
        ways.append(Way("plant", "", "not accounted for", rest))
    ways.sort(key=lambda way: -abs(way.kg))
    return {"made_kg": made, "delivered_kg": sold, "ways": [way._asdict() for way in ways]}


def _ways(totals: Totals) -> Iterator[Way]:
    """Yield all ways but those of who buys hydrogen, by the balance of each component."""
    ids = totals.program.component_ids
    customers = {i for i, kg in totals.quantity("sold_hydrogen_kg").items() if kg}
    for flow in totals.program.flows:
        if (
            flow.medium == "stream"
            and -1 in (flow.source, flow.target)
            and {flow.source, flow.target}.isdisjoint(customers)
        ):
            at, sign = (flow.source, 1.0) if flow.target < 0 else (flow.target, -1.0)
            port = totals.kinds[at].port(flow.name.rpartition(".")[2])
            carried = totals.program.arrays.totals[flow.slot : flow.slot + bus.STREAM_WIDTH]
            word = port.border_label.lower() or _BORDERS.get(port.border, port.border)
            what = "came from outside" if sign < 0.0 else _with_what(word, carried)
            yield Way(ids[at], port.name, what, sign * float(carried[bus.H2]))
    ledger = totals.ledger
    change = ledger.stored_after[:, H2] - ledger.stored_before[:, H2]
    for i, role in enumerate(totals.roles):
        if i in customers:
            continue
        is_store = isinstance(role, Store)
        more = f"{'stored' if is_store else 'held'} {'more' if change[i] > 0.0 else 'less'} at the end"
        yield Way(ids[i], "", more, float(change[i]))
        if not isinstance(role, Maker):
            burnt = "made into power again" if isinstance(role, Reconverter) else "burnt with oxygen"
            yield Way(ids[i], "", burnt, -float(ledger.reacted[i, H2]))


def _with_what(word: str, carried: Any) -> str:
    """Return how hydrogen left: by itself, with another gas that is most of the stream by moles, or in water.

    With oxygen it can only be what crossed over in the cells, wherever that leaves.
    """
    main = max(_SPECIES, key=lambda k: float(carried[k]) / _SPECIES[k][1])
    company = _SPECIES[main][0]
    return "crossed over, with oxygen" if main == bus.O2 else f"{word}, {company}" if company else word


NOT_DELIVERED_HEADINGS = ("hydrogen that was not delivered", "what became of it", "kg")


def not_delivered_rows(summary: Mapping[str, Any], most: int) -> list[tuple[str, str, float]]:
    """Return the ways of a summary, those of components of one name and a number together, then the sum; or nothing.

    Parameters
    ----------
    summary
        Of a run; an older one may not have them.
    most
        So many rows before the sum; the others stand in one.
    """
    found = summary.get("not_delivered") or {}
    together: dict[tuple[str, str, str], list[Way]] = {}
    for one in found.get("ways") or ():
        way = Way(*(one[name] for name in Way._fields))
        together.setdefault((way.component.rstrip("0123456789").rstrip("_"), way.port, way.what), []).append(way)
    rows = sorted(((_name(ways), ways[0].what, sum(w.kg for w in ways)) for ways in together.values()), key=_least_last)
    n_shown = min(most, sum(abs(kg) >= _SHOWN_KG for _, _, kg in rows))
    if not n_shown:
        return []
    shown, others = rows[:n_shown], rows[n_shown:]
    if others:
        shown.append(
            (f"and {len(others)} more: see 'not_delivered' in summary.json", "", sum(kg for _, _, kg in others))
        )
    made, sold = float(found["made_kg"]), float(found["delivered_kg"])
    from_store = ": more, from stores" if sold > made else ""
    return [*shown, (f"made {made:,.1f} less delivered {sold:,.1f}{from_store}", "", made - sold)]


def _least_last(row: tuple[str, str, float]) -> float:
    return -abs(row[2])


def _name(ways: list[Way]) -> str:
    first = min(ways, key=lambda way: way.component)
    name = f"{first.component}.{first.port}" if first.port else first.component
    return name if len(ways) == 1 else f"{name} and {len(ways) - 1} alike"
