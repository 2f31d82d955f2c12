"""Numbers in series files: read as what they are, or refused; never as another number."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from h2plant.config.number_text import Signs
from h2plant.config.series_reader import load_series
from h2plant.config.tables.read import read_table
from h2plant.config.tables.values import column_values
from h2plant.plant.finding import Finding, PlantError
from tests.series_spec import series_spec

START = datetime(2023, 1, 1, tzinfo=UTC)
NAME = "load_kw"


def times(n: int) -> list[str]:
    return [f"{START + timedelta(hours=i):%Y-%m-%d %H:%M}" for i in range(n)]


def numbers(file: Path, n: int, **spec: object) -> list[float]:
    one = series_spec(NAME, file=file, column="load", **spec)  # type: ignore[arg-type]
    values = load_series({NAME: one}, START, n * 3600)[NAME].values[:n] / 1e3
    return [float(f"{v:.9g}") for v in values]


def csv(tmp_path: Path, cells: list[str], delimiter: str = ";") -> Path:
    quoted = [f'"{c}"' if delimiter in c else c for c in cells]
    rows = [delimiter.join(row) for row in zip(times(len(cells)), quoted, strict=True)]
    file = tmp_path / "load.csv"
    file.write_text("\n".join([f"time{delimiter}load", *rows]) + "\n")
    return file


@pytest.mark.parametrize(
    ("cells", "delimiter", "line"),
    [
        (["987", "1.012", "12.040"], ";", 3),
        (["987", "1,012", "12,040"], ";", 3),
        (["987", "1.012", "12.040"], "\t", 3),
        (["987", "1.012", "12.040"], ",", 3),
        (["987", "1,012", "12,040"], ",", 3),
        (["1.012", "2.044", "12.040"], ";", 2),
        (["", "-1.012", "0"], ";", 3),
        (["1500", "1.012", "2.044"], ",", 3),  # the first typed by hand
        (["12,5", "1.012", "7,25"], ";", 3),  # the comma parts decimals: the point cannot
        (["12,5", "1.012", "0.5"], ";", None),
    ],
)
def test_what_may_be_decimals_or_thousands_is_refused(tmp_path, cells, delimiter, line):
    file = csv(tmp_path, cells, delimiter)
    if line is None:
        assert numbers(file, 3) == [12.5, 1.012, 0.5]
        return
    with pytest.raises(PlantError) as error:
        numbers(file, 3)
    found = error.value.findings[0]
    assert (found.id, found.file, found.line) == ("ambiguous-number", file, line), str(found)
    assert "decimal: '" in found.remedy and "thousands: '" in found.remedy


@pytest.mark.parametrize(
    ("cells", "delimiter", "expected"),
    [
        (["0.471", "12.040", "7.125"], ",", [0.471, 12.04, 7.125]),
        (["1.471", "12.040", "7.125"], ",", [1.471, 12.04, 7.125]),  # as programs write it
        (["1.471", "12.040", "0"], ",", [1.471, 12.04, 0.0]),
        (["0.471", "12.040", "7.125"], ";", [0.471, 12.04, 7.125]),
        (["0,471", "12,040", "7,125"], ";", [0.471, 12.04, 7.125]),
        (["1.012", "12.5", "987"], ";", [1.012, 12.5, 987.0]),
        (["1.012", "12.0401", "3.000"], ";", [1.012, 12.0401, 3.0]),
        (["1012.345", "12.040", "3.000"], ";", [1012.345, 12.04, 3.0]),
        (["1.012", "1e3", "2.5e-1"], ";", [1.012, 1000.0, 0.25]),
        (["987", "1012", "12040"], ";", [987.0, 1012.0, 12040.0]),
        (["-1,5", "2,25", "3"], ";", [-1.5, 2.25, 3.0]),
    ],
)
def test_numbers_that_can_be_told_are_read(tmp_path, cells, delimiter, expected):
    assert numbers(csv(tmp_path, cells, delimiter), 3) == expected


def test_text_in_parquet_is_judged_like_csv(tmp_path):
    file = tmp_path / "load.parquet"
    pq.write_table(pa.table({"time": times(3), "load": ["987", "1.012", "12.040"]}), file)
    with pytest.raises(PlantError, match=r"load\.parquet:2: \[ambiguous-number\]"):
        numbers(file, 3)
    assert numbers(file, 3, thousands=".") == [987.0, 1012.0, 12040.0]


@pytest.mark.parametrize(
    ("cells", "signs", "expected"),
    [
        (["987", "1.012", "12.040"], {"thousands": "."}, [987.0, 1012.0, 12040.0]),
        (["987", "1.012", "12.040"], {"decimal": "."}, [987.0, 1.012, 12.04]),
        (["987", "1,012", "12,040"], {"thousands": ","}, [987.0, 1012.0, 12040.0]),
        (["987", "1,012", "12,040"], {"decimal": ","}, [987.0, 1.012, 12.04]),
        (["1.234,56", "1.234.567", "-0,5"], {"thousands": "."}, [1234.56, 1234567.0, -0.5]),
        (["1,234.56", "1,234,567", "-.5"], {"thousands": ",", "decimal": "."}, [1234.56, 1234567.0, -0.5]),
        (["1 234,56", "1\u202f234\u00a0567", "12.040"], {"thousands": " "}, [1234.56, 1234567.0, 12.04]),
        (["1'234.56", "1\u2019234", "12"], {"thousands": "'"}, [1234.56, 1234.0, 12.0]),
    ],
)
def test_signs_that_are_stated_decide(tmp_path, cells, signs, expected):
    assert numbers(csv(tmp_path, cells), 3, **signs) == expected


@pytest.mark.parametrize(
    ("cells", "signs", "remedy"),
    [
        (["1", "1.234,56", "3"], {}, 'thousands: "."'),
        (["1", "1,234.56", "3"], {}, 'thousands: ","'),
        (["1", "1.234.567", "3"], {}, 'thousands: "."'),
        (["1", "1 234", "3"], {}, 'thousands: " "'),
        (["1", "1'234", "3"], {}, 'thousands: "\'"'),
        (["1", "12.5", "3"], {"thousands": "."}, "plain numbers"),
        (["1", "1.2345", "3"], {"thousands": "."}, "plain numbers"),
        (["1", "1,5", "3"], {"decimal": "."}, "plain numbers"),
        (["1", "1.5", "3"], {"decimal": ","}, "plain numbers"),
        (["1", "1234.567", "3"], {"thousands": "."}, "plain numbers"),
    ],
)
def test_what_the_signs_do_not_allow_is_refused_with_what_to_say(tmp_path, cells, signs, remedy):
    with pytest.raises(PlantError) as error:
        numbers(csv(tmp_path, cells), 3, **signs)
    found = error.value.findings[0]
    assert (found.id, found.line) == ("not-a-number", 3) and remedy in found.remedy, str(found)


def written(value: float, n_decimals: int | None, decimal: str, thousands: str) -> str:
    """A number in the format of a country: that many decimals, or as many as it needs."""
    text = f"{value:,.{n_decimals}f}" if n_decimals is not None else f"{value:,.6f}".rstrip("0").rstrip(".")
    return text.replace(",", "t").replace(".", decimal).replace("t", thousands)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(
        st.one_of(
            st.integers(-2_000_000, 2_000_000),
            st.integers(-2_000_000, 2_000_000).map(lambda v: v / 1e3),
            st.integers(-9999, 9999).map(lambda v: v / 100),
        ),
        min_size=2,
        max_size=5,
    ),
    n_decimals=st.sampled_from([None, 0, 1, 2, 3]),
    decimal=st.sampled_from(".,"),
    thousands=st.sampled_from(["", ".", ",", " ", "'"]),
    delimiter=st.sampled_from(",;\t"),
    is_stated=st.booleans(),
)
def test_a_number_is_read_as_itself_or_refused(tmp_path, values, n_decimals, decimal, thousands, delimiter, is_stated):
    assume(decimal != thousands)
    cells = [written(v, n_decimals, decimal, thousands) for v in values]
    own = [round(v, 6 if n_decimals is None else n_decimals) for v in values]
    if delimiter == "," and thousands == "." and not is_stated:
        # there a point is taken as the decimal sign unless whole numbers stand beside it
        assume(any(0 < abs(v) < 1000 and float(v).is_integer() for v in own) and n_decimals in (None, 0))
    signs = {"decimal": decimal, **({"thousands": thousands} if thousands else {})} if is_stated else {}
    file = csv(tmp_path, cells, delimiter)
    try:
        found = numbers(file, len(cells), **signs)
    except PlantError as error:
        assert {f.id for f in error.findings} <= {"ambiguous-number", "not-a-number"}, str(error)
        assert not is_stated, cells
        return
    assert found == pytest.approx([float(written(v, n_decimals, ".", "")) for v in values], rel=1e-8), cells


def test_tables_without_an_entry_say_how_to_write_the_number(tmp_path):
    findings: list[Finding] = []
    table = read_table(csv(tmp_path, ["1.812", "1.795"]), findings)
    assert table is not None and column_values(table, "load", "load", findings) is None
    assert [(f.id, f.line) for f in findings] == [("ambiguous-number", 2)]
    assert "another count of decimals: '1.8120'" in findings[0].remedy and "entry" not in findings[0].remedy
    table = read_table(csv(tmp_path, ["1.8120", "1.795"]), findings)
    assert table is not None
    assert column_values(table, "load", "load", findings).tolist() == [1.812, 1.795]


def test_plain_keeps_what_is_plain():
    assert Signs(decimal=".").plain("12.040") == "12.040"
    assert Signs(thousands=".").plain("-1.234,5e2") == "-1234.5e2"
    assert Signs(thousands=".").plain("1.23") is None
