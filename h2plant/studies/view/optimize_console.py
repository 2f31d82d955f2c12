"""An optimisation on the terminal: what is best, what it changed, and what it costs before and after."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from h2plant.results.per_kg import MASSES, splits_of
from h2plant.studies.search.confirm import OWN, STEP_S
from h2plant.studies.search.optimize import OptimizeRun
from h2plant.studies.study.output import Values
from h2plant.studies.study.parameter import Value
from h2plant.studies.view.console import number, print_failures

_Item = TypeVar("_Item")
_MOST_ON_FRONT = 20
_MOST_COLUMNS = 6
_SPLIT = "by_kind_of_cost_eur_per_kg"
_COST = "cost of hydrogen"
LEAST_SHOWN_EUR_PER_KG = 0.0005
SERVED, FULLY_SERVED = "hydrogen_served_frac", 0.999


class Row(NamedTuple):
    """A line of the table of what was changed; numbers where it has them."""

    group: str
    name: str
    cells: tuple[str, ...]
    unit: str


def comparison(found: OptimizeRun) -> tuple[list[str], list[Row]]:
    """Return headings and rows of what the best trials changed against the plant as it is.

    The columns are the plant as it is and the best trial by each objective; the rows parameters, outputs, and the
    cost of a kilogram of hydrogen by kind of cost.
    """
    numbers = [OWN, *found.ends]
    headings = ["as it is"] + [f"trial {n}" for n in found.ends]
    if len(found.study.objectives) > 1:
        for k, n in enumerate(found.ends):
            of = [x.text for i, x in enumerate(found.study.objectives) if _is_end(found, n, i)]
            headings[k + 1] += f", {' and '.join(of)}"
    rows = []
    for p in found.run.study.parameters:
        if p.is_tied and p.path.endswith(".scale"):
            continue  # a multiple that follows another says nothing new
        cells = tuple(value_text(found.point(n).values[p.name]) for n in numbers)
        rows.append(Row("tied to these" if p.is_tied else "parameters", p.name, cells, ""))
    rows.sort(key=lambda row: row.group == "tied to these")
    bounded = {c.output: c.text for c in found.study.constraints}
    for output in found.run.study.outputs:
        name = bounded.get(output.name, output.name)
        cells = tuple(_of(found.confirmed_or_found(n).values, output.name) for n in numbers)
        rows.append(Row("outputs", name, cells, found.run.units.get(output.name, "")))
    economics = [_economics(found, n) for n in numbers]
    for mass, label in MASSES.items():
        sums = [((of.get("per_kg") or {}).get(mass) or {}).get("closed_form_eur_per_kg") for of in economics]
        if any(value is not None for value in sums):
            cells = tuple("-" if value is None else f"{value:.3f}" for value in sums)
            rows.append(Row(_COST, label, cells, "EUR/kg"))
    splits = [_split(of) for of in economics]
    for kind in dict.fromkeys(k for split in splits for k in split):
        values = [split.get(kind, 0.0) for split in splits]
        if max(map(abs, values)) >= LEAST_SHOWN_EUR_PER_KG:
            cells = tuple(f"{v:.3f}" if split else "-" for v, split in zip(values, splits, strict=True))
            rows.append(Row(_COST, f"  {kind}", cells, "EUR/kg"))
    return headings, rows


def _is_end(found: OptimizeRun, trial: int, k: int) -> bool:
    return min(found.best, key=lambda j: j.losses[k]).number == trial


def _summary(found: OptimizeRun, trial: int) -> dict[str, Any]:
    file = found.folder_of(trial) / "summary.json"
    if not file.is_file():
        return {}
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content


def _economics(found: OptimizeRun, trial: int) -> dict[str, Any]:
    return _summary(found, trial).get("economics") or {}


def _split(economics: dict[str, Any]) -> dict[str, float]:
    """Return the cost of a kilogram by kind of cost, by the mass that stands first: that made, where there is one."""
    split: dict[str, Any] = next(iter(splits_of(economics).values()), {}).get(_SPLIT) or {}
    return {kind: float(value) for kind, value in split.items() if value is not None}


def _of(values: Values, name: str) -> str:
    value = values.get(name)
    return "-" if value is None else number(value)


def value_text(value: Value) -> str:
    """Return a parameter's value; a dash where the plant has none."""
    if isinstance(value, float):
        return "-" if math.isnan(value) else f"{value:.5g}"
    return str(value)


def miss_text(found: OptimizeRun) -> str:
    """Return which trial misses the constraints by least, and by what; empty where one satisfies all."""
    least = found.least_violated
    if found.best:
        return ""
    if least is None:
        failed, void = len(found.run.failed), found.run.not_valid
        names = " or ".join(x.output for x in found.study.objectives)
        of = f"{failed} of {len(found.run.outcomes)} failed"
        of += f", {len(void)} are not valid (the first, {void[0].number}: {void[0].not_valid})" if void else ""
        return f"no trial has a value of {names}: {of}"
    values = found.outcome(least.number).values
    missed = [
        f"{c.text} (it has {_of(values, c.output)})" for c in found.study.constraints if c.violation(values) > 0.0
    ]
    missed += [found.outcome(least.number).not_valid] if found.outcome(least.number).not_valid else []
    who = "the plant as it is" if least.number == OWN else f"trial {least.number}"
    return (
        f"no trial satisfies all constraints; {who} misses them by least: {'; '.join(missed)}. Loosen what is missed, "
        f"widen the ranges, or give more trials ({found.point(least.number).shown()})"
    )


def print_optimum(console: Console, found: OptimizeRun) -> None:
    """Print what an optimisation gave: best trials, what they changed, failures."""
    what = " and ".join(x.text for x in found.study.objectives)
    text = f"{found.study.name}: {what}, {found.n_trials} trials by {found.study.search.sampler}"
    if found.best:
        _print_comparison(console, found, text)
        if len(found.study.objectives) > 1:
            _print_front(console, found)
        _print_gain(console, found)
        for line in remarks(found):
            console.print(line, markup=False)
    else:
        console.print(text, markup=False)
        console.print(miss_text(found), markup=False)
    print_failures(console, found.run, "trial")


def _print_comparison(console: Console, found: OptimizeRun, title: str) -> None:
    headings, rows = comparison(found)
    table = Table(title=title, title_justify="left")
    table.add_column("", overflow="fold")
    for heading in headings:
        table.add_column(escape(heading), justify="right", overflow="fold")
    table.add_column("unit")
    group = rows[0].group if rows else ""
    for row in rows:
        if row.group != group:
            table.add_section()
            group = row.group
        table.add_row(escape(row.name), *row.cells, row.unit)
    console.print(table)


def _print_gain(console: Console, found: OptimizeRun) -> None:
    own = found.confirmed_or_found(OWN)
    for objective in found.study.objectives:
        best = min(found.best, key=lambda j: objective.loss(found.outcome(j.number).values)).number
        its = found.confirmed_or_found(best).values
        before, after = own.values.get(objective.output), its.get(objective.output)
        if after is None:
            continue  # told where the search is confirmed
        text = f"{objective.text}: {number(after)}"
        if before is not None:
            gain = objective.loss(own.values) - objective.loss(its)
            share = f" ({abs(gain / before):.1%})" if before else ""
            text += f", {number(abs(gain))}{share} {'better' if gain > 0 else 'worse'} than the plant as it is"
        console.print(f"{text}; trial {best}", markup=False)
    if own.values and found.study.violation(own.values) > 0.0:
        missed = [c.text for c in found.study.constraints if c.violation(own.values) > 0.0]
        console.print(f"the plant as it is misses: {', '.join(missed)}", markup=False)
    if own.not_valid:
        console.print(f"the plant as it is is not valid: {own.not_valid}", markup=False)


def remarks(found: OptimizeRun) -> list[str]:
    """Return what is worth knowing of the best trials: how they fare in steps of a minute, and what lies at an end."""
    lines = []
    step_s = found.run.study.scenario.step_s
    if found.confirmed:
        lines.append(f"searched in steps of {step_s} s; the figures above are of steps of {STEP_S} s, as these are:")
        lines += [f"  {_again(found, n)}" for n in found.confirmed]
        if not found.holds:
            lines.append("what was best does not hold in such steps: search in shorter ones, or confirm more trials")
    lines += _served(found)
    for n in found.ends:
        if ends := found.at_an_end(n):
            lines.append(f"trial {n} lies at an end of what was searched, the best may lie beyond: {', '.join(ends)}")
    return lines


def _served(found: OptimizeRun) -> list[str]:
    """Return how much hydrogen was given of what was asked, where the plant or a best trial falls short."""
    shares = {n: (_summary(found, n).get("key_figures") or {}).get(SERVED) for n in (OWN, *found.ends)}
    known = {n: float(share) for n, share in shares.items() if share is not None}
    if not known or min(known.values()) >= FULLY_SERVED or any(c.output == SERVED for c in found.study.constraints):
        return []
    who = (f"{share:.1%} {'by the plant as it is' if n == OWN else f'by trial {n}'}" for n, share in known.items())
    remedy = (
        f"penalties are not in the cost; a constraint such as {{output: {SERVED}, min: {FULLY_SERVED}}} asks for it"
    )
    return [f"hydrogen served: {', '.join(who)}; {remedy}"]


def _again(found: OptimizeRun, trial: int) -> str:
    """Return how a trial fares in steps of a minute beside those of the search."""
    who = "the plant as it is" if trial == OWN else f"trial {trial}"
    outcome, before = found.confirmed[trial], found.outcome(trial).values
    if outcome.is_failed:
        return f"{who}: fails ({outcome.reason})"
    parts = []
    for objective in found.study.objectives:
        fine, coarse = outcome.values.get(objective.output), before.get(objective.output)
        text = "none" if fine is None else number(fine)
        if fine is not None and coarse is not None:
            off = f", {coarse / fine - 1.0:+.1%}" if fine else ""
            text += f" (in the search {number(coarse)}{off})"
        parts.append(f"{objective.output} {text}")
    missed = [c.text for c in found.study.constraints if c.violation(outcome.values) > 0.0]
    parts += [f"misses {', '.join(missed)}"] if missed else []
    parts += [f"is not valid: {outcome.not_valid}"] if outcome.not_valid else []
    return f"{who}: {'; '.join(parts)}"


def _print_front(console: Console, found: OptimizeRun) -> None:
    names = [x.output for x in found.study.objectives]
    table = Table(title=f"Pareto front: {len(found.best)} trials", title_justify="left")
    table.add_column("trial", justify="right")
    free = [p.name for p in found.run.study.parameters if not p.is_tied][: _MOST_COLUMNS - len(names)]
    for name in (*names, *free):
        table.add_column(escape(name), justify="right", overflow="fold")
    for j in thinned(found.best, _MOST_ON_FRONT):
        values, point = found.outcome(j.number).values, found.point(j.number).values
        table.add_row(str(j.number), *(_of(values, n) for n in names), *(value_text(point[n]) for n in free))
    console.print(table)


def thinned(items: Sequence[_Item], most: int) -> list[_Item]:
    """Return at most so many of a list, evenly spaced, its ends among them."""
    n = len(items)
    if n <= most:
        return list(items)
    return [items[round(k * (n - 1) / (most - 1))] for k in range(most)]
