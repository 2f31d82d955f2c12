"""Where energy and matter went, from the links' sums, and how well the balances close."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from h2plant.core.markup import NONE, Html
from h2plant.report.page import charts, quantities, sankey
from h2plant.report.page.grouping import parallel_groups
from h2plant.report.page.parts import Cell, Charts, Section, attempt, folded, shown, table
from h2plant.report.page.run_data import Carried, MissingData, RunData
from h2plant.results.not_delivered import NOT_DELIVERED_HEADINGS, not_delivered_rows

_COLOURS = {
    "wind": "@wind",
    "grid": "@grid",
    "power": "@grid",
    "heat": "@heat",
    "cooling": "@heat",
    "steam": "@heat",
    "pem": "@pem",
    "soec": "@soec",
    "curtailed": "@bad",
    "vent": "@bad",
    "purge": "@bad",
    "oxygen": "@o2",
    "o2": "@o2",
    "water": "@water",
    "brine": "@soft",
    "drain": "@water",
}
_TASKS: tuple[tuple[str, str, str, str], ...] = (
    ("Hydrogen", "h2_kg", "@h2", "from where it is made to where it is sold"),
    ("Water", "h2o_kg", "@water", "from the mains to the electrolysers; what is used up becomes hydrogen and oxygen"),
    ("Oxygen", "o2_kg", "@o2", "what splitting water gives besides hydrogen"),
)


def _amount(key: str) -> Any:
    return {
        "h2_kg": lambda c: c.h2_kg,
        "o2_kg": lambda c: c.o2_kg,
        "h2o_kg": lambda c: c.water_kg,
    }[key]


def flows(data: RunData, page: Charts) -> Section:
    """Return the Sankey diagrams of energy, hydrogen, water and oxygen."""

    def drawn(name: str, found: sankey.Sankey, unit: str, default: str, note: str) -> Html:
        largest = sorted(found.flows.items(), key=lambda item: -item[1])
        text = "; ".join(f"{a} to {b} {v:,.4g} {unit}" for (a, b), v in largest[:6])
        figure = charts.sankey(found.flows, unit, _node_colour(data, default))
        rows = [(Cell(a), Cell(b), Cell(shown(v, ",.5g"), v)) for (a, b), v in largest]
        as_table = folded(
            f"{name} as a table", table(f"{name} flows, {unit}", ("from", "to", unit), rows, (True, True, False))
        )
        left_out = f"{found.left_out:,.0f}" if found.left_out >= 1000.0 else f"{found.left_out:.3g}"
        rest = f" Flows too small to see add up to {left_out} {unit}." if found.left_out > 0.0 else ""
        return page.add(figure, f"{name}, {unit}", f"Sankey diagram of {name.lower()}: {text}.", note + rest) + as_table

    def of_energy() -> Html:
        note = (
            "Electricity, heat, and what streams carry, counted from liquid water at 25 °C: hydrogen carries its "
            "higher heating value. What goes round is left out."
        )
        return drawn("Energy", sankey.energy(data), "MWh", "@other", note)

    def of_species(name: str, key: str, colour: str, note: str) -> Html:
        ledger = data.results.ledger.to_pylist()
        if ledger and f"reacted_{key}" not in ledger[0]:
            raise MissingData(f"the ledger has no column reacted_{key}")
        made = {row["component"]: row[f"reacted_{key}"] for row in ledger}
        stocked = {row["component"]: row[f"stored_after_{key}"] - row[f"stored_before_{key}"] for row in ledger}
        found = sankey.material(data, _amount(key), made, stocked)
        unit = "t"
        if max(found.flows.values(), default=0.0) < 10.0:
            flows_kg = {pair: 1000.0 * tonnes for pair, tonnes in found.flows.items()}
            found, unit = sankey.Sankey(flows_kg, 1000.0 * found.left_out), "kg"
        return drawn(name, found, unit, colour, note[0].upper() + note[1:] + ".")

    html = attempt(of_energy)
    for task in _TASKS:
        html += attempt(lambda task=task: of_species(*task))  # type: ignore[misc]
    html += _not_delivered(data)
    intro = "The sums of every link over the run; they agree with the ledger, which the section on balances shows."
    return Section("flows", "Where energy and matter went", intro, html)


def _not_delivered(data: RunData) -> Html:
    """Return the ways of hydrogen that was made and not delivered, as a table."""
    ways = not_delivered_rows(data.summary, _MOST_WAYS)
    if not ways:
        return NONE
    rows = [(Cell(name), Cell(what), Cell(shown(kg, ",.1f"), kg)) for name, what, kg in ways]
    return table(
        "Made and not delivered; negative: delivered out of stores", NOT_DELIVERED_HEADINGS, rows, (True, True, False)
    )


_MOST_WAYS = 30


def _node_colour(data: RunData, default: str) -> Callable[[str], str]:
    """Return what gives the colour of a node: that of its technology, or else by a part of its name."""
    groups = parallel_groups(data.plant, data.links)
    known: dict[str, str] = {}
    for group in quantities.electrolysers(data):
        for id_, role in group.units.items():
            known |= dict.fromkeys((role.place, groups[id_].name), group.colour)
    parts = _COLOURS | quantities.colours(data)
    return lambda name: known.get(name) or next((c for part, c in parts.items() if part in name.lower()), default)


def closure(data: RunData) -> Section:
    """Return how well the balances close: the plant, and every component."""
    residuals = data.summary.get("residuals") or {}
    names = {"h2": "hydrogen", "o2": "oxygen", "n2": "nitrogen", "h2o": "water", "energy": "energy"}
    plant = residuals.get("plant_relative") or {}
    rows = [(Cell(names.get(k, k)), Cell(shown(v, ".1e"), _size(v))) for k, v in plant.items()]
    html = table(
        "The whole plant: what does not add up, over what crossed its boundary",
        ("of", "residual, 1"),
        rows,
        (True, False),
    )
    ledger = data.results.ledger.to_pylist()
    keys = [k for k in names if ledger and f"relative_residual_{k}" in ledger[0]]
    lines = [
        (
            Cell(r["component"]),
            *(Cell(shown(r[f"relative_residual_{k}"], ".1e"), _size(r[f"relative_residual_{k}"])) for k in keys),
        )
        for r in sorted(ledger, key=lambda r: -max((_size(r[f"relative_residual_{k}"]) for k in keys), default=0.0))
    ]
    each = table(
        "Each component: in - out + made - change of content, over the largest of them",
        ("component", *(names[k] for k in keys)),
        lines,
        (True, *(False for _ in keys)),
    )
    worst, where = residuals.get("worst_relative"), residuals.get("worst_component")
    largest = "" if worst is None else f"The largest residual of any component is {shown(worst, '.1e')} ({where}). "
    text = Html("<p>{}{}</p>", largest, attempt(lambda: _agreement(data)))
    intro = (
        "Mass of each species and energy, booked at every link and computed from states alone; nothing is corrected."
    )
    return Section("balances", "Do the balances close?", intro, text + html + folded("Every component", each))


def _size(value: float | None) -> float:
    """Return the size of a residual, by which tables are sorted; one that is unknown stands first."""
    return float("inf") if value is None or math.isnan(value) else abs(value)


def _agreement(data: RunData) -> Html:
    """Return in words how far the sums of the log are from the ledger."""
    ledger = {row["component"]: row for row in data.results.ledger.to_pylist()}
    net: dict[str, list[Carried]] = {}
    worst = 0.0
    for link in data.links:
        if link.target:
            net.setdefault(link.target, []).append(data.carried(link))
    for id_, carried in net.items():
        if id_ not in ledger:
            continue
        for key, total in (("h2_kg", sum(c.h2_kg for c in carried)), ("h2o_kg", sum(c.water_kg for c in carried))):
            booked = ledger[id_].get(f"inflow_{key}", 0.0)
            if booked > 1e-3:
                worst = max(worst, abs(total - booked) / booked)
    return Html("Inflows summed from the log differ from the ledger by at most {:.1e}.", worst)
