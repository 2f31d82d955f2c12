"""Prices in other currencies: by the mean rate of the price's year, with a note; what nobody knows is asked."""

import itertools
from datetime import UTC, datetime
from pathlib import Path

import pytest

from h2plant.config.series_entry import parse_series, series_content
from h2plant.config.series_reader import read_series
from h2plant.config.yaml_source import read_yaml
from h2plant.economics.price_level import USD_PER_EUR
from h2plant.plant.exchange import CURRENCIES, PER_EUR

PRICE = "price_eur_per_mwh"
NEW_YEAR = datetime(2022, 12, 31, 23, tzinfo=UTC)


def read(tmp_path: Path, header: str, entry: str, start: datetime = NEW_YEAR, name: str = PRICE):
    """Return two hours of a file of ones in the unit of the series, with all findings; one is of each year."""
    rows = [f"{day}T{h:02}:00Z;1" for day in ("2022-12-31", "2023-01-01") for h in range(24)]
    (tmp_path / "a.csv").write_text("\n".join([f"time;{header}", *rows]), encoding="utf-8")
    (tmp_path / "s.yaml").write_text(f"{name}: {{{entry}}}\n", encoding="utf-8")
    findings = []
    node = read_yaml(tmp_path / "s.yaml", findings)
    (given,) = node.entries.values()
    spec = parse_series(name, given.node, given.line, tmp_path / "s.yaml", findings)
    if spec is None:
        return None, findings
    series, found = read_series({name: spec}, start, 2 * 3600)
    one = series.get(name)
    return one and [one.at(k * 3600) / spec.si.factor for k in range(2)], [*findings, *found]


@pytest.mark.parametrize(
    ("header", "entry", "currency", "factor"),
    [
        ("price_gbp_per_mwh", "file: a.csv", "GBP", 1.0),
        ("price_gbp_per_mwh", "file: a.csv, column: price_gbp_per_mwh", "GBP", 1.0),
        ("price [NOK/kWh]", "file: a.csv", "NOK", 1000.0),
        ("price £/MWh", "file: a.csv", "GBP", 1.0),
        ("SpotPriceDKK", "file: a.csv, column: SpotPriceDKK", "DKK", 1.0),
        ("price", "file: a.csv, column: price, currency: PLN", "PLN", 1.0),
        ("price", "file: a.csv, column: price, unit: sek_per_kwh", "SEK", 1000.0),
        ("price $/MWh", "file: a.csv, currency: usd", "USD", 1.0),
        ("price", "values: [1, 1], resolution_h: 1, start: '2022-12-31T23:00Z', currency: CHF", "CHF", 1.0),
    ],
)
def test_each_price_goes_by_the_rate_of_its_year(
    tmp_path: Path, header: str, entry: str, currency: str, factor: float
) -> None:
    rate = PER_EUR[currency]
    found, findings = read(tmp_path, header, entry)
    assert found == pytest.approx([factor / rate[2022], factor / rate[2023]], rel=1e-12)
    assert {f.severity for f in findings} == {"note"}
    (note,) = (f for f in findings if f.id == "currency")
    assert f"from {currency} at {rate[2022]:g} in 2022, {rate[2023]:g} in 2023" in note.what and note.line == 1


def test_a_constant_goes_by_the_year_of_the_run_and_a_rate_of_ones_own_by_itself(tmp_path: Path) -> None:
    found, _ = read(tmp_path, "", "constant: 50, currency: GBP")
    assert found == pytest.approx([50.0 / PER_EUR["GBP"][2022]] * 2)
    found, findings = read(tmp_path, "price AUD/MWh", "file: a.csv, per_eur: 1.6")
    assert found == pytest.approx([1.0 / 1.6] * 2) and "1.6 for a euro" in str(findings)
    found, _ = read(tmp_path, "price", "file: a.csv, column: price, currency: XYZ, per_eur: 4")
    assert found == pytest.approx([0.25] * 2)


def test_hydrogen_has_currencies_too(tmp_path: Path) -> None:
    found, _ = read(tmp_path, "h2_price_usd_per_kg", "file: a.csv", name="h2_price_eur_per_kg")
    assert found == pytest.approx([1.0 / 1.0530, 1.0 / 1.0813])


@pytest.mark.parametrize(
    ("header", "entry", "id", "says"),
    [
        ("price", "file: a.csv, currency: XYZ", "unknown-currency", "'per_eur:'"),
        ("price $/MWh", "file: a.csv", "unknown-unit", "which money"),
        ("price AUD/MWh", "file: a.csv", "unknown-unit", "how many AUD a euro was"),
        ("price [GBP/MWh]", "file: a.csv, currency: NOK", "unit-conflict", "drop 'currency:'"),
        ("price [GBP/MWh]", "file: a.csv, unit: eur_per_mwh", "unknown-unit", "not converted"),
        ("price [GBP/kg]", "file: a.csv", "unknown-unit", "not converted"),
        ("price_xyz_per_mwh", "file: a.csv", "unknown-unit", "'currency:'"),
        ("price", "file: a.csv, currency: EUR, per_eur: 2", "unused-key", "means nothing for euros"),
    ],
)
def test_what_nobody_knows_is_a_finding(tmp_path: Path, header: str, entry: str, id: str, says: str) -> None:
    found, findings = read(tmp_path, header, entry)
    errors = [f for f in findings if f.severity == "error"]
    assert found is None and [f.id for f in errors] == [id] and says in str(errors[0])
    assert errors[0].line == 1


def test_a_year_without_a_rate_is_a_finding(tmp_path: Path) -> None:
    found, findings = read(tmp_path, "", "constant: 50, currency: NOK", datetime(2031, 1, 1, tzinfo=UTC))
    (error,) = findings
    assert found is None and error.id == "unknown-currency" and "of NOK for 2031, only for 2015 to 2024" in error.what
    assert "'per_eur:'" in error.remedy


def test_money_of_what_is_no_price(tmp_path: Path) -> None:
    _, findings = read(tmp_path, "t", "constant: 5, currency: GBP", name="temp_air_degc")
    assert [f.id for f in findings] == ["unused-key"]


def test_an_entry_keeps_its_currency(tmp_path: Path) -> None:
    findings = []
    (tmp_path / "s.yaml").write_text(f"{PRICE}: {{constant: 50, currency: gbp, per_eur: 0.9}}\n", encoding="utf-8")
    (given,) = read_yaml(tmp_path / "s.yaml", findings).entries.values()
    spec = parse_series(PRICE, given.node, 1, tmp_path / "s.yaml", findings)
    assert not findings and series_content(spec) == {"constant": 50.0, "currency": "GBP", "per_eur": 0.9}


def test_rates_are_whole_and_near_what_is_known() -> None:
    for currency, rates in PER_EUR.items():
        years = sorted(rates)
        assert years == list(range(years[0], 2025)) and years[0] <= 2015, currency
        for before, after in itertools.pairwise(years):
            assert abs(rates[after] / rates[before] - 1.0) < 0.2, (currency, after)  # a slip of the pen
    assert USD_PER_EUR is PER_EUR["USD"] and CURRENCIES[0] == "EUR"
    # yearly means of 2018 by GC Rieber, of 2021 by Geberit (by way of CHF) and NBP
    assert PER_EUR["NOK"][2018] == pytest.approx(9.60, abs=0.005)
    for currency, chf, of in (("GBP", 1.2584, 1), ("NOK", 10.654, 100), ("SEK", 10.671, 100), ("PLN", 23.707, 100)):
        assert PER_EUR[currency][2021] == pytest.approx(of * 1.0833 / chf, rel=0.004)
    assert PER_EUR["PLN"][2021] == pytest.approx(4.567, rel=0.001)
