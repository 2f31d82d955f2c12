"""The history for other programs: Prometheus' text format, and JSON."""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Iterable, Sequence

from h2plant.measure.trend.verdict import Group
from h2plant.session.record import Record

# metric name, help, column, factor to the base unit that Prometheus wants
_GAUGES = (
    ("h2plant_component_step_seconds", "Processor time per component and step.", "ns_per_component_step", 1e-9),
    ("h2plant_loop_seconds", "Time in the loop.", "loop_s", 1.0),
    ("h2plant_total_seconds", "Time in all.", "total_s", 1.0),
    ("h2plant_peak_memory_bytes", "Peak resident memory of the process.", "peak_memory_mb", 1e6),
    ("h2plant_lookup_hit_ratio", "Hit rate of cached look-ups.", "lookup_hit_rate_frac", 1.0),
    ("h2plant_accuracy_error_ratio", "Largest relative error against the baseline.", "accuracy_error_frac", 1.0),
    (
        "h2plant_residual_component_ratio",
        "Largest relative balance residual of a component.",
        "residual_component_frac",
        1.0,
    ),
    ("h2plant_residual_plant_ratio", "Largest relative balance residual of the plant.", "residual_plant_frac", 1.0),
)


def prometheus(found: Sequence[Group], n_records: int) -> str:
    """Return the last run of each group in Prometheus' text exposition format, version 0.0.4.

    Parameters
    ----------
    found
        Groups of comparable runs.
    n_records
        How many records the history has.
    """
    lines = _family("h2plant_history_records", "Records in the history.", [((), float(n_records))])
    when = [(_labels(g), datetime.datetime.fromisoformat(g.latest.finished_at).timestamp()) for g in found]
    lines += _family("h2plant_finished_timestamp_seconds", "End of the last run, Unix time.", when)
    lines += _family("h2plant_runs", "Comparable runs in the history.", [(_labels(g), len(g.records)) for g in found])
    for name, help_text, column, factor in _GAUGES:
        values = [(_labels(g), getattr(g.latest, column)) for g in found]
        lines += _family(name, help_text, [(labels, v * factor) for labels, v in values if v is not None])
    flags = [
        ((*_labels(g), ("quantity", v.metric)), float(v.is_flagged))
        for g in found
        for v in g.verdicts
        if v.state in ("good", "regression", "beyond limit")
    ]
    lines += _family("h2plant_regression", "1 where the last runs are flagged, 0 where they are not.", flags)
    figures = [
        ((("bench", g.latest.scenario), ("figure", f.name), ("unit", f.unit)), f.measured)
        for g in found
        for f in {f.name: f for f in g.latest.figures}.values()
        if f.measured is not None
    ]
    lines += _family("h2plant_bench_figure", "Figures of the last run of each benchmark.", figures)
    return "".join(f"{line}\n" for line in lines)


_Labels = tuple[tuple[str, str], ...]


def _labels(group: Group) -> _Labels:
    r = group.latest
    of_run = (("engine", r.way), ("hours", f"{r.hours:g}"), ("step_s", f"{r.step_s:g}")) if r.source == "run" else ()
    return (("source", r.source), ("scenario", r.scenario), *of_run, ("version", r.h2plant), ("machine", r.machine))


def _family(name: str, help_text: str, samples: Iterable[tuple[_Labels, float]]) -> list[str]:
    lines = [f"{name}{_label_text(labels)} {value!r}" for labels, value in samples]
    return [f"# HELP {name} {help_text}", f"# TYPE {name} gauge", *lines] if lines else []


def _label_text(labels: _Labels) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels) + "}" if labels else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def as_json(found: Sequence[Group], last: int) -> str:
    """Return the groups with their verdicts and their last runs as JSON.

    Parameters
    ----------
    found
        Groups of comparable runs.
    last
        How many runs of each.
    """
    content = [
        {
            "title": group.title,
            "is_flagged": group.is_flagged,
            "verdicts": [{**dataclasses.asdict(v), "is_flagged": v.is_flagged} for v in group.verdicts],
            "runs": [_record(r) for r in group.records[-last:]],
        }
        for group in found
    ]
    return json.dumps({"h2plant_monitor": 1, "groups": content}, indent=1, allow_nan=False)


def _record(record: Record) -> dict[str, object]:
    return {**dataclasses.asdict(record), "figures": [figure._asdict() for figure in record.figures]}
