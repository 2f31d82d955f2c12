"""The table of the years of a life: a row of key figures, renewals and wear for each."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from h2plant.config.scenario import Scenario
from h2plant.core.error import reason_of
from h2plant.core.role import Maker
from h2plant.results.figures import figures_in
from h2plant.results.totals import Totals

_COLUMNS = (
    *("hydrogen_made_kg", "hydrogen_sold_kg", "electricity_used_mwh", "specific_energy_kwh_per_kg"),
    *("specific_energy_{}_kwh_per_kg", "{}_mwh", "import_mwh", "export_mwh", "starts_{}"),
    *("electricity_net_cost_eur", "hydrogen_revenue_eur", "rfnbo_frac", "rfnbo_hourly_frac", "carbon_kg_per_kg"),
    "carbon_delivered_kg_per_kg",
)
"""Key figures of a year that its row shows, where the plant has them: ids, or families of them by technology."""


def row_or_less(number: int, year: Scenario, summary: dict[str, Any], totals: Totals) -> dict[str, Any]:
    """Return the row of a year; where it cannot be made, what is always known of the year, and why."""
    try:
        return _row(number, year, summary, totals)
    except Exception as error:
        summary["missing"]["row of the year"] = reason_of(error)
        start = year.start.date().isoformat()
        return {"year": number, "start": start, "hours": summary["hours"], "replaced": {}, "wear": {}}


def _row(number: int, year: Scenario, summary: dict[str, Any], totals: Totals) -> dict[str, Any]:
    """Return the row of a year in the table."""
    figures = summary["key_figures"]
    row: dict[str, Any] = {"year": number, "start": year.start.date().isoformat(), "hours": summary["hours"]}
    declared = figures_in(summary).values()
    shown = [f.id for column in _COLUMNS for f in declared if column in (f.id, f.family)]
    row |= {name: figures[name] for name in shown}
    replaced: dict[str, int] = {}
    worn: dict[str, dict[str, Any]] = {}
    shares, renewed = totals.quantity("worn_frac"), totals.quantity("replacements")
    for key, units in totals.by_technology().items():
        wearing = [i for i in units if i in shares]
        if not wearing:
            continue
        row[f"replacements_{key}"] = round(sum(renewed[i] for i in wearing))
        row[f"wear_{key}_frac"] = float(np.mean([shares[i] for i in wearing]))
        for i in wearing:
            id_ = totals.program.component_ids[i]
            worn[id_] = {"sort": key, "column": f"{id_}.{units[i].wear.state}", "at_end_frac": shares[i]}
            if n := round(renewed[i]):
                replaced[id_] = n
    for i in (i for i in shares if not isinstance(totals.roles[i], Maker)):  # the cells of batteries
        id_ = totals.program.component_ids[i]
        worn[id_] = {"sort": "", "column": f"{id_}.{totals.roles[i].wear.state}", "at_end_frac": shares[i]}
        if n := round(renewed[i]):
            replaced[id_] = n
    if faults := summary.get("faults"):
        row |= {"hours_out": faults["hours_out"], "outage_cost_eur": faults["cost_eur"]}
    row["replaced"] = replaced
    row["wear"] = worn
    row["worst_relative_residual"] = summary["residuals"]["worst_relative"]
    return row


def years_csv(rows: Sequence[dict[str, Any]]) -> str:
    """Return the table of the years as CSV; ``replaced`` lists components, with their number if above 1.

    The wear of each stack stands in the summary alone.
    """
    names = dict.fromkeys(name for row in rows for name in row if name != "wear")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        replaced = " ".join(id_ if n == 1 else f"{id_} x{n}" for id_, n in row["replaced"].items())
        writer.writerow(replaced if name == "replaced" else row.get(name, "") for name in names)
    return out.getvalue()
