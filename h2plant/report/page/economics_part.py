"""What the hydrogen costs and what the project earns."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from h2plant.core.markup import NONE, Html
from h2plant.economics.debt_cover import DSCR, LLCR
from h2plant.report.page import charts
from h2plant.report.page.parts import Cell, Charts, Section, attempt, folded, shown, table
from h2plant.report.page.run_data import MissingData
from h2plant.results.figures import figures_in
from h2plant.results.hydrogen_labels import LABELS_TITLE, label_notes, label_rows
from h2plant.results.money_words import money_texts
from h2plant.results.per_kg import MASSES, component_names, splits_of

_MOST_KINDS = 12
_LEAST_SHOWN = 0.005
"""Least cost that has a bar, EUR/kg: what is shown with two digits as more than nothing."""


def economics_section(summary: dict[str, Any], folder: Path, page: Charts) -> Section:
    """Return the waterfall of the cost of hydrogen, where it arises, and the cash flow beside the summary."""
    economics: dict[str, Any] = summary.get("economics") or {}
    html = attempt(lambda: _waterfall(economics, page))
    html += attempt(lambda: _by_component(economics, page))
    html += attempt(lambda: _cash_flow(folder, page, economics))
    html += attempt(lambda: _cover(folder)) if economics.get("debt") else NONE
    said = Html('<ul class="said">{}</ul>\n', NONE.join(Html("<li>{}.</li>", text) for text in _sentences(summary)))
    return Section("money", "What it costs, what it earns", "", said + html)


def labels_section(summary: dict[str, Any]) -> list[Section]:
    """Return what labels say of the hydrogen, as a section; none where it was held against none."""
    rows = [
        (
            Cell(one.name),
            Cell(one.met, one.met_frac),
            Cell(shown(one.kg_per_kg, ",.2f"), one.kg_per_kg),
            Cell(shown(one.limit_kg_per_kg, ",.2f"), one.limit_kg_per_kg),
            Cell(shown(one.g_per_mj, ",.1f"), one.g_per_mj),
            Cell(one.counted),
        )
        for one in label_rows(summary)
    ]
    if not rows:
        return []
    headings = ("label", "met by", "kg CO2e per kg", "at most", "g CO2e per MJ", "counted")
    title = f"{LABELS_TITLE[:1].upper()}{LABELS_TITLE[1:]}"
    html = table(title, headings, rows, (True, False, False, False, False, True))
    html += NONE.join(Html('<p class="soft">{}.</p>\n', why) for why in label_notes(summary))
    return [Section("labels", "What the hydrogen may be called", "Share of the hydrogen that meets each label.", html)]


def _sentences(summary: dict[str, Any]) -> list[str]:
    """Return what is to be known of the figures: scaled to a year, stock that has changed, and why some are missing."""
    economics: dict[str, Any] = summary.get("economics") or {}
    declared = figures_in(summary)
    said = money_texts(summary)
    void = economics.get("not_valid")
    missing: dict[str, list[str]] = {}
    for id_, why in (economics.get("reasons") or {}).items():
        if id_ in declared and summary["key_figures"].get(id_) is None and why != void:
            missing.setdefault(str(why), []).append(declared[id_].label.strip())
    said += [f"no {', no '.join(of)}: {why}" for why, of in missing.items()]
    return [f"{text[0].upper()}{text[1:]}" for text in said]


def _waterfall(economics: dict[str, Any], page: Charts) -> Html:
    splits = splits_of(economics)
    if not splits:
        reasons = economics.get("reasons") or {}
        raise MissingData(next(iter(reasons.values()), "the run has no cost of hydrogen"))
    mass = next(iter(splits))
    parts: dict[str, float] = splits[mass]["by_kind_of_cost_eur_per_kg"]
    total = math.fsum(parts.values())
    every = parts
    parts = {name: value for name, value in parts.items() if abs(value) >= _LEAST_SHOWN}  # the table has all
    names = [*parts, "cost"]
    trace = {
        "type": "waterfall",
        "x": names,
        "y": [*parts.values(), 0.0],
        "measure": [*("relative" for _ in parts), "total"],
        "text": [f"{v:.2f}" for v in (*parts.values(), total)],
        "textposition": "outside",
        "increasing": {"marker": {"color": "@pem"}},
        "decreasing": {"marker": {"color": "@h2"}},
        "totals": {"marker": {"color": "@other"}},
        "connector": {"line": {"color": "@soft", "width": 1}},
        "hovertemplate": "%{x}: %{text} EUR/kg<extra></extra>",
        "cliponaxis": False,
    }
    layout = {"height": 340, "yaxis": {"title": {"text": "EUR/kg"}}, "showlegend": False}
    amounts = "; ".join(f"{name} {value:.2f}" for name, value in every.items())
    of = MASSES.get(mass, "")
    alt = f"Waterfall of the cost of hydrogen {of}, EUR/kg: {amounts}; together {total:.2f}."
    sums = {name: math.fsum(split["by_kind_of_cost_eur_per_kg"].values()) for name, split in splits.items()}
    both = ", ".join(f"{value:.2f} EUR {MASSES.get(name, 'per kg')}" for name, value in sums.items())
    after = " after subsidies" if economics.get("subsidies") else ""
    note = f"Levelised cost{after} by kind of cost: capital recovery and running cost of a year like the run, "
    note += "before tax."
    picture = page.add({"data": [trace], "layout": layout}, f"Cost of hydrogen, {both}", alt, note)
    return picture + _by_mass(splits, "by_kind_of_cost_eur_per_kg", "Cost by kind of cost", "All kinds of cost")


def _by_mass(splits: Mapping[str, Mapping[str, Any]], key: str, title: str, label: str) -> Html:
    """Return a folded table of a split of the cost, by kilogram made and by kilogram sold."""
    names = dict.fromkeys(name for split in splits.values() for name in split.get(key) or ())
    rows = []
    for name in names:
        values = [float((split.get(key) or {}).get(name, 0.0)) for split in splits.values()]
        rows.append((Cell(name), *(Cell(shown(value, ".4f"), value) for value in values)))
    headings = ("kind", *(f"EUR {MASSES[mass]}" if mass in MASSES else mass for mass in splits))
    return folded(label, table(title, headings, rows, (True, *(False for _ in splits))))


def _by_component(economics: dict[str, Any], page: Charts) -> Html:
    splits = splits_of(economics)
    parts: dict[str, float] = next(iter(splits.values()), {}).get("by_kind_of_component_eur_per_kg") or {}
    if not parts:
        return NONE
    names = component_names(splits)
    named = {names.get(kind, kind): value for kind, value in parts.items()}
    largest = sorted(named.items(), key=lambda item: -abs(item[1]))[:_MOST_KINDS]
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": [name.replace("_", " ") for name, _ in largest],
        "x": [value for _, value in largest],
        "text": [f"{value:.2f}" for _, value in largest],
        "textposition": "outside",
        "marker": {"color": "@pem"},
        "hovertemplate": "%{y}: %{x:.3f} EUR/kg<extra></extra>",
        "cliponaxis": False,
    }
    layout = {
        "height": 60 + 26 * len(largest),
        "xaxis": {
            "title": {"text": f"EUR {MASSES.get(next(iter(splits)), 'per kg')}"},
            "range": _with_room([value for _, value in largest]),
        },
        "yaxis": {"autorange": "reversed", "automargin": True},
        "margin": {"l": 130},
        "showlegend": False,
    }
    key = "by_kind_of_component_eur_per_kg"
    every = _by_mass(splits, key, "Cost by kind of component", "All kinds of components")
    alt = "Cost by kind of component, EUR/kg: " + "; ".join(f"{name} {value:.2f}" for name, value in largest) + "."
    return (
        page.add({"data": [trace], "layout": layout}, "Where the cost arises", alt, "With the energy each kind draws.")
        + every
    )


def _with_room(values: list[float]) -> list[float]:
    """Return the range of an axis of bars from zero, with room for the number at the end of each."""
    least, greatest = min(0.0, *values), max(0.0, *values)
    room = 0.2 * (greatest - least or 1.0)
    return [least - room if least < 0.0 else 0.0, greatest + room if greatest > 0.0 else 0.0]


def _cash_flow(folder: Path, page: Charts, economics: dict[str, Any]) -> Html:
    rows = _rows(folder)
    try:
        years = [float(row["year"]) for row in rows]
        flow = [float(row["cash_flow_eur"]) * 1e-6 for row in rows]
        cumulative = [float(row["cumulative_eur"]) * 1e-6 for row in rows]
        discounted = [float(row["cumulative_discounted_eur"]) * 1e-6 for row in rows]
    except (KeyError, TypeError, ValueError):
        raise MissingData("cash_flow.csv is damaged or of an older version") from None
    if not rows:
        raise MissingData(next(iter((economics.get("reasons") or {}).values()), "there is no cash flow"))

    def trace(values: list[float], name: str, colour: str, dash: str) -> charts.Trace:
        line = {"color": colour, "width": 2, "dash": dash}
        return {"type": "scatter", "mode": "lines", "name": name, "x": years, "y": values, "line": line}

    bars = {"type": "bar", "name": "cash flow", "x": years, "y": flow, "marker": {"color": "@pem"}}
    traces = [
        bars,
        trace(cumulative, "cumulative", "@h2", "solid"),
        trace(discounted, "cumulative, discounted", "@soec", "dash"),
    ]
    layout = {
        "height": 340,
        "xaxis": {"title": {"text": "year"}},
        "yaxis": {"title": {"text": "million EUR"}},
        "legend": {"orientation": "h", "y": -0.25},
        "hovermode": "x unified",
    }
    price = economics.get("price_eur_per_kg")
    at = f"at {price:.2f} EUR/kg" if price else "at the break-even price"
    basis = (economics.get("assumptions") or {}).get("hydrogen_basis")
    alt = (
        f"Cash flow by year {at}, million EUR: {flow[0]:.1f} at first; cumulative {cumulative[-1]:.1f} at the end, "
        f"discounted {discounted[-1]:.1f}."
    )
    return page.add(
        {"data": traces, "layout": layout},
        "Cash flow",
        alt,
        f"After tax, with every kilogram of hydrogen{f' {basis}' if basis else ''} paid {at}.",
    )


def _rows(folder: Path) -> list[dict[str, str]]:
    file = folder / "cash_flow.csv"
    if not file.is_file():
        raise MissingData("the run keeps no cash_flow.csv")
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))
    except (UnicodeDecodeError, csv.Error) as error:
        raise MissingData(f"cash_flow.csv cannot be read ({error})") from None


def _cover(folder: Path) -> Html:
    """Return how the debt is covered in each year, folded."""
    names = ("available_for_debt_service_eur", "interest_eur", "principal_eur", DSCR, LLCR)
    rows = []
    try:
        for row in _rows(folder):
            if not row[DSCR]:
                continue
            values = [float(row[name] or "nan") for name in names]
            money = (Cell(shown(value * 1e-3, ",.0f"), value) for value in values[:3])
            ratios = (Cell(shown(value, ".2f"), None if math.isnan(value) else value) for value in values[3:])
            rows.append((Cell(row["year"], float(row["year"])), *money, *ratios))
    except (KeyError, ValueError):
        raise MissingData("cash_flow.csv is damaged or of an older version") from None
    of = "thousand EUR"
    headings = ("year", f"available, {of}", f"interest, {of}", f"principal, {of}", "DSCR", "LLCR")
    title = "Cover of the debt by the cash of each year, and of the loan's life"
    return folded("Cover of the debt by year", table(title, headings, rows, (False,) * len(headings)))
