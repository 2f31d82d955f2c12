"""Checks of the summary of a life against its years."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from h2plant.audit import economy
from h2plant.audit import years as project_years
from h2plant.audit.check import NOT_THERE, Check, Checks
from h2plant.audit.figures import check_run
from h2plant.audit.money import Run, check_capital, check_cost, check_per_kg, price_of, stated_life
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
    taken = [str(of_year["start"])[:4] for of_year, _ in found][: len(sums)]
    parts = economy.parts_of(plant, settings, {})
    _check_weather(checks, summary.get("weather_years") or {}, settings, parts, taken, sums, (renewals, worn), has_cost)
    return checks


def _check_weather(
    checks: Checks,
    stated: Mapping[str, Any],
    s: Mapping[str, Any],
    parts: list[economy.Part],
    taken: list[str],
    sums: list[economy.YearSums],
    renewed: tuple[Mapping[str, list[int]], Mapping[str, float]],
    has_cost: bool,
) -> None:
    """Check P50, P90 and the rest over the years of weather that a life took in turn.

    ``taken``: the calendar year whose series each year took; ``renewed``: renewals and lives of stacks.
    """
    law = "figure-weather-years"
    years = sorted(set(taken)) if len(set(taken)) > 1 else []
    by_year = stated.get("by_year") or {}
    checks.add(law, "weather_years.by_year", sorted(by_year), years)
    checks.add(law, "weather_years.n_years", stated.get("n_years", 0), len(years))
    if not years:
        return
    found: dict[str, list[float | None]] = {name: [] for name in project_years.WEATHER_FIGURES}
    for which in years:
        one = economy.mean_of([year for year, of in zip(sums, taken, strict=True) if of == which])
        own = economy.renewed_in_life(parts, s, *renewed, 1) if s["is_stack_life_from_run"] else parts
        values = _of_weather_year(s, own, one, has_cost)
        for name, value in zip(found, values, strict=True):
            found[name].append(value)
            at = f"weather_years.by_year.{which}.{name}"
            root = 1.0e-6 if "after_tax" in name else 0.0
            scale = math.fsum(part.capex_eur for part in own) if name.endswith("_eur") else 0.0
            checks.add(law, at, (by_year.get(which) or {}).get(name), value, scale, abs_=root)
    for name, of in found.items():
        own_spread = (stated.get("figures") or {}).get(name)
        numbers = [value for value in of if value is not None]
        expected = project_years.spread(np.array(numbers), "cost" in name) if len(numbers) == len(of) else {}
        checks.add(law, f"weather_years.figures.{name}", sorted(own_spread or {}), sorted(expected))
        scale = max(map(abs, numbers), default=0.0)
        for what, number in expected.items():
            at = f"weather_years.figures.{name}.{what}"
            checks.add(law, at, (own_spread or {}).get(what), number, 10.0 * scale, abs_=1.0e-6)


def _of_weather_year(
    s: Mapping[str, Any], parts: list[economy.Part], year: economy.YearSums, has_cost: bool
) -> tuple[float | None, ...]:
    """Return hydrogen made and sold, cost before and after tax, and value, of a life of such years."""
    masses = year.total_made_kg, year.sold_kg
    made = {**s, "hydrogen_basis": "made"}
    if not (has_cost and masses[0] > 0.0):
        return *masses, None, None, None
    cost = math.fsum(economy.yearly_costs(parts, made, year).values()) / masses[0]
    after_tax = economy.break_even(economy.project_of(parts, made, [year], True))
    mass = economy.mass_kg(s, year)
    price = price_of(s, year, mass) if mass > 0.0 else None
    if price is None:
        return *masses, cost, after_tax, None
    project = economy.project_of(parts, s, [year], True).sold_along_its_path
    return *masses, cost, after_tax, economy.present_value(project, price)


def _capex(stated: Mapping[str, Any]) -> float:
    capital = stated.get("capital") or {}
    return math.fsum(capital[name] for name in ("equipment_eur", "indirect_eur", "contingency_eur"))


def _check_sums(checks: Checks, summary: Mapping[str, Any], years: list[tuple[Mapping[str, Any], Quantities]]) -> None:
    """Check the figures of a life, and the rows of its years, by the years."""
    law, figures, rows = "figure-years", summary.get("key_figures") or {}, summary.get("years") or []
    checks.add(law, "years", figures.get("years", NOT_THERE), len(years))
    made = math.fsum(q.total_made_kg for _, q in years)
    sold = math.fsum(q.total_sold_kg for _, q in years)
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
