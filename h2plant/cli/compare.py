"""The command that sets runs side by side: rules of dispatch, steps, or results that are there."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from h2plant.cli.arguments import EXIT_NOT_VALID
from h2plant.core.markup import visible
from h2plant.core.terminal import hanging

if TYPE_CHECKING:
    from h2plant.config.scenario import Scenario
    from h2plant.studies.compare.peak import PeakSearch
    from h2plant.studies.compare.rules import Row, RuleComparison
    from h2plant.studies.compare.steps import StepComparison

_YEAR_H = 8760.0
_WIDEST = 1000  # columns, more than any table here takes


def compare(
    what: Annotated[
        list[str],
        typer.Argument(help="a plant or scenario (a bundled name or a YAML file), or two to six folders of results"),
    ],
    step_s: Annotated[
        str | None, typer.Option(help="compare steps instead of rules: seconds, such as 3600,900,60")
    ] = None,
    import_peak: Annotated[
        bool,
        typer.Option("--import-peak", help="search the import peak worth its fee, for its own rule"),
    ] = False,
    hours: Annotated[float | None, typer.Option(help="span, h; default: the scenario's, for a plant a year")] = None,
    start: Annotated[str | None, typer.Option(help="first instant, ISO 8601, UTC unless it says otherwise")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="a change, as tank.n_vessels=6; may be given again")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON and nothing else")] = False,
    out: Annotated[
        Path | None, typer.Option(help="page that compares folders of results (default: comparison.html)")
    ] = None,
) -> None:
    """Set rules of dispatch side by side, with a plan and a plan with foresight; or steps; or results.

    Each rule runs the same plant over the same data. The plan is made day by day; the plan with foresight knows the
    whole span, on the reduced model of the plant. Rules that do not serve stand below all that do.

    For example:

        h2plant compare dual_path

        h2plant compare dual_path --hours 168 --start 2023-06-01

        h2plant compare test_full_year --step-s 3600,900,60

        h2plant compare dual_path --import-peak --hours 2160

        h2plant compare results/small results/large --out comparison.html

    Exit codes: 0 done; 1 the plant failed; 2 something to mend in what was given; 3 a step is not valid, or no rule is.
    """
    if len(what) > 1:
        from h2plant.core.terminal import Terminal
        from h2plant.report.differences import print_differences
        from h2plant.report.page.compare import compare_runs

        if import_peak or step_s is not None or hours is not None or start is not None or set_ or as_json:
            raise typer.BadParameter("folders of results are compared as they are: leave other options than --out")
        page = compare_runs(what, out or Path("comparison.html"))
        print_differences(Terminal(), what)
        typer.echo(visible(f"wrote {page}"))
        return
    if out is not None:
        raise typer.BadParameter("means nothing beside a scenario: it names the page of folders", param_hint="--out")
    scenario = what[0]
    from h2plant.cli.arguments import overrides_of
    from h2plant.config.scenario import changed_scenario, load_scenario
    from h2plant.core.terminal import Terminal

    if hours is not None and not (math.isfinite(hours) and hours > 0.0):
        raise typer.BadParameter("give a number of hours above 0, such as 168", param_hint="--hours")
    if import_peak and step_s is not None:
        raise typer.BadParameter("peaks and steps are compared one at a time", param_hint="--import-peak")
    steps = None if step_s is None else _steps(step_s)
    loaded = load_scenario(scenario)
    if hours is None and loaded.file is not None and loaded.file == _plant_file(loaded):
        hours = _YEAR_H
    changed = changed_scenario(loaded, hours, start, None, None, overrides_of(set_ or []))
    console = Terminal()

    def tell(what: str) -> None:
        typer.echo(f"running: {what} ...", err=True)

    if steps is not None:
        from h2plant.studies.compare.steps import compare_steps

        found = compare_steps(changed, steps, lambda step: tell(f"step of {step} s"))
        if as_json:
            typer.echo(json.dumps(found.to_dict(), indent=1))
        else:
            _print_steps(console, found, changed)
            _print_notes(found.notes)
        if any(found.not_valid):
            raise typer.Exit(EXIT_NOT_VALID)
        return
    if import_peak:
        from h2plant.studies.compare.peak import find_peak

        peaks = find_peak(changed, on_run=tell)
        if as_json:
            typer.echo(json.dumps(peaks.to_dict(), indent=1))
        else:
            _print_peaks(console, peaks, changed)
        return
    from h2plant.studies.compare.rules import compare_rules

    rules = compare_rules(changed, tell)
    if as_json:
        typer.echo(json.dumps(rules.to_dict(), indent=1))
    else:
        _print_rules(console, rules, changed)
        _print_notes(rules.notes)
    if all(row.note for row in rules.rows):
        raise typer.Exit(EXIT_NOT_VALID)


def _print_notes(notes: tuple[str, ...]) -> None:
    for note in notes:
        typer.echo(hanging("note: ", note))


def _plant_file(scenario: Scenario) -> Path | None:
    return scenario.plant if isinstance(scenario.plant, Path) else None


def _steps(text: str) -> list[int]:
    try:
        steps = [int(part) for part in text.split(",")]
    except ValueError:
        steps = []
    if len(set(steps)) < 2:
        hint = "give at least two steps in seconds, such as 3600,900,60"
        raise typer.BadParameter(f"{text!r}: {hint}", param_hint="--step-s")
    return steps


def _shown(value: float | None, form: str, factor: float = 1.0) -> str:
    return "-" if value is None else format(value * factor, form)


def _print_rules(console: object, found: RuleComparison, scenario: Scenario) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.markup import escape
    from rich.measure import Measurement
    from rich.table import Table

    assert isinstance(console, Console)
    title = f"{scenario.name}: rules of dispatch, {scenario.hours:g} h from {scenario.start:%Y-%m-%d}"
    table = Table(
        title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), collapse_padding=True, pad_edge=False
    )
    table.add_column("rule", no_wrap=True)
    starts_of = "starts\n" + "/".join(found.technologies.values())
    # of 80 columns, none may be lost: the longest rules and figures of the bundled plants take them all
    headings = ("profit\nkEUR", "H2\nt", starts_of, "buys\nGWh", "sells\nGWh", "€/kg\nmade", "€/kg\nsold", "gap")
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)

    def add(row: Row) -> None:
        if row.profit_eur is None and row.note:
            table.add_row(row.rule, *["-"] * len(headings))
            return
        starts = [_shown(row.starts.get(key), ".0f") for key in found.technologies]
        table.add_row(
            row.rule,
            "invalid"
            if row.note
            else _shown(row.profit_eur, ",.1f" if abs(row.profit_eur or 0.0) < 1e6 else ",.0f", 1e-3),
            _shown(row.hydrogen_kg, ",.1f" if (row.hydrogen_kg or 0.0) < 1e6 else ",.0f", 1e-3),
            "/".join(starts) if row.starts else "-",
            _shown(row.import_mwh, ",.2f", 1e-3),
            _shown(row.export_mwh, ",.2f", 1e-3),
            _shown(row.cost_eur_per_kg, ".2f"),
            _shown(row.cost_sold_eur_per_kg, ".2f"),
            _shown(row.gap_frac, ".1%" if abs(row.gap_frac or 0.0) < 1.0 else ".0%"),
        )

    served = [row for row in found.rows if not row.not_served and not row.note]
    for row in served:
        add(row)
    if served and len(served) < len(found.rows):
        table.add_section()
    for row in found.rows[len(served) :]:
        add(row)
    table.add_section()
    add(found.expected)
    add(found.foresight)
    if Measurement.get(console, console.options.update(max_width=_WIDEST), table).maximum > console.width:
        table.padding = (0, 0, 0, 0)  # figures of a year: close together rather than cut
    console.print(table)
    for row in found.rows:
        missing = f"not served: {row.not_served}" if row.not_served else ""
        if text := "; ".join(part for part in (row.note, missing) if part):
            console.print(f"[bold red]{escape(row.rule)}:[/] {escape(text)}")
    if len(served) < len(found.rows):
        console.print("rules that do not serve stand below all that do" if served else "no rule serves: none is ranked")
    console.print(
        f"profit: hydrogen at {found.own_eur_per_kg:g} EUR/kg from own power, {found.grid_eur_per_kg:g} from bought, "
        "with exports and oxygen, less power, contract, water and ageing by starts; capital is in EUR/kg alone"
        + (", which are after subsidies" if found.is_subsidised else "")
    )
    console.print(
        "the last two rows are on the reduced model of the plant, so a rule may earn more; the gap is to the last"
    )
    console.print(f"{found.planning['n_plans']} plans in {found.planning['solver_s']:.1f} s")


def peak_text(peak_mw: float) -> str:
    """Return a peak as it is shown: to ten kilowatts, a small one with the digits that tell it from nothing."""
    return f"{peak_mw:.2f}" if peak_mw == 0.0 or peak_mw >= 0.1 else f"{peak_mw:.2g}"


def _print_peaks(console: object, found: PeakSearch, scenario: Scenario) -> None:
    from rich.console import Console
    from rich.table import Table

    assert isinstance(console, Console)
    title = f"{scenario.name}: peaks of the import, {scenario.hours:g} h from {scenario.start:%Y-%m-%d}"
    table = Table(title=title, title_justify="left")
    for heading in ("peak\nMW", "highest\nMW", "buys\nMWh", "H2\nt", "fee\nkEUR", "profit\nkEUR", "€/kg\nmade"):
        table.add_column(heading, justify="right", no_wrap=True)
    for run in found.runs:
        table.add_row(
            "none" if run.peak_mw is None else peak_text(run.peak_mw),
            peak_text(run.highest_mw),
            f"{run.import_mwh:z,.0f}",
            f"{run.hydrogen_kg / 1000.0:z,.1f}",
            f"{run.fee_eur / 1000.0:z,.1f}",
            f"{run.profit_eur / 1000.0:z,.1f}",
            _shown(run.cost_eur_per_kg, ".3f"),
            style="bold" if run is found.best and not found.buys_nothing else None,
        )
    console.print(table)
    best = found.best.peak_mw
    said = "no peak earns most" if best is None else f"earns most: --set {found.parameter}={best:.4g}"
    if found.buys_nothing:
        said = "nothing is bought at any peak, so that no peak earns more than another"
    console.print(f"{found.rule}: {said}", markup=False, highlight=False)
    console.print(
        f"profit: hydrogen at {found.own_eur_per_kg:g} EUR/kg from own power, {found.grid_eur_per_kg:g} from bought, "
        f"with other income, less running costs and the fee: {found.fee_eur_per_mw:,.0f} EUR a megawatt for this span"
        + ("; €/kg are after subsidies" if found.is_subsidised else ""),
        markup=False,
        highlight=False,
    )


def _print_steps(console: object, found: StepComparison, scenario: Scenario) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    assert isinstance(console, Console)
    for step, why in zip(found.steps_s, found.not_valid, strict=True):
        if why:
            console.print(f"[bold red]step of {step} s: not valid:[/] {escape(why)}")
    title = f"{scenario.name}: steps, {scenario.hours:g} h from {scenario.start:%Y-%m-%d}"
    table = Table(title=title, title_justify="left")
    table.add_column("figure")
    table.add_column("unit")
    for step in found.steps_s:
        table.add_column(f"{step} s", justify="right")
        if step != found.steps_s[-1]:
            table.add_column("off by", justify="right")
    for name, values in found.figures.items():
        declared = found.shown[name]
        cells = []
        for i, (value, off) in enumerate(zip(values, found.difference_frac(name), strict=True)):
            cells.append(_shown(value, declared.format))
            if i + 1 < len(values):
                cells.append(_shown(off, "+.2%"))
        table.add_row(declared.label, declared.unit, *cells)
    console.print(table)
