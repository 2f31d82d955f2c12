"""The summary of a run as a table for the terminal."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from h2plant.audit.examine import NEGLIGIBLE, worst_text
from h2plant.core.terminal import hanging
from h2plant.results.fault import FAULT_HEADINGS, cost_text, fault_rows
from h2plant.results.figures import figures_in
from h2plant.results.hydrogen_labels import LABELS_TITLE, label_notes, label_rows
from h2plant.results.money_words import money_texts
from h2plant.results.not_delivered import NOT_DELIVERED_HEADINGS, not_delivered_rows
from h2plant.results.per_kg import PROJECT, PROJECT_SAYS, component_names, splits_of
from h2plant.results.served import SHORT_HEADINGS, all_served, short_rows
from h2plant.results.served_figures import SERVED_GROUP
from h2plant.results.warning import MOST_RESIDUAL, warnings_of

_MOST_WARNINGS = 6


def print_summary(console: Console, summary: dict[str, Any]) -> None:
    """Print what makes the answer void, the key figures of a run, its balance residuals, and what the run took."""
    print_warnings(console, summary)
    table = Table(title=f"{summary['scenario']}: {summary['hours']:g} h from {summary['start']}", title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("unit")
    figures = summary["key_figures"]
    group = ""
    economics = summary.get("economics", {})
    reasons, void = economics.get("reasons", {}), economics.get("not_valid") or None
    missing: dict[str, list[str]] = {}
    for name, declared in figures_in(summary).items():
        value = figures[name]
        if declared.group == SERVED_GROUP or not declared.is_shown(value):
            continue
        if declared.group != group:
            if group:
                table.add_section()
            group = declared.group
        if value is None and name in reasons:
            missing.setdefault(reasons[name], []).append(declared.label.strip())
        none = "-" if name not in reasons else "not valid" if reasons[name] == void else "none"
        table.add_row(declared.label, *((none, declared.unit) if value is None else declared.texts(value)))
    table.add_section()
    residuals = summary["residuals"]
    of_plant = residuals["plant_relative"].values()
    worst = None if not of_plant or None in of_plant else max(abs(v) for v in of_plant)
    for of, value in (("a component", residuals["worst_relative"]), ("the plant", worst)):
        is_open = value is None or value > MOST_RESIDUAL
        text = Text("unknown" if value is None else f"{value:.1e}", style="bold red" if is_open else "")
        table.add_row(f"largest balance residual of {of}", text, "relative")
    table.add_section()
    took = summary["performance"]
    table.add_row("components x steps", f"{took['n_components']} x {took['n_steps']:,}", "")
    digits = 2 if took["total_s"] < 100.0 else 0  # 80 columns for slow machines too
    table.add_row(
        "time in the loop / in all", " / ".join(f"{took[name]:,.{digits}f}" for name in ("loop_s", "total_s")), "s"
    )
    table.add_row("time per component-step", f"{took['ns_per_component_step']:.0f}", "ns")
    if took["peak_memory_mb"] is not None:
        table.add_row("peak memory", f"{took['peak_memory_mb']:.0f}", "MB")
    console.print(table)
    for why, labels in missing.items():
        start = why if why == void else f"none: {why}"
        console.print(f"{start}: {', '.join(labels)}", markup=False)
    print_served(console, summary)
    print_not_delivered(console, summary)
    print_faults(console, summary)
    print_hydrogen_cost(console, summary.get("economics", {}))
    print_span(console, summary)
    print_labels(console, summary)
    print_audited(console, summary)
    if not summary["is_complete"]:
        console.print(f"[bold red]not complete:[/] {escape(str(summary['stopped_by']))}")


def print_warnings(console: Console, summary: Mapping[str, Any]) -> None:
    """Print why the answer of a run is not valid, and what of it is missing, where that is so."""
    found = warnings_of(summary)
    remedies = {str(fault["text"]): fault.get("remedy") for fault in summary.get("not_valid") or ()}
    for what, why in found[:_MOST_WARNINGS]:
        console.print(f"[bold red]{what}:[/] {escape(why)}")
        if remedies.get(why):
            console.print(f"  {escape(str(remedies[why]))}")
    if len(found) > _MOST_WARNINGS:
        console.print(f"and {len(found) - _MOST_WARNINGS} more: see 'not_valid' and 'missing' in summary.json")


_MOST_LAWS = 8  # shown where all hold


def print_audited(console: Console, summary: Mapping[str, Any]) -> None:
    """Print in a line by how many laws a run was checked; those that are broken stand among the warnings."""
    audit = summary.get("audit") or {}
    if audit.get("n_checks"):
        steps = f"{audit['n_steps']} single steps" if audit["n_steps"] else "the sums of the run"
        broken = f"[bold red]{audit['n_broken']} broken[/]" if audit["n_broken"] else "none broken"
        laws = audit.get("laws")
        n_laws = sum(bool(law["n_checks"]) for law in laws) if laws else audit["n_laws"]
        console.print(f"audit: {n_laws} laws, {audit['n_checks']:,} checks on {steps}: {broken}")
        console.print("  `h2plant audit` checks more: equations of state, and the figures of the summary")


def print_audit(console: Console, audit: Mapping[str, Any], run: str, is_every: bool = False) -> None:
    """Print what the full audit of a run found: the broken laws, and those that came nearest, or all of them."""
    laws = [law for law in audit["laws"] if law["n_checks"]]
    broken = [law for law in laws if law["broken_at"]]
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column("law", overflow="fold")
    for heading in ("checks", "worst"):
        table.add_column(heading, justify="right")
    table.add_column("component", overflow="fold")
    table.add_column("step", justify="right")
    shown = laws if is_every else broken or laws[:_MOST_LAWS]
    for law in shown:
        worst = worst_text(law["worst_share"])
        is_rounding = law["worst_share"] is not None and law["worst_share"] < NEGLIGIBLE
        step = "" if is_rounding else "run" if law["step"] < 0 else f"{law['step']:,}"
        style = "bold red" if law["broken_at"] else ""
        row = (
            law["law"],
            f"{law['n_checks']:,}",
            Text(worst, style=style),
            "" if is_rounding else law["component"],
            step,
        )
        table.add_row(*(escape(cell) if isinstance(cell, str) else cell for cell in row))
    console.print(table)
    for law in shown if is_every else broken:
        where = f" Broken at {', '.join(law['broken_at'])}." if law["broken_at"] else ""
        text = f"{law['text']}. {law['equation']} ({law['source']}).{where}"
        console.print(hanging(f"{law['law']}: ", text, width=console.width), markup=False, soft_wrap=True)
    if not is_every and len(shown) < len(laws):
        console.print(f"{len(laws) - len(shown)} more laws, further from being broken: --all shows them")
    console.print("worst: largest deviation as a share of what the law allows; above 1 it is broken")
    steps = f"{audit['n_steps']} single steps, sums and figures" if audit["n_steps"] else "sums and figures"
    result = f"{len(broken)} broken" if broken else "none broken"
    console.print(f"in full: {len(laws)} laws, {audit['n_checks']:,} checks: {result}", markup=False, soft_wrap=True)
    console.print(f"on {steps} of {run}", markup=False)
    for mode in audit["missed"][:5]:
        console.print(f"no step was kept of {mode}: --audit-steps of `h2plant run` keeps more", markup=False)


def print_served(console: Console, summary: Mapping[str, Any]) -> None:
    """Print what of power, hydrogen, water, heat and cooling was asked and not given, or that all was served."""
    rows = short_rows(summary)
    if rows:
        table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
        for heading in SHORT_HEADINGS:
            is_text = heading in (SHORT_HEADINGS[0], SHORT_HEADINGS[-1])
            table.add_column(heading, justify="left" if is_text else "right", no_wrap=not is_text, overflow="fold")
        for row in rows:
            table.add_row(*(escape(text) for text in row))
        console.print(table)
    elif text := all_served(summary):
        console.print(text, markup=False)


def print_not_delivered(console: Console, summary: Mapping[str, Any]) -> None:
    """Print where hydrogen went that was made and not delivered, where there is any."""
    rows = not_delivered_rows(summary, _MOST_WAYS)
    if not rows:
        return
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for heading in NOT_DELIVERED_HEADINGS:
        is_text = heading != NOT_DELIVERED_HEADINGS[-1]
        table.add_column(heading, justify="left" if is_text else "right", overflow="fold")
    for name, what, kg in rows:
        table.add_row(escape(name), escape(what), f"{kg:,.1f}")
    console.print(table)


_MOST_WAYS = 9


def print_faults(console: Console, summary: Mapping[str, Any]) -> None:
    """Print how often the faults of a plant struck, for how long, and what that leaves of each component."""
    rows = fault_rows(summary)
    if not rows:
        return
    table = Table(title="faults of the plant's file", title_justify="left", padding=(0, 1))
    for heading in FAULT_HEADINGS:
        table.add_column(heading, justify="left" if heading in ("component", "fault") else "right")
    for id_, way, n, hours, left in rows[:_MOST_FAULTS]:
        table.add_row(escape(id_), way, str(n), f"{hours:,.1f}", "" if left is None else f"{left:.2%}")
    if len(rows) > _MOST_FAULTS:
        table.add_row(f"and {len(rows) - _MOST_FAULTS} more", "see 'faults' in summary.json", "", "", "")
    console.print(table)
    if text := cost_text(summary):
        console.print(text, markup=False)


_MOST_FAULTS = 12


def print_notes(console: Console, summary: dict[str, Any]) -> None:
    """Print what was done to the input of a run, such as gaps that were filled; of what is mere form how many."""
    notes = (summary.get("provenance") or {}).get("notes") or ()
    of_form = [found[1] for note in notes if (found := _OF_FORM.search(note))]
    for note in notes:
        if not _OF_FORM.search(note):
            console.print(hanging("note: ", note, width=console.width), markup=False, soft_wrap=True)
    if of_form:
        kinds = ", ".join(dict.fromkeys(of_form))
        text = f"{len(of_form)} on how input was written and read ({kinds}), none changes a figure: see 'h2plant check'"
        console.print(hanging("notes: ", text, width=console.width), markup=False, soft_wrap=True)


_OF_FORM = re.compile(r"\[(renamed|two-forms|read-as|derived-series)\]")
"""Notes on how something was written or read, where it was read as it is meant."""


def print_hydrogen_cost(console: Console, economics: dict[str, Any]) -> None:
    """Print what a kilogram made and one sold cost: by kind of cost, and by kind of component."""
    splits = splits_of(economics)
    kinds_of_cost = _by_both(splits, "by_kind_of_cost_eur_per_kg")
    if not kinds_of_cost:
        return
    costs = dict(sorted(kinds_of_cost.items(), key=lambda item: -item[1][0]))
    names = component_names(splits)
    parts = _by_both(splits, "by_kind_of_component_eur_per_kg")
    shown = _largest([(names.get(kind, kind), values) for kind, values in parts.items()], len(costs))
    after = " after subsidies" if economics.get("subsidies") else ""
    title = f"levelised cost of hydrogen{after}, EUR/kg, in two ways; components with their power"
    table = Table(title=title, title_justify="left", padding=(0, 1))
    for heading in ("by kind of cost", "by kind of component"):
        table.add_column(heading)
        for mass in splits:
            table.add_column(mass, justify="right")
    blank = ("", *("" for _ in splits))  # a plant of fewer kinds of component than of cost
    for k, (cost, values) in enumerate(costs.items()):
        table.add_row(*_cells(cost, values), *(_cells(*shown[k]) if k < len(shown) else blank))
    table.add_section()
    sums = _cells("sum", tuple(math.fsum(column) for column in zip(*costs.values(), strict=True)))
    table.add_row(*sums, *sums)
    console.print(table)
    if PROJECT in parts:
        console.print(PROJECT_SAYS, markup=False)


def _largest(parts: list[tuple[str, tuple[float, ...]]], most: int) -> list[tuple[str, tuple[float, ...]]]:
    """Return so many parts in their order, those that weigh most, what is earned among them; the others summed up."""
    if len(parts) <= most:
        return parts
    ranked = sorted(parts, key=lambda part: -abs(part[1][0]))
    kept, rest = ranked[: most - 1], ranked[most - 1 :]
    others = f"and {len(rest)} more", tuple(math.fsum(column) for column in zip(*(v for _, v in rest), strict=True))
    costs = [part for part in parts if part in kept and part[1][0] >= 0.0]
    return [*costs, others, *(part for part in parts if part in kept and part[1][0] < 0.0)]


def _cells(name: str, values: Iterable[float]) -> tuple[str, ...]:
    return name, *(f"{value:.3f}" for value in values)


def _by_both(splits: Mapping[str, Mapping[str, Any]], key: str) -> dict[str, tuple[float, ...]]:
    """Return the cost by kind, EUR per kilogram by each mass."""
    names = dict.fromkeys(name for split in splits.values() for name in split.get(key) or ())
    return {name: tuple((split.get(key) or {}).get(name, 0.0) for split in splits.values()) for name in names}


def print_labels(console: Console, summary: Mapping[str, Any]) -> None:
    """Print what labels say of the hydrogen by what it emits, each within its own boundary."""
    rows = label_rows(summary)
    if not rows:
        return
    table = Table(title=LABELS_TITLE, title_justify="left")
    for heading in ("label", "counted"):
        table.add_column(heading)
    for heading in ("kg/kg", "g/MJ", "at most", "met by"):
        table.add_column(heading, justify="right")
    for one in rows:
        numbers = (f"{one.kg_per_kg:.2f}", f"{one.g_per_mj:.1f}", f"{one.limit_kg_per_kg:.2f}", one.met)
        table.add_row(one.name, one.counted, *numbers)
    console.print(table)
    for note in label_notes(summary):
        console.print(note, markup=False)


def print_span(console: Console, summary: Mapping[str, Any]) -> None:
    """Print what value and price hang on, what the stock's change is worth, and which figures are scaled to a year."""
    for text in money_texts(summary):
        console.print(text, markup=False)


def print_events(console: Console, counts: list[tuple[str, str, int, float]]) -> None:
    """Print events by component and kind: how often and for how many hours."""
    if not counts:
        console.print("events: none")
        return
    table = Table(title="events", title_justify="left")
    for heading, justify in (("component", "left"), ("event", "left"), ("times", "right"), ("hours", "right")):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    for component, what, times, hours in counts[:12]:
        table.add_row(component, what, str(times), f"{hours:.1f}")
    if len(counts) > 12:
        table.add_row(f"and {len(counts) - 12} more", "see events.parquet", "", "")
    console.print(table)
