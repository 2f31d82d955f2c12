"""Where the figures come from, and the command that makes them again."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Sequence
from typing import Any

from h2plant.core.markup import NONE, Html
from h2plant.report.page.parts import Section
from h2plant.report.page.run_data import RunData
from h2plant.results.folder import ACCURACY_DATA


def provenance(data: RunData, page_command: str) -> Section:
    """Return versions, digests, machine, time and memory of the run, and the commands that repeat run and page."""
    summary = data.summary
    given: dict[str, Any] = summary.get("provenance") or {}
    took: dict[str, Any] = summary.get("performance") or {}
    rows: list[tuple[str, str]] = [
        ("scenario", str(summary.get("scenario", "–"))),
        ("plant", str(summary.get("plant", "–"))),
        ("h2plant", f"{given.get('h2plant', '–')}, engine {summary.get('engine', '–')}"),
        ("plant digest (SHA-256)", str(given.get("plant_digest", "–"))),
    ]
    rows += [(f"{name} (SHA-256 of the file)", digest) for name, digest in _file_digests(data).items()]
    rows += [(f"{name} (SHA-256, as read)", str(value)[:16]) for name, value in (given.get("read") or {}).items()]
    rows += [(f"code of {name} (SHA-256)", str(value)) for name, value in (given.get("code") or {}).items()]
    rows += [(f"{name} digest", str(value)) for name, value in (given.get("series_digests") or {}).items()]
    rows += [
        ("changes", ", ".join(f"{k} = {v}" for k, v in (given.get("overrides") or {}).items()) or "none"),
        ("steps", f"{took.get('n_steps', 0):,} of {summary.get('step_s', 0)} s, logged every {data.interval_s:g} s"),
        ("components", f"{took.get('n_components', 0):,}"),
        ("Python, NumPy", f"{given.get('python', '–')}, {given.get('numpy', '–')}"),
        ("machine", str(given.get("machine", "–"))),
    ]
    if took:
        rows.append(("time", f"{took.get('loop_s', 0.0):.2f} s for the steps, {took.get('total_s', 0.0):.2f} s in all"))
        memory = took.get("peak_memory_mb")
        rows.append(("peak memory", f"{memory:.0f} MB" if memory else "not known"))
    if site := _site(summary.get("site") or {}):
        rows.append(("site", site))
    rows += [("note", str(note)) for note in given.get("notes") or []]
    rows.append(("accuracy against the baseline", _accuracy(data)))
    command = str(given.get("command", ""))
    if command:
        command += " --out " + shlex.quote(str(data.results.folder))
    return facts(rows, [line for line in (command, page_command) if line])


def _site(site: dict[str, Any]) -> str:
    """Return country and place of a plant in words; '' where it says neither."""
    country = [f"{site.get('name')} ({site['country']})"] if site.get("country") else []
    units = {"latitude": "° north", "longitude": "° east", "elevation_m": " m above the sea"}
    return ", ".join([*country, *(f"{site[key]:g}{unit}" for key, unit in units.items() if key in site)])


def facts(rows: Sequence[tuple[str, str]], commands: Sequence[str]) -> Section:
    """Return the section from what is known, by name, and the commands that make run and page again."""
    html = Html(
        '<dl class="facts">{}</dl><p>These commands make run and page again:</p>'
        '<div class="command"><pre><code>{}</code></pre><button type="button" id="copy-command">Copy</button></div>',
        NONE.join(Html("<dt>{}</dt><dd>{}</dd>", k, v) for k, v in rows),
        "\n".join(commands),
    )
    return Section("provenance", "Where this comes from", "", html)


def _accuracy(data: RunData) -> str:
    """Return in words how far the run is from the baseline engine, if that was measured."""
    try:
        found = json.loads((data.results.folder / ACCURACY_DATA).read_text(encoding="utf-8"))
        worst = max(abs(float(row["relative"])) for row in found["figures"].values() if row["relative"] is not None)
        return (
            f"key figures within {worst:.1e} of each other ({found['mode']}: {found['n_steps']:,} of "
            f"{found['n_steps_of_run']:,} steps); the bar of {found['bar_frac']:g} is "
            + ("met" if found["is_met"] else "missed")
        )
    except FileNotFoundError:
        return "not measured for this run; h2plant run --validate-accuracy does"
    except (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError):
        return f"{ACCURACY_DATA} is damaged or of another version"


def _file_digests(data: RunData) -> dict[str, str]:
    found = {}
    for name in ("log.parquet", "scenario.json"):
        file = data.results.folder / name
        if file.is_file():
            with file.open("rb") as stream:
                found[name] = hashlib.file_digest(stream, "sha256").hexdigest()
    return found
