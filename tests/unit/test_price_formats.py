"""Files of markets: each is taken for what it is, with the right first and last value, step and clock.

The files are short heads with the oddities of real ones; values and times are worked out by hand from what stands in
them (CET is UTC+1, CEST UTC+2; 2023-03-26, 2025-03-30, 2023-10-29 and 2025-10-26 are the days of the clock changes).
"""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from h2plant.config.series_reader import read_series
from h2plant.config.tables.axis import show_time, time_axis
from h2plant.config.tables.choice import choose
from h2plant.config.tables.read import read_table
from h2plant.config.tables.table import Flaws
from h2plant.config.tables.values import column_values
from h2plant.plant.finding import Finding
from h2plant.plant.series_spec import Description
from tests.market_mutations import mutation, wrong_values
from tests.series_spec import series_spec

FORMATS = Path(__file__).parents[1] / "data" / "formats"
PRICE = "price_eur_per_mwh"
NAN = float("nan")
ENTSOE = "an export of the ENTSO-E transparency platform"
SMARD = "a download of SMARD"
CHART = "a chart of energy-charts.info"
OMIE = "day-ahead prices of OMIE"
SEQUENCE_1 = {"filter": (("Sequence", "Sequence 1"),)}
SEQUENCE_3 = {"filter": (("Sequence", "Sequence 3"),)}
SEQUENCE_2 = {"filter": (("Sequence", "Sequence 2"),)}
BRUSSELS, BERLIN = "Europe/Brussels", "Europe/Berlin"
SEQUENCES = "entsoe_two_sequences.csv"
BEFORE = "entsoe_before_renewal.csv"
SPAIN, PORTUGAL = {"column": "price_spain_eur_per_mwh"}, {"column": "price_portugal_eur_per_mwh"}
BELGIUM = {"column": "Belgium [€/MWh] Calculated resolutions"}


def read(file: Path, name: str = PRICE, **spec: object):
    """Return table, axis and numbers of a series, and the findings."""
    findings: list[Finding] = []
    entry = series_spec(name, file=file, **spec)
    table = read_table(file, findings, entry.how)
    if table is None:
        return None, None, None, findings
    axis = time_axis(table, entry.how, "UTC", findings)
    choice = choose(table, entry, Flaws(file, findings))
    numbers = None if choice is None else column_values(table, choice.column, name, findings)
    return table, axis, numbers, findings


@pytest.mark.parametrize(
    ("name", "spec", "taken_for", "first", "step_s", "zone", "values"),
    [
        (SEQUENCES, SEQUENCE_1, ENTSOE, "2025-01-31T23:00Z", 900, BRUSSELS, [2.16, 2.16, NAN, NAN]),
        (SEQUENCES, SEQUENCE_2, ENTSOE, "2025-01-31T23:00Z", 900, BRUSSELS, [22.4, -7.4, -10.16, -5.3]),
        ("entsoe_october_marked.csv", {}, ENTSOE, "2025-10-25T23:30Z", 900, "offset", [*range(1, 12)]),
        ("entsoe_march_marked.csv", {}, ENTSOE, "2025-03-29T23:00Z", 3600, "offset", [10, 20, 30, 40]),
        ("entsoe_utc.csv", {}, ENTSOE, "2024-12-31T23:00Z", 3600, "UTC", [7, 8]),
        (BEFORE, {}, ENTSOE, "2023-10-28T22:00Z", 3600, BRUSSELS, [5, 6, 7, 8, NAN, NAN, 9]),
        ("smard_german.csv", {}, SMARD, "2025-10-25T23:00Z", 3600, BERLIN, [106.45, -1234.5, NAN, 0.09]),
        ("smard_english.csv", BELGIUM, SMARD, "2023-03-25T23:00Z", 3600, BERLIN, [11, 12, 13, 14]),
        ("smard_before_2023.csv", {}, SMARD, "2022-01-15T21:00Z", 3600, BERLIN, [39.01, 38.02, 37.03]),
        ("energy_charts_german.csv", {}, CHART, "2025-03-30T00:00Z", 3600, "offset", [51.2, 52.4, -3.25]),
        ("energy_charts_english.csv", {}, CHART, "2022-12-31T23:00Z", 900, "offset", [-5.17, -5.18, -5.19]),
    ],
)  # fmt: skip
def test_prices_of_a_market(name, spec, taken_for, first, step_s, zone, values):
    table, axis, numbers, findings = read(FORMATS / name, **spec)
    assert not findings and table.taken_for == taken_for
    assert (show_time(axis.first_s), axis.resolution_s, axis.zone, axis.at) == (first, step_s, zone, "start")
    assert axis.n == len(values) and not axis.gaps
    np.testing.assert_array_equal(numbers, values)


@pytest.mark.parametrize(
    ("name", "spec", "first", "last", "n", "value"),
    [
        # 24 hours, then 23: period 23 of the 26th begins at 23:00 CEST, the 27th ends with its third hour
        ("omie_march.1", SPAIN, "2023-03-24T23:00Z", "2023-03-27T01:00Z", 24 + 23 + 3, 3.25),
        ("omie_october.1", PORTUGAL, "2023-10-27T22:00Z", "2023-10-30T01:00Z", 24 + 25 + 2, 2.5),
    ],
)
def test_periods_of_omie_are_counted_through_the_clock_change(name, spec, first, last, n, value):
    table, axis, numbers, findings = read(FORMATS / name, **spec)
    assert not findings and table.taken_for == OMIE
    assert (show_time(axis.first_s), show_time(axis.first_s + axis.n * axis.resolution_s)) == (first, last)
    assert (axis.resolution_s, axis.n, len(axis.gaps)) == (3600, n, 0)
    assert numbers[24] == {"price_spain_eur_per_mwh": 1.25}.get(spec["column"], 1.5) and numbers[-1] == value


def at(file: Path, start: datetime, hours: float, **spec: object) -> list[float]:
    series, findings = read_series({PRICE: series_spec(PRICE, file=file, **spec)}, start, hours * 3600)
    assert [f.severity for f in findings] == ["note"] * len(findings)
    (one,) = series.values()
    step = int(one.resolution_s)
    return [round(one.at(k * step) * 3.6e9, 9) for k in range(round(hours * 3600 / step))]


def test_hours_that_become_quarter_hours():
    """ENTSO-E and OMIE: the last hours of September hold for four quarter hours each, then each has its own."""
    start = datetime(2025, 9, 30, 21, tzinfo=UTC)  # 23:00 CEST
    assert at(FORMATS / "entsoe_quarter_hours.csv", start, 2) == [23.5] * 4 + [0.25, 1.25, 2.25, 3.25]
    assert at(FORMATS / "omie_quarter_hours.1", start, 2, **SPAIN) == [24.25] * 4 + [1.25, 2.25, 3.25, 4.25]


def test_stamps_of_aemo_end_their_intervals_in_market_time():
    """23:55 market time (UTC+10) ends the five minutes that begin at 13:50 UTC; money is of another currency."""
    table, axis, _, findings = read(FORMATS / "aemo.csv")
    assert table.taken_for == "price and demand of AEMO"
    assert (show_time(axis.first_s), axis.resolution_s, axis.zone, axis.at, axis.n) == (
        *("2026-03-31T13:50Z", 300, "Etc/GMT-10", "end"), 3
    )  # fmt: skip
    (found,) = findings
    assert found.id == "unknown-unit" and "AUD/MWh" in found.what and "'scale:'" in found.remedy
    _, _, numbers, findings = read(FORMATS / "aemo.csv", unit="eur_per_mwh", scale=0.6)
    assert not findings and numbers.tolist() == [71.24, 65.31, -69.28]
    start = datetime(2026, 3, 31, 13, 50, tzinfo=UTC)
    assert at(FORMATS / "aemo.csv", start, 0.25, unit="eur_per_mwh", scale=0.6) == [42.744, 39.186, -41.568]


def test_table_of_smard_with_zones_asks_for_the_unit():
    file = FORMATS / "smard_zones.csv"
    _, axis, _, findings = read(file)
    assert (show_time(axis.first_s), axis.resolution_s, axis.n) == ("2020-10-24T23:00Z", 3600, 4)
    (found,) = findings
    assert found.id == "unknown-unit" and "'unit:'" in found.remedy
    start = datetime(2020, 10, 24, 23, tzinfo=UTC)
    assert at(file, start, 4, unit="eur_per_kwh", scale=0.01) == [35.0, 32.5, 31.25, 30.0]


def test_column_of_another_quantity_is_refused():
    """``[MWh]`` of SMARD is the energy of the interval, not power; energy-charts gives power."""
    load = "Netzlast [MWh] Originalauflösungen"
    _, _, _, findings = read(FORMATS / "smard_german.csv", "load_mw", column=load)
    assert [f.id for f in findings] == ["unknown-unit"] and "'MWh'" in findings[0].what
    _, _, numbers, findings = read(FORMATS / "energy_charts_english.csv", "load_mw", column="Load")
    assert not findings and numbers.tolist() == [39000.5, 38900.5, 38800.25]
    allowance = "CO2 Emissionszertifikate, Auktion DE"
    _, _, numbers, findings = read(FORMATS / "energy_charts_german.csv", "co2_price_eur_per_t", column=allowance)
    assert not findings and numbers.tolist() == [69.5, 69.5, 69.75]


@pytest.mark.parametrize(
    ("name", "spec", "id", "words"),
    [
        (SEQUENCES, {}, "several-rows", 'filter: {"Sequence": "Sequence 1"}'),
        (SEQUENCES, SEQUENCE_3, "no-such-row", "'Sequence 1' and 'Sequence 2'"),
        ("entsoe_utc.csv", {"timezone": "Europe/Paris"}, "zone-conflict", "timezone:"),
        ("omie_march.1", {}, "which-column", "column: price_portugal_eur_per_mwh"),
        ("smard_english.csv", {}, "which-column", "column: Germany/Luxembourg [€/MWh] Calculated resolutions"),
    ],
)  # fmt: skip
def test_what_a_file_leaves_open_is_asked(name, spec, id, words):
    findings = read(FORMATS / name, **spec)[3]
    assert [f.id for f in findings] == [id] and words in findings[0].remedy


def edited(tmp_path: Path, name: str, *changes: tuple[str, str]) -> Path:
    content = (FORMATS / name).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in content
        content = content.replace(old, new)
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    return file


def test_export_saved_anew_with_decimal_points_is_not_read_as_thousands(tmp_path):
    """A German download whose commas became points: 106.45 stays 106.45; 4.188 alone may be 4188."""
    file = edited(tmp_path, "smard_german.csv", ("106,45", "106.45"), ("-1.234,50", "-12.5"), ("0,09", "0.09"))
    _, _, numbers, findings = read(file)
    assert not findings and numbers.tolist()[:2] == [106.45, -12.5]
    file = edited(tmp_path, "smard_german.csv", ("106,45", "4.188"), ("-1.234,50", "3.860"), ("0,09", "3.655"))
    assert [f.id for f in read(file)[3]] == ["ambiguous-number"]


@pytest.mark.parametrize(
    ("name", "change", "id", "words"),
    [
        ("entsoe_march_marked.csv", ("01:00:00 (CET) -", "01:00:00 (CEST) -"), "bad-time", "not kept then"),
        (BEFORE, ('"8.00","EUR"', '"8.00","GBP"'), "unit-conflict", "'EUR' and 'GBP'"),
        ("omie_march.1", ("2023;03;26;23;", "2023;03;26;24;"), "bad-time", "24 periods, where OMIE has 23"),
        ("omie_march.1", ("2023;03;25;24;24.5;24.25;\n", ""), "bad-time", "23 periods, where OMIE has 24"),
        ("omie_march.1", ("2023;03;27;3;", "2023;02;29;3;"), "bad-time", "there is not"),
    ],
)
def test_broken_file_of_a_market(tmp_path, name, change, id, words):
    findings = read(edited(tmp_path, name, change), **(SPAIN if "omie" in name else {}))[3]
    assert [f.id for f in findings] == [id] and words in findings[0].what


def test_only_the_second_of_two_hours_is_known_by_its_mark(tmp_path):
    """The first 02:00 is missing: by order alone, the second would be taken for it."""
    file = edited(tmp_path, "entsoe_october_marked.csv")
    rows = [row for row in file.read_text(encoding="utf-8").splitlines() if "(CEST) - " not in row]
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    _, axis, _, findings = read(file)
    assert not findings and [gap[1:3] for gap in axis.gaps] == [(2, 6)]


def test_rows_before_the_header_are_passed_over_with_a_note(tmp_path):
    file = edited(tmp_path, "aemo.csv", ("REGION,", "Price and demand\n\nREGION,"))
    table = read(file)[0]
    assert table.taken_for == "price and demand of AEMO" and "line 1 before the header in line 3" in table.notes[0]


def test_daily_prices_have_no_rows_on_days_without_trade():
    file = FORMATS / "co2_daily.csv"
    spec = {"column": "EUA spot [EUR/tCO2]", "mode": "hold", "is_filled": True, "max_gap_h": 96.0}
    start = datetime(2024, 1, 5, tzinfo=UTC)
    name = "co2_price_eur_per_t"
    series, _ = read_series({name: series_spec(name, file=file, **spec)}, start, 5 * 86400)
    values = [series[name].at(day * 86400) * 1000 for day in range(5)]
    assert values == pytest.approx([75.5, 75.5, 75.5, 73.25, 72.0])
    _, findings = read_series({name: series_spec(name, file=file, column=spec["column"])}, start, 5 * 86400)
    assert [f.id for f in findings] == ["gap"] and "2 rows missing" in findings[0].what


@pytest.mark.parametrize(
    ("header", "row", "words"),
    [
        (["Date", *(f"Hour {h}-{h + 1}" for h in range(24))], "2023-01-01", "each hour of the day"),
        (["Datum", *map(str, range(1, 25))], "01.01.2023", "each hour of the day"),
        (["Area", "Day", *(f"{h:02d}:00" for h in range(24))], "NL,2023-01-01", "each hour of the day"),
        (["Hour", "2019", "2020", "2021"], "1", "each year (2019 to 2021)"),
    ],
)
def test_wide_table_is_found_as_such(tmp_path, header, row, words):
    file = tmp_path / "wide.csv"
    row += ",30.5" * (len(header) - 1 - row.count(","))
    file.write_text(f"{','.join(header)}\n{row}\n{row}\n", encoding="utf-8")
    findings = read(file)[3]
    assert [f.id for f in findings] == ["wide-table"] and words in findings[0].what


@pytest.mark.parametrize(("first", "n"), [(0, 12), pytest.param(12, 1500, marks=pytest.mark.slow)])
def test_spoilt_files_of_markets_are_read_right_or_refused(tmp_path, first, n):
    n_read = 0
    for seed in range(first, first + n):
        m = mutation(seed)
        is_read, wrong = wrong_values(m, tmp_path / "prices.csv")
        assert not wrong, f"seed {seed}: {m.drawn}: {wrong[:3]}"
        n_read += is_read
    assert n_read >= n // 4


def test_sequences_that_follow_one_another_are_asked(tmp_path):
    """Twenty quarter hours of one auction and then another were read as one series."""
    lines = (FORMATS / "entsoe_two_sequences.csv").read_text(encoding="utf-8").splitlines()
    first = [line for line in lines[1:] if "Sequence 1" in line]
    second = [line for line in lines[1:] if "Sequence 2" in line]
    file = tmp_path / "a.csv"
    file.write_text("\n".join([lines[0], *first[:2], *second[2:]]) + "\n", encoding="utf-8")
    findings: list[Finding] = []
    table = read_table(file, findings)
    assert table is not None and time_axis(table, Description(), "UTC", findings) is None
    assert [f.id for f in findings] == ["several-rows"]
