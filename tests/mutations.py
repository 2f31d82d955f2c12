"""Files of series as people have them, drawn at random from a truth that is known: what is read is it, or refused.

A ``Mutation`` is a truth (instants in UTC, how long each interval lasts, values in SI), a file that tells it in one of
many ways, and the entry that a user may have written for it. ``outcome`` reads it as a run does.

What no reader can tell is not drawn: numbers in another unit than the series' name where neither file nor entry says
the unit, and times of which neither file nor entry says the zone, unless they are in UTC, as which they are read.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from h2plant.config.series_reader import read_series
from h2plant.plant.series_spec import Description, SeriesSpec
from tests.mutation_draw import _QUANTITIES, Mutation, _clock, _Draw, _intervals, _numbers, _times
from tests.mutation_table import _Table


def mutation(seed: int) -> Mutation:
    """Draw a truth and a file that tells it; the same for the same seed."""
    d = _Draw(seed, is_plain=seed % 2 == 0)
    quantity = d.one(_QUANTITIES)
    zone, plant_zone, said, stated = _clock(d)
    begins, lasts = _intervals(d, zone)
    n = len(begins)
    written, values, name_unit, entry_unit, unit_place = _numbers(d, quantity, n)
    at = "start" if not d.odd(0.25) else d.one(("end", "middle", "end"))
    times = _times(d, zone, said, at, begins, lasts)
    table = _Table(d, times, written, quantity, name_unit, unit_place, said)
    kept = table.damage(n)
    content, suffix = table.content()
    if said[0] == "preamble" and d.tags & {"xlsx", "parquet", "feather"}:
        stated = zone  # such files have no lines before the header that would say it
    how = {"timezone": stated, **times.how, **table.how}
    if at != "start" and (not times.shows_end or d.odd(0.3)):
        how["stamps"] = at
    d.tag(f"at:{at}")
    is_filled = d.odd(0.1) and not any(tag.startswith("torn") for tag in d.tags)
    spec = SeriesSpec(
        quantity.series,
        column=table.entry_column,
        unit=entry_unit,
        mode=d.one(("hold", "linear")),
        how=Description(**how),
        is_filled=is_filled,
        max_gap_h=1e5,
    )
    first, last = 0, n
    if d.odd(0.2) and n > 8:
        first, last = d.rng.randrange(0, n // 2), d.rng.randrange(n // 2 + 1, n)
    places = [i for i in range(first, last) if i in kept]
    return Mutation(
        f"m{seed}{suffix}", content, spec, plant_zone, begins[first], begins[last - 1] + lasts[last - 1],
        [begins[i] for i in places], [lasts[i] for i in places], [values[i] for i in places], frozenset(d.tags),
    )  # fmt: skip


# Outcome -------------------------------------------------------------------------------------------------------------
def outcome(m: Mutation, folder: Path) -> tuple[str, list[str]]:
    """Read a mutation as a run does: ``read``, ``refused`` or what is wrong; and the findings, ids first."""
    file = folder / m.name
    file.write_bytes(m.content)
    try:
        spec = SeriesSpec(**{**{f: getattr(m.spec, f) for f in m.spec.__dataclass_fields__}, "file": file})
        start = datetime.fromtimestamp(m.start_s, UTC)
        loaded, findings = read_series({spec.name: spec}, start, m.end_s - m.start_s, timezone=m.plant_zone)
    finally:
        file.unlink()
    shown = [f"{f.id}: {f.what} | {f.remedy}" for f in findings]
    if spec.name not in loaded:
        is_error = any(f.severity == "error" for f in findings)
        return ("refused" if is_error else "refused without a finding"), shown
    series = loaded[spec.name]
    if any(f.severity == "error" for f in findings):
        return "refused", shown
    begins = np.array(m.begins_s, dtype=np.int64)
    wanted = np.array(m.values)
    if not spec.is_filled and begins.size and (
        begins[0] > m.start_s or (begins[1:] != begins[:-1] + np.array(m.lasts_s[:-1])).any()
    ):  # fmt: skip
        return "a gap passed over", shown
    lasts = np.array(m.lasts_s, dtype=np.int64)
    is_mean = series.is_linear and "at:start" not in m.tags and (lasts == series.resolution_s).all()
    for since, until in ((0, 0), (1, -60)) if not series.is_linear else ((0, 0),):
        # lines go through the middle of intervals that their stamps end or halve
        at = begins - m.start_s + since * lasts + until + (series.resolution_s // 2 if is_mean else 0)
        got = series.values[(at + series.offset_s) // series.resolution_s]
        wrong = ~(np.abs(got - wanted) <= 1e-9 * np.maximum(np.abs(wanted), 1e-12))
        if wrong.any():
            i = int(wrong.argmax())
            when = datetime.fromtimestamp(int(begins[i]), UTC)
            return f"{int(wrong.sum())} of {len(wanted)} wrong: {got[i]!r} for {wanted[i]!r} at {when}", shown
    return "read", shown
