"""Run the benchmarks, print each figure beside its bar, store them under benchmarks/results/."""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import time
from pathlib import Path

from rich.console import Console

import h2plant
from benchmarks.figures import BENCHMARKS
from h2plant.measure.measured import Measured, markdown_rows, measured_table
from h2plant.session.history import record_bench

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="*", choices=list(BENCHMARKS), help="which benchmarks (default: all)")
    names = parser.parse_args().only or list(BENCHMARKS)
    console = Console(highlight=False, width=120)
    stored: dict[str, list[Measured]] = {}
    for name in names:
        title = BENCHMARKS[name].__doc__ or name
        began = time.perf_counter()
        figures = list(BENCHMARKS[name]())
        record_bench(name, figures, time.perf_counter() - began, h2plant.__version__)
        stored[name] = figures
        console.print(measured_table(title.splitlines()[0], figures))
    RESULTS.mkdir(exist_ok=True)
    now = datetime.datetime.now(datetime.UTC)
    path = RESULTS / f"{now:%Y-%m-%dT%H-%M-%S}.json"
    machine = {"machine": platform.machine(), "system": platform.system(), "python": platform.python_version()}
    as_json = {name: [figure._asdict() for figure in figures] for name, figures in stored.items()}
    text = json.dumps({"time": now.isoformat(), **machine, "figures": as_json}, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(_markdown(stored), encoding="utf-8")
    console.print(f"stored in benchmarks/results/{path.name} and beside it as Markdown")


def _markdown(stored: dict[str, list[Measured]]) -> str:
    """Return the figures as Markdown tables."""
    parts = []
    for name, figures in stored.items():
        rows = [[f.name, f"{f.measured:,.4g}", f.target_text, f.unit] for f in figures]
        table = markdown_rows(["figure", "measured", "target", "unit"], rows)
        parts.append(f"## {(BENCHMARKS[name].__doc__ or name).splitlines()[0]}\n\n{table}")
    return "\n".join(parts)


if __name__ == "__main__":
    main()
