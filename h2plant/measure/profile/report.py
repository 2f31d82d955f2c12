"""A profile as Markdown and for the terminal: both made from the same tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from h2plant.measure.measured import markdown_rows
from h2plant.measure.profile.loop_timing import Share
from h2plant.results.folder import PROFILE_CALLS, PROFILE_DATA, PROFILE_REPORT

_N_KINDS = 15
_N_LOOK_UPS = 10


class _Sheet(NamedTuple):
    """A table: title, headings (the first column is text), rows, and a remark below."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    remark: str = ""


def _percent(frac: float) -> str:
    return f"{100.0 * frac:.1f} %"


def _number(value: float) -> str:
    return f"{value:.3g}" if value else ""


def _sheets(data: dict[str, Any]) -> Iterator[_Sheet]:
    steps = f"{data['n_components']} components x {data['n_steps']:,} steps"
    whole_s = sum(phase["seconds"] for phase in data["phases"]) or 1.0
    phases = [(p["name"], f"{p['seconds']:.2f}", _percent(p["seconds"] / whole_s)) for p in data["phases"]]
    yield _Sheet(f"The whole command, {data['engine']} engine: {steps}", ("part", "s", "share"), phases)
    rows = [(g["name"], f"{g['seconds']:.2f}", _percent(g["frac"])) for g in data["groups"]]
    look_ups = data["look_ups"]
    seconds = look_ups["frac"] * data["loop_s"]
    how = " (estimated)" if look_ups["is_estimated"] else ""
    rows.append((f"of all: property look-ups{how}", f"{seconds:.2f}", _percent(look_ups["frac"])))
    title = f"The loop: {data['loop_s']:.2f} s, {data['ns_per_component_step']:.1f} ns per component-step"
    yield _Sheet(title, ("group", "CPU s", "share"), rows)
    kinds = [
        (
            k["name"],
            _percent(k["frac"]),
            f"{k['ns_per_call']:,.0f}" if k["calls_per_step"] else "",
            _number(k["calls_per_step"]),
        )
        for k in data["kinds"][:_N_KINDS]
    ]
    rest = data["kinds"][_N_KINDS:]
    if rest:
        kinds.append((f"{len(rest)} more", _percent(sum(k["frac"] for k in rest)), "", ""))
    yield _Sheet("The loop by kind of component", ("kind", "share", "ns a call", "calls a step"), kinds)
    functions = [
        (f["name"], f"{f['per_step']:.3g}", f"{f['ns']:.0f}", _percent(f["seconds"] / (data["loop_s"] or 1.0)))
        for f in look_ups["functions"][:_N_LOOK_UPS]
    ]
    remark = "" if not look_ups["is_estimated"] else (
        "Counted in the same kernels as plain Python in minutes spread over the run; timed in a compiled loop on "
        "arguments met there. Inside a kernel a look-up overlaps with other work, so its true share may be smaller."
    )  # fmt: skip
    title = f"Property look-ups: {look_ups['per_step']:.0f} a step"
    yield _Sheet(title, ("function", "a step", "ns", "share of the loop"), functions, remark)
    python = [(p["name"], f"{p['calls']:,}", f"{p['own_s']:.3f}", f"{p['cumulative_s']:.3f}") for p in data["python"]]
    yield _Sheet("Python side, by own time", ("function", "calls", "own s", "with callees s"), python)


def _memory(data: dict[str, Any]) -> str:
    peak = data["peak_memory_mb"]
    if peak is None:
        return "peak memory: this system does not tell"
    is_met = "met" if peak <= data["memory_bar_mb"] else "MISSED"
    if data["is_first"]:
        is_met = "of a run that does not compile as this one did: run it again"
    return (
        f"peak memory: {peak:.0f} MB (bar {data['memory_bar_mb']:.0f} MB, {is_met}); log: one array of "
        f"{data['n_columns']:,} columns, a row every {data['log_interval_steps']} steps"
    )


def markdown(data: dict[str, Any]) -> str:
    """Return a profile as Markdown."""
    parts = [f"# Profile of `{data['scenario']}`, {data['hours']:g} h", "", _memory(data)]
    for sheet in _sheets(data):
        parts += ["", f"## {sheet.title}", markdown_rows(sheet.headings, sheet.rows, has_numbers=True).rstrip()]
        if sheet.remark:
            parts += ["", sheet.remark]
    parts += ["", f"All calls of Python: `python -m pstats {PROFILE_CALLS}` (then `sort tottime`, `stats 20`).", ""]
    return "\n".join(parts)


def print_profile(console: Console, folder: Path) -> None:
    """Print the profile that lies in a results folder."""
    data = json.loads((folder / PROFILE_DATA).read_text(encoding="utf-8"))
    for sheet in _sheets(data):
        table = Table(title=sheet.title, title_justify="left")
        for k, heading in enumerate(sheet.headings):
            table.add_column(heading, justify="right" if k else "left", overflow="fold")
        for row in sheet.rows:
            table.add_row(*(escape(cell) for cell in row))
        console.print(table)
        if sheet.remark:
            console.print(sheet.remark)
    console.print(_memory(data))
    console.print(f"profile: {folder / PROFILE_REPORT}, {PROFILE_DATA}, {PROFILE_CALLS}", soft_wrap=True)


def print_shares(console: Console, shares: Sequence[Share], n_steps: int, n_components: int) -> None:
    """Print where the time of a run went, the costliest first."""
    whole = sum(share.seconds for share in shares)
    per_step = whole / max(1, n_steps * n_components) * 1e9
    title = f"{n_components} components x {n_steps:,} steps: {whole:.2f} s, {per_step:.1f} ns per component-step"
    table = Table(title=title, title_justify="left")
    table.add_column("kind")
    for column in ("share", "ns per call", "calls per step"):
        table.add_column(column, justify="right")
    for s in shares:
        calls = f"{s.calls / max(1, n_steps):.3g}"
        table.add_row(escape(s.name), f"{100.0 * s.frac:.2f} %", f"{s.ns_per_call:.1f}", calls)
    console.print(table)
