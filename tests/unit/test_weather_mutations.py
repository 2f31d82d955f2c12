"""Weather files, spoilt as people and transfers spoil them: read to the values of the sound file, or refused."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from h2plant.config.series_reader import read_series
from h2plant.config.tables.axis import time_axis
from h2plant.config.tables.read import read_table
from h2plant.config.weather import fed_columns
from h2plant.plant.series_spec import Description
from tests.series_spec import series_spec

HEADS = Path(__file__).parents[1] / "data" / "formats"
FILES = (
    *("amsterdam.epw", "tmy3.csv", "pvgis_hourly.csv", "openmeteo.csv", "nsrdb_psm4.csv", "sam_tmy.csv", "wtk.csv"),
    *("ninja_wind.csv", "ninja_pv_saved.csv", "pvgis_power.csv"),
)
FEW, MANY = 60, 600
"""Mutations of each file, and of each in `make validate`."""


def spoilt(text: str, draw: random.Random) -> bytes:
    """Return a file after one to three mishaps."""
    lines = text.splitlines()
    encoding, end = "utf-8", "\n"
    sign = ";" if ";" in lines[-1] else ","
    for _ in range(draw.randint(1, 3)):
        i, k = draw.randrange(len(lines)), draw.randrange(len(lines))
        mishap = draw.randrange(12)
        if mishap == 0:
            del lines[i]
        elif mishap == 1:
            lines.insert(i, lines[k])
        elif mishap == 2:
            lines[i], lines[k] = lines[k], lines[i]
        elif mishap == 3:
            # within the last cell of a row a cut cannot be seen
            lines[i] = lines[i][: draw.randrange(lines[i].rfind(sign) + 2)]
        elif mishap == 4:
            lines = lines[: max(i, 1)]
        elif mishap == 5:
            lines.insert(i, "")
        elif mishap == 6:
            lines.append(draw.choice(("Total,,1,1", "# end", "downloaded on 1 May 2023", ",,,,")))
        elif mishap == 7:
            cells = lines[i].split(sign)
            del cells[draw.randrange(len(cells))]
            lines[i] = sign.join(cells)
        elif mishap == 8:
            if sign == "," and draw.random() < 0.5:
                sign = draw.choice(";\t")
                lines = [line.replace(",", sign) for line in lines]
        elif mishap == 9:
            encoding = draw.choice(("utf-8-sig", "utf-16", "cp1252"))
        elif mishap == 10:
            end = draw.choice(("\r\n", "\r"))
        else:
            lines.insert(min(i, 3), draw.choice(("exported by hand", "# note", "a,b,c")))
        if not lines:
            lines = [""]
    return (end.join(lines) + end).encode(encoding, errors="replace")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("n", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_a_spoilt_weather_file_is_read_right_or_refused(tmp_path: Path, name: str, n: int) -> None:
    sound = HEADS / name
    table = read_table(sound, [])
    assert table is not None
    axis = time_axis(table, Description(), "UTC", [])
    assert axis is not None
    series, column = next((s, c) for s, c in fed_columns(table).items() if s.startswith(("temp", "ghi", "wind", "pv")))
    year = {"year": datetime.fromtimestamp(axis.first_s + 86400 * 5, UTC).year} if axis.is_typical else {}
    begin = datetime.fromtimestamp(axis.first_s, UTC)
    span_s = axis.n * axis.resolution_s

    def values(file: Path) -> list[float] | None:
        spec = series_spec(series, file=file, column=column, mode="hold", **year)
        loaded, findings = read_series({series: spec}, begin, float(span_s), timezone="UTC")
        if series not in loaded or any(f.severity == "error" for f in findings):
            return None
        return [round(loaded[series].at(float(t)), 9) for t in range(0, span_s, axis.resolution_s)]

    truth = values(sound)
    assert truth is not None
    n_read = 0
    text = sound.read_text(encoding="utf-8", errors="replace")
    for seed in range(n):
        file = tmp_path / f"{seed}{sound.suffix}"
        file.write_bytes(spoilt(text, random.Random(f"{name} {seed}")))
        found = values(file)
        assert found is None or found == truth, f"seed {seed}: {file.read_bytes()!r}"
        n_read += found is not None
    assert n_read > n // 20
