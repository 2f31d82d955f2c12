"""Writes what a release reads of folders that it wrote, ``pack/said.json``: run it with that release's ``h2plant``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from h2plant.results import Results


def _said(folder: str) -> dict[str, Any]:
    results = Results(folder)
    names = [name for name in results.columns if name != "time"]
    return {
        "columns": {
            n: {"sum": float(results[n].sum()), "last": float(results[n][-1]), "unit": results.units[n]} for n in names
        },
        "n_rows": len(results),
        "event_counts": [list(row) for row in results.event_counts()],
        "ledger": {
            n: float(sum(results.ledger.column(n).to_pylist())) for n in results.ledger.column_names if n != "component"
        },
        "key_figures": results.summary["key_figures"],
    }


if __name__ == "__main__":
    said: dict[str, Any] = {name: _said(name) for name in ("day", "life/year_01", "life/year_02")}
    said["run"] = Path("out/run.txt").read_text(encoding="utf-8")
    Path("pack/said.json").write_text(json.dumps(said, indent=0), encoding="utf-8")
