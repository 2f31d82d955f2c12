"""Thousands of files drawn from a known truth: the right value or a finding, never another value; most are read."""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from h2plant.config.series_reader import load_series
from tests.mutations import mutation, outcome
from tests.series_spec import series_spec

N_SLICES = 3
N_OF_A_SLICE = 1000

FLOORS = {
    # share that is read at least, of the mutations with a tag: refusing everything cannot pass
    "said:cells": 0.55, "said:header": 0.50, "said:preamble": 0.25, "stated": 0.35, "at:start": 0.45, "at:end": 0.30,
    "delimiter:','": 0.35, "delimiter:';'": 0.45, "delimiter:'\\t'": 0.45, "delimiter:'|'": 0.45,
    "decimal:.": 0.50, "decimal:,": 0.20, "numbers:fixed": 0.45, "numbers:shortest": 0.45, "numbers:exponent": 0.30,
    "step:900": 0.45, "step:1800": 0.45, "step:3600": 0.45, "form:%Y-%m-%d %H:%M": 0.60,
    "form:%Y-%m-%dT%H:%M": 0.60, "form:%Y-%m-%dT%H:%M:%S": 0.60, "encoding:utf-8": 0.50,
    "unit:brackets": 0.45, "unit:units-row": 0.45, "unit:behind": 0.40, "unit:nowhere": 0.35, "zone:UTC": 0.45,
    "zone:Europe/Berlin": 0.35, "zone:America/New_York": 0.30, "columns-shuffled": 0.30,
}  # fmt: skip
RARE_FLOORS = {
    "form:%d/%m/%Y %H:%M", "form:%m/%d/%Y %H:%M", "form:%d.%m.%Y %H:%M", "form:%Y%m%d%H%M", "times:interval",
    "times:parts", "times:date-hour", "times:date-clock", "times:start-end", "times:local-utc", "step:change",
    "step:month", "step:86400", "newest-first", "24:00", "gzip", "sep=", "parquet", "feather", "encoding:utf-16",
    "encoding:cp1252", "preamble", "footer", "thousands", "end-by-count",
}  # fmt: skip
"""Kinds of which some are read."""


def tried(seeds, folder) -> tuple[list[str], Counter[str], Counter[str]]:
    """Return what is wrong, and how many mutations with each tag were read and drawn."""
    wrong: list[str] = []
    read, drawn = Counter(), Counter()
    for seed in seeds:
        one = mutation(seed)
        result, findings = outcome(one, folder)
        if result not in ("read", "refused"):
            wrong.append(f"seed {seed}: {result}; {sorted(one.tags)}; {findings[:2]}")
        drawn.update(one.tags)
        read.update(one.tags if result == "read" else ())
    return wrong, read, drawn


@pytest.mark.long
@pytest.mark.parametrize("k", [*range(N_SLICES - 1), pytest.param(N_SLICES - 1, marks=pytest.mark.slow)])
def test_right_value_or_finding(tmp_path, k):
    wrong, read, drawn = tried(range(k * N_OF_A_SLICE, (k + 1) * N_OF_A_SLICE), tmp_path)
    assert not wrong, "\n".join(wrong)
    low = {tag: (read[tag], drawn[tag]) for tag, floor in FLOORS.items() if read[tag] < floor * drawn[tag]}
    assert not low, low
    assert not {tag for tag in RARE_FLOORS if not read[tag]}


@pytest.mark.slow
def test_many_more(tmp_path):
    wrong, _, _ = tried(range(1_000_000, 1_050_000), tmp_path)
    assert not wrong, "\n".join(wrong)


START = datetime(2022, 12, 31, 23, tzinfo=UTC)
N = 35040
BERLIN = ZoneInfo("Europe/Berlin")


def _iso(k: int, value: str) -> str:
    return f"{START + timedelta(minutes=15 * k):%Y-%m-%dT%H:%MZ},{value}"


def _interval(k: int, value: str) -> str:
    begin, end = ((START + timedelta(minutes=15 * i)).astimezone(BERLIN) for i in (k, k + 1))
    return f'"{begin:%d/%m/%Y %H:%M:%S} - {end:%d/%m/%Y %H:%M:%S}","BZN|DE-LU","{value}"'


def _local(k: int, value: str) -> str:
    begin = (START + timedelta(minutes=15 * k)).astimezone(BERLIN)
    return f"{begin:%d.%m.%Y %H:%M};{value.replace('.', ',')};1;2;3;a"


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("time,price_eur_per_mwh", _iso),
        ('"MTU (CET/CEST)","Area","price_eur_per_mwh"', _interval),
        ("Zeit (MEZ/MESZ);price_eur_per_mwh;a;b;c;d", _local),
    ],
    ids=["iso", "intervals", "local"],
)
def test_a_year_of_quarter_hours_is_read_at_once(tmp_path: Path, header, row):
    # 0.10, 0.22 and 0.20 s; the work of the machine at that moment is taken out by what numpy needs for its numbers
    file = tmp_path / "year.csv"
    numbers = np.round(60 + 40 * np.sin(np.arange(N) / 7.0), 2)
    file.write_text("\n".join([header, *(row(k, f"{value:.2f}") for k, value in enumerate(numbers))]) + "\n")
    spec = series_spec("price_eur_per_mwh", file=file, mode="hold")
    texts = [f"{value:.2f}" for value in numbers] * 10

    def seconds(work) -> float:
        begin = time.process_time()
        work()
        return time.process_time() - begin

    def load() -> None:
        loaded = load_series({spec.name: spec}, START, N * 900.0, timezone="UTC")[spec.name]
        assert np.allclose(loaded.values[:N] * 3.6e9, numbers, atol=1e-9)

    measured = min(seconds(load) for _ in range(3))
    parsing = min(seconds(lambda: [float(text) for text in texts]) for _ in range(3))  # some 0.025 s
    assert measured < max(0.3, 12.0 * parsing)
