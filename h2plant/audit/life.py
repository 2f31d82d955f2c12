"""Checks of the summary of a life against its years."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from h2plant.audit import economy
from h2plant.audit.check import NOT_THERE, Check, Checks
from h2plant.audit.figures import check_run
from h2plant.audit.money import Run, check_capital, check_cost, check_per_kg, stated_life
from h2plant.audit.quantities import Quantities
from h2plant.core.battery_role import Battery
from h2plant.core.role import Maker
from h2plant.plant.graph import Plant

_HOURS = 8760.0


def check_life(
    summary: Mapping[str, Any],
    years: Iterable[tuple[Mapping[str, Any], Any, pa.Table | None]],
    cash_flow: str | None,
    plant: Plant,
    settings: Mapping[str, Any],
) -> list[Check]:
    """Return the checks of all years, and those of the life; see ``figures.examine_life``."""
    checks = Checks()
    earlier = None
    found: list[tuple[Mapping[str, Any], Quantities]] = []
    sums: list[economy.YearSums] = []
    worn: dict[str, float] = {}
    renewals: dict[str, list[int]] = {}
    hours = 0.0
    last: Quantities | None = None
    for number, (of_year, log, ledger) in enumerate(years, 1):
        own, q = check_run(of_year, log, ledger, None, plant, settings, earlier=earlier)
        checks += [check._replace(figure=f"year {number}: {check.figure}") for check in own]
        if q is None:
            continue
        earlier, last = q.run, q
        q.run.log = None
        found.append((of_year, q))
        if of_year.get("is_complete", True):
            sums.append(Run(q).sums)
        hours += q.run.hours
        for id_, role in {**q.run.of(Maker), **q.run.of(Battery)}.items():
            if role.wear is not None and role.wear.replacements:
                renewals.setdefault(id_, []).extend([number] * round(q.run.grown(id_, role.wear.replacements)))
    if last is None:
        return checks
    _check_sums(checks, summary, found)
    stated = summary.get("economics") or {}
    if not stated or not sums:
        return checks
    listed = (stated.get("capital") or {}).get("parts") or ()
    for id_, role in {**last.run.of(Maker), **last.run.of(Battery)}.items():
        if role.wear is None:
            continue
        share = last.run.end(id_, role.wear.state) / last.run.end(id_, role.wear.end)
        used = share**role.wear.exponent + len(renewals.get(id_, ()))
        if math.isnan(used):
            worn |= stated_life(listed, id_)
        elif used > 0.0:
            worn[id_] = hours / _HOURS / used
    parts = economy.parts_of(plant, settings, {})
    if settings["is_stack_life_from_run"]:
        parts = economy.renewed_in_life(parts, settings, renewals, worn, len(sums))
    has_all = check_capital(checks, last, {"capex_eur": _capex(stated)}, stated, parts)
    is_void = any(q.void_reason() for _, q in found)
    figures = summary.get("key_figures") or {}
    has_cost = has_all and not is_void
    check_cost(checks, figures, stated, settings, parts, sums, cash_flow, has_cost, True, is_life=True)
    kinds = {id_: c.kind.name for id_, c in plant.components.items()}
    bases = {"made": has_cost, "sold": has_cost}
    check_per_kg(checks, figures, stated, settings, parts, sums, bases, kinds, is_life=True)
    return checks


def _capex(stated: Mapping[str, Any]) -> float:
    capital = stated.get("capital") or {}
    return math.fsum(capital[name] for name in ("equipment_eur", "indirect_eur", "contingency_eur"))


def _check_sums(checks: Checks, summary: Mapping[str, Any], years: list[tuple[Mapping[str, Any], Quantities]]) -> None:
    """Check the figures of a life, and the rows of its years, by the years."""
    law, figures, rows = "figure-years", summary.get("key_figures") or {}, summary.get("years") or []
    checks.add(law, "years", figures.get("years", NOT_THERE), len(years))
    made = math.fsum(q.total_made_kg for _, q in years)
    sold = math.fsum(value for _, q in years for value in q.taken_kg["hydrogen"].values())
    used = math.fsum(q.used_j for _, q in years)
    size = math.fsum(q.power_size_j for _, q in years)
    checks.add(law, "hydrogen_made_kg", figures.get("hydrogen_made_kg", NOT_THERE), made)
    checks.add(law, "hydrogen_sold_kg", figures.get("hydrogen_sold_kg", NOT_THERE), sold)
    per_kg = used / made / 3.6e6 if made > 0.0 else None
    scale = size / made / 3.6e6 if made > 0.0 else 0.0
    checks.add(law, "specific_energy_kwh_per_kg", figures.get("specific_energy_kwh_per_kg", NOT_THERE), per_kg, scale)
    for key, ids in years[0][1].makers.items():
        run_of = [(q.run, id_, q.run.role(id_)) for _, q in years for id_ in ids]
        starts = math.fsum(run.grown(id_, role.n_starts) for run, id_, role in run_of)
        if f"starts_{key}" in figures:
            checks.add(law, f"starts_{key}", figures[f"starts_{key}"], starts)
        renewed = [
            run.grown(id_, role.wear.replacements)
            for run, id_, role in run_of
            if role.wear is not None and role.wear.replacements
        ]
        checks.add(
            law, f"replacements_{key}", figures.get(f"replacements_{key}", NOT_THERE),
            math.fsum(renewed) if renewed else NOT_THERE,
        )  # fmt: skip
    for row, (of_year, q) in zip(rows, years, strict=False):
        own = of_year.get("key_figures") or {}
        where = f"years.{row['year']}"
        checks.add(law, f"{where}.hours", row["hours"], q.run.hours)
        for name, value in row.items():
            if name in own:  # which are checked by the log of that year
                checks.add(law, f"{where}.{name}", value, own[name])
        for id_, wear in (row.get("wear") or {}).items():
            role = q.run.role(id_)
            share = (q.run.end(id_, role.wear.state) / q.run.end(id_, role.wear.end)) ** role.wear.exponent
            checks.add(law, f"{where}.wear.{id_}", wear["at_end_frac"], share)
        checks.add(
            law,
            f"{where}.worst_relative_residual",
            row.get("worst_relative_residual"),
            (of_year.get("residuals") or {}).get("worst_relative"),
        )
