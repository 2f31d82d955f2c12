"""Clouds that are added to hours, beside measured minutes: ``python -m benchmarks.cloud_minutes FILE``.

FILE is a month of a station of the Baseline Surface Radiation Network (station-to-archive format, records 0100: global
irradiance each minute), such as ``pay0616.dat`` of Payerne. Prints figures of the minutes and of clouds added to their
hourly means.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from h2plant.config.series_clouds import clear_sky, clear_sky_index
from h2plant.config.series_noise import Floats
from h2plant.config.series_reader import load_series
from h2plant.measure.measured import markdown_rows
from h2plant.plant.series_spec import SeriesSpec
from h2plant.plant.variability import Variability

START = datetime(2016, 6, 1, tzinfo=UTC)
LEAST_W_PER_M2 = 50.0
BANDS_MIN = (120, 60, 30, 15, 8, 4, 2)


def minutes_of(file: Path) -> Floats:
    """Return the global irradiance of each minute of whole days, W/m2; what is missing is zero."""
    raw = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    lines = raw.decode("ascii", "replace").splitlines()
    begin = next(i for i, line in enumerate(lines) if line.startswith("*") and line.strip().endswith("0100"))
    rows = []
    for line in lines[begin + 1 :: 2]:
        if line.startswith("*"):
            break
        rows.append(line.split()[:3])
    days, minutes, values = np.array(rows, dtype=np.float64).T
    found = np.zeros(int(days.max()) * 1440)
    found[((days - 1) * 1440 + minutes).astype(np.int64)] = np.maximum(values, 0.0)
    return found


def figures(minutes: Floats, is_day: np.ndarray) -> list[str]:
    """Return the figures of a row of the table."""
    hours = minutes.reshape(-1, 60)[is_day]
    step, ten = np.diff(hours, axis=1), np.diff(hours.reshape(len(hours), 6, 10).mean(axis=2), axis=1)
    found = (np.sqrt(hours.var(axis=1).mean()), step.std(), np.quantile(np.abs(step), 0.99), ten.std(), minutes.max())
    return [f"{value:.0f}" for value in found]


def spectrum(index: Floats) -> tuple[Floats, Floats]:
    """Return frequencies, Hz, and the mean spectrum of eight hours about noon of each day, their trend taken off."""
    n, place = 512, np.arange(512)
    parts = [day[420 : 420 + n] for day in index.reshape(-1, 1440)]
    level = [(part - np.polyval(np.polyfit(place, part, 1), place)) * np.hanning(n) for part in parts]
    return np.fft.rfftfreq(n, 60.0), np.mean([np.abs(np.fft.rfft(part)) ** 2 for part in level], axis=0)


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cloud_minutes", description=__doc__)
    parser.add_argument("file", type=Path)
    measured = minutes_of(parser.parse_args().file)
    hours = measured.reshape(-1, 60).mean(axis=1)
    of = Variability("clouds", 1)
    spec = SeriesSpec("ghi_w_per_m2", values=tuple(hours.tolist()), resolution_s=3600, start=START, variability=of)
    added = load_series({"ghi_w_per_m2": spec}, START, hours.size * 3600)["ghi_w_per_m2"].values[:-1]
    is_day = hours > LEAST_W_PER_M2
    names = ["deviation within an hour", "of steps of 1 min", "99 % of steps of 1 min", "of steps of 10 min", "most"]
    rows = [["measured", *figures(measured, is_day)], ["clouds added to hourly means", *figures(added, is_day)]]
    print(markdown_rows(["W/m2", *names], rows))

    clear = clear_sky(hours, 3600)
    index, law = clear_sky_index(hours, 3600, is_linear=False)
    deviation = measured.reshape(-1, 60).std(axis=1) / np.maximum(clear, 1.0)
    rows = []
    for low in np.arange(0.0, 1.1, 0.2):
        is_in = (law > 0.0) & (clear > 200.0) & (index >= low) & (index < low + 0.2)
        if is_in.sum() > 5:
            rows.append(
                [
                    f"{low:.1f} to {low + 0.2:.1f}",
                    f"{is_in.sum()}",
                    f"{deviation[is_in].mean():.3f}",
                    f"{law[is_in].mean():.3f}",
                ]
            )
    print(markdown_rows(["clear-sky index", "hours", "deviation measured", "by the formula"], rows))

    of_clear = np.repeat(np.maximum(clear, LEAST_W_PER_M2), 60)
    f, found = spectrum(measured / of_clear)
    _, made = spectrum(added / of_clear)
    is_within = (f >= 1 / 7200) & (f < 1 / 120)
    slope = np.polyfit(np.log(f[is_within]), np.log(found[is_within]), 1)[0]
    print(f"slope of the measured spectrum from 2 h to 2 min: {slope:.2f}")
    for longest, shortest in itertools.pairwise(BANDS_MIN):
        is_in = (f >= 1 / (60 * longest)) & (f < 1 / (60 * shortest))
        print(f"{longest} to {shortest} min: variance made / measured {made[is_in].sum() / found[is_in].sum():.2f}")


if __name__ == "__main__":
    main()
