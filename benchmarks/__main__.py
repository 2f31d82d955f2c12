"""Run the benchmarks, print each figure beside its bar, store them under benchmarks/results/."""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import time
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

import h2plant
from benchmarks import elementary
from benchmarks.figures import BENCHMARKS, Figure
from h2plant.monitoring.history import record_bench

BENCHMARKS.update(
    elementary_kernels=elementary.elementary_kernels,
    thermal_steps=elementary.thermal_steps,
    parallel_kernels=elementary.parallel_kernels,
)
RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="*", choices=list(BENCHMARKS), help="which benchmarks (default: all)")
    names = parser.parse_args().only or list(BENCHMARKS)
    console = Console(highlight=False, width=120)
    stored: dict[str, list[dict[str, object]]] = {}
    for name in names:
        title = BENCHMARKS[name].__doc__ or name
        began = time.perf_counter()
        figures = list(BENCHMARKS[name]())
        record_bench(name, figures, time.perf_counter() - began, h2plant.__version__)
        stored[name] = [figure._asdict() for figure in figures]
        console.print(_table(title.splitlines()[0], figures))
    RESULTS.mkdir(exist_ok=True)
    now = datetime.datetime.now(datetime.UTC)
    path = RESULTS / f"{now:%Y-%m-%dT%H-%M-%S}.json"
    machine = {"machine": platform.machine(), "system": platform.system(), "python": platform.python_version()}
    path.write_text(
        json.dumps({"time": now.isoformat(), **machine, "figures": stored}, indent=1) + "\n", encoding="utf-8"
    )
    path.with_suffix(".md").write_text(_markdown(stored), encoding="utf-8")
    console.print(f"stored in benchmarks/results/{path.name} and beside it as Markdown")


def _table(title: str, figures: list[Figure]) -> Table:
    table = Table("figure", "measured", "bar", "unit", "", title=title, title_justify="left")
    for f in figures:
        mark = "" if f.bar is None else ("met" if f.is_met else "[bold red]MISSED[/]")
        table.add_row(
            escape(f.name), f"{f.measured:,.4g}", "" if f.bar is None else f"{f.sign} {f.bar:g}", f.unit, mark
        )
    return table


def _markdown(stored: dict[str, list[dict[str, object]]]) -> str:
    """Return the figures as Markdown tables."""
    lines = []
    for name, figures in stored.items():
        lines += [f"## {(BENCHMARKS[name].__doc__ or name).splitlines()[0]}", ""]
        lines += ["| figure | measured | bar | unit |", "|---|---|---|---|"]
        for f in figures:
            bar = "" if f["bar"] is None else f"{f['sign']} {f['bar']:g}"
            lines.append(f"| {f['name']} | {f['measured']:,.4g} | {bar} | {f['unit']} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
