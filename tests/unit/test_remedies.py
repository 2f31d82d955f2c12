"""Small files, each wrong in one way: read right, with a note that says so, or refused by a finding that names it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from h2plant.config.series_reader import read_series
from tests.series_spec import series_spec

PRICE = "price_eur_per_mwh"
START = datetime(2023, 1, 13, tzinfo=UTC)
STAMPS = [f"2023-01-13T{h:02d}:00Z" for h in range(6)]
ROWS = [f"{stamp},{h}.5" for h, stamp in enumerate(STAMPS)]
PLAIN = ["time,price", *ROWS]
BEGIN = [0.5, 1.5, 2.5]
SHEET = ["Datum;Prijs;;;", *(f"{13 + h // 24}/01/2023 {h % 24:02d}:00;{h},5;;;" for h in range(30)), ";;;;", ";;;;"]


def lines(*texts: str) -> bytes:
    return ("\n".join(texts) + "\n").encode()


def read(tmp_path: Path, content: bytes, name: str = PRICE, **spec: object):
    file = tmp_path / "mine.csv"
    file.write_bytes(content)
    entry = series_spec(name, file=file, **{"column": "price", **spec})
    return read_series({name: entry}, START, 2 * 3600)


@pytest.mark.parametrize(
    ("content", "spec", "note"),
    [
        (lines("latitude,longitude", "52.0,5.0", "", *PLAIN), {}, "lines 1 to 2 before the header in line 4"),
        (lines(*PLAIN, "", "Source: the market", "Total,17.0"), {}, "lines 9 to 10 behind the rows"),
        (lines("time,price", ",EUR/MWh", *ROWS), {}, "line 2 taken for the units: EUR/MWh"),
        (lines("time,market,market", "time,price,load", *(f"{row},7" for row in ROWS)), {}, "line 1 before the header"),
        (lines("time,Price,Price", ",NL,DE", *(f"{row},7" for row in ROWS)), {"column": "NL"}, "line 1 before"),
        (lines("sep=;", *PLAIN).replace(b",", b";"), {}, "'sep=' in the first line"),
        (lines("date,hour,price", *(f"2023-01-13,{h},{h}.5" for h in range(24))), {}, "taken as UTC"),
        (lines("date,hour,price", *(f"2023-01-13,{h + 1},{h}.5" for h in range(24))), {}, "end of their interval"),
        (lines("Date;Time;price", *(f"13/01/2023;{h}:00;{h},5" for h in range(6))), {}, "taken as UTC"),
        (
            lines("tradingday,period,price", *(f"2023-01-13,{h + 1},{h}.5" for h in range(24))),
            {"date_column": "tradingday", "hour_column": "period"},
            "end of their interval",
        ),
        (lines("time,price", *(f"2023-01-13 {h + 1:02d}:00,{h}.5" for h in range(24))), {}, "end of their interval"),
        (lines(*SHEET), {"column": "Prijs"}, "taken as UTC"),
        (lines(*PLAIN[:4], "# the sensor was changed", *PLAIN[4:]), {}, "remarks in line 5"),
        (lines(*PLAIN[:4], "time,price", *PLAIN[4:]), {}, "the header again in line 5, where files were joined"),
        (lines("time,price", *(f"{row} EUR/MWh" for row in ROWS)), {}, "'EUR/MWh' in each cell of 'price'"),
        (lines("time;price", *(f"{s};€ {h},50" for h, s in enumerate(STAMPS))), {}, "'€' in each cell of 'price'"),
        (lines("time;price", *(f"{s};{h},50 €" for h, s in enumerate(STAMPS))), {}, "'€' in each cell of 'price'"),
        (lines("time,price", *reversed(ROWS)), {}, "rows turned round, as the newest stands first"),
        (lines(*(f'"{line}"' for line in PLAIN)), {}, "each line stood in quotes as a whole"),
        ("\n".join(PLAIN).encode("utf-16"), {}, "encoding UTF-16"),
        ("\n".join(PLAIN).encode("utf-16-le"), {}, "encoding UTF-16, without its mark"),
        (lines(*PLAIN).replace(b"price", b"price \x80"), {"column": "price €"}, "encoding Windows-1252"),
    ],
)  # fmt: skip
def test_oddity_is_read_and_noted(tmp_path, content, spec, note):
    series, findings = read(tmp_path, content, **spec)
    assert {f.severity for f in findings} == {"note"} and note in findings[0].what
    assert [round(value * 3.6e9, 9) for value in series[PRICE].values[:3]] == BEGIN


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + lines(*PLAIN),
        lines(*PLAIN).replace(b"\n", b"\r"),
        lines(*PLAIN).replace(b"\n", b"\r\n"),
        lines(*PLAIN).replace(b",", b"\t"),
        lines("time,price", *(f"{y}-01-13T{h:02d}:00Z,{h}.5" for y in (2023, 2024) for h in range(24))),
        lines(*(row.replace("5.5", "\u22125.5") for row in PLAIN)),
    ],
)
def test_what_changes_nothing_needs_no_note(tmp_path, content):
    series, findings = read(tmp_path, content)
    assert not findings
    assert [round(value * 3.6e9, 9) for value in series[PRICE].values[:3]] == BEGIN


def test_percent_and_power_in_cells_are_units(tmp_path):
    series, _ = read(tmp_path, lines("time,price", *(f"{row}%" for row in ROWS)), "load_frac")
    assert series["load_frac"].values.tolist()[:3] == pytest.approx([0.005, 0.015, 0.025])
    series, _ = read(tmp_path, lines("time,price", *(f"{row} MW" for row in ROWS)), "load_kw")
    assert series["load_kw"].values.tolist()[:3] == [0.5e6, 1.5e6, 2.5e6]


@pytest.mark.parametrize("dash", ["-", "--", "–", "—", "n/e", "#N/A"])
def test_dash_is_a_missing_value(tmp_path, dash):
    content = lines(*PLAIN[:2], f"{STAMPS[1]},{dash}", *PLAIN[3:])
    _, findings = read(tmp_path, content)
    assert [(f.id, f.line) for f in findings] == [("missing-value", 3)] and "fill: interpolate" in findings[0].remedy
    series, findings = read(tmp_path, content, is_filled=True)
    assert [f.id for f in findings] == ["filled-gap"] and round(series[PRICE].values[1] * 3.6e9, 9) == 0.5


@pytest.mark.parametrize(
    ("content", "spec", "id", "line", "words"),
    [
        (lines("tradingday,period,price", *(f"2023-01-13,{h + 1},{h}.5" for h in range(24))), {}, "no-time-column", 1,
         "'date_column: tradingday' and 'hour_column: period'"),
        (lines("Hour,2021,2022,2023", *(f"{h},1,2,3" for h in range(24))), {}, "wide-table", 1, "column for each year"),
        (lines(*PLAIN).replace(b"2023", b"2019"), {}, "series-too-short", 0, "covers 2019-01-13T00:00Z"),
        (lines(*PLAIN[:4], "The sensor was changed", *PLAIN[4:]), {}, "words-among-rows", 5, "put '#' before it"),
        (lines(*PLAIN[:4], "The sensor was changed,", *PLAIN[4:]), {}, "bad-time", 5, "words among the rows"),
        (lines(*PLAIN), {"column": "prise"}, "no-such-column", 1, "did you mean 'price'?"),
        (lines("time,price,state", *(f"{row},ok" for row in ROWS)), {"column": "stat"}, "no-such-column", 1, "'price'"),
        (lines("price,load", *(f"{h}.5,7" for h in range(6))), {}, "no-time-column", 1, "'time_column:'"),
        (lines(*PLAIN[:3], f'{STAMPS[2]},"2.5', *PLAIN[4:]), {}, "open-quote", 4, "is not closed"),
        (lines(*PLAIN[:3], f'"{STAMPS[2]},2.5', *PLAIN[4:]), {}, "open-quote", 4, "is not closed"),
        (lines(*PLAIN[:5], *PLAIN[3:]), {}, "overlap", 6, "delete lines 6 to 7: they are the same"),
        (lines(*PLAIN[:5], f"{STAMPS[2]},9", *PLAIN[4:]), {}, "overlap", 6, "1 of the 2 rows differ, as line 6"),
        (lines(*PLAIN).replace(b",", b" "), {}, "empty-file", 1, "each line is one cell"),
        (lines(*ROWS), {}, "empty-file", 1, "no line names the columns"),
        (lines("<!DOCTYPE html><html><body>Log in</body></html>"), {}, "unreadable-file", 1, "a web page"),
        (lines('{"time": ["2023-01-13"], "price": [1]}'), {}, "unreadable-file", 1, "JSON"),
    ],
)  # fmt: skip
def test_finding_names_the_cause(tmp_path, content, spec, id, line, words):
    series, findings = read(tmp_path, content, **spec)
    assert not series
    assert [(f.id, f.line) for f in findings] == [(id, line)]
    assert words in f"{findings[0].what}; {findings[0].remedy}"


@pytest.mark.parametrize(
    ("content", "spec", "words"),
    [
        (lines("time,price", *(f"{row} {'MW' if '0' in row[-3:] else 'kW'}" for row in ROWS)), {}, "'MW' and 'kW'"),
        (lines("time,price,state", *(f"{row},ok" for row in ROWS)), {"column": "state"}, "numbers stand in 'price'"),
        (lines("time;price", *(f"{s};1.234,5{h}" for h, s in enumerate(STAMPS))), {}, 'thousands: "."'),
        (lines("time,price", *(f"{1673568000 + 3600 * h},{h}.5" for h in range(6))), {}, "seconds since 1970"),
        (lines("time,price", *(f"{44939 + h / 24:.6f},{h}.5" for h in range(6))), {}, "as spreadsheets count"),
    ],
)  # fmt: skip
def test_cause_of_many_lines_is_named_in_each(tmp_path, content, spec, words):
    series, findings = read(tmp_path, content, **spec)
    assert not series and len(findings) == 6 and all(words in f.remedy for f in findings)
