"""What no reader of a file foresaw is told at the door, with the file; the fuzz counts it as a failure."""

from pathlib import Path

import pytest

from benchmarks.fuzz import outcome
from benchmarks.fuzz.outcome import outcome_of
from h2plant.config.load import load_plant
from h2plant.config.scenario import load_scenario
from h2plant.config.series_reader import load_series
from h2plant.config.tables import clock, plain, values
from h2plant.config.tables.look import look_at
from h2plant.config.tables.read import read_table
from h2plant.core.error import UserError
from h2plant.fitting.points import read_points
from h2plant.plant.door import UnforeseenError, door
from h2plant.plant.finding import Finding, PlantError
from tests.command import h2plant
from tests.series_spec import series_spec

CSV = "time_utc,price_eur_per_mwh\n2023-01-01T00:00Z,40\n2023-01-01T01:00Z,41\n2023-01-01T02:00Z,42\n"


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    file = tmp_path / "prices.csv"
    file.write_text(CSV, encoding="utf-8")
    return file


def raises(error: Exception):
    def one(*_: object, **__: object) -> None:
        raise error

    return one


@pytest.mark.parametrize(
    "error",
    [
        ValueError("not '9'"),
        OverflowError("large"),
        KeyError("hour"),
        IndexError(),
        RecursionError(),
        TypeError(),
        AttributeError("name"),
        UnicodeDecodeError("utf-8", b"", 0, 1, "x"),
    ],
)
def test_a_conversion_that_raises_is_told_with_file_and_place(error: Exception, prices: Path, monkeypatch) -> None:
    monkeypatch.setattr(plain, "_header", raises(error))
    findings: list[Finding] = []
    assert read_table(prices, findings) is None
    (found,) = findings
    assert found.file == prices and found.id == "unforeseen" and "report it" in found.remedy
    assert type(error).__name__ in found.what and "config/tables/plain.py:" in found.what
    with pytest.raises(UnforeseenError) as told, door(prices):
        raise error
    assert told.value.__cause__ is error


def test_all_ways_of_a_table_lead_through_a_door(prices: Path, monkeypatch) -> None:
    spec = series_spec("price_eur_per_mwh", file=prices)
    start = load_scenario("minimal_day").start
    for module, name in ((clock, "_unsaid"), (clock, "_by_offset"), (values, "_numbers")):
        monkeypatch.setattr(module, name, raises(OverflowError("large")))
    points = Path("example_pem.csv")
    for name, read in (
        ("prices", lambda: look_at(prices)),
        ("prices", lambda: load_series({spec.name: spec}, start, 3600.0)),
        ("example_pem", lambda: read_points(points)),
    ):
        with pytest.raises(PlantError, match=rf"{name}\.csv: \[unforeseen\]"):
            read()
    answer = h2plant("look", prices)
    assert answer.exit_code == 2 and "did not foresee" in answer.text and "Traceback" not in answer.text


def test_a_plant_and_a_scenario_are_named(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "mine.yaml").write_text("h2plant: 1\nname: mine\nplant: minimal\nhours: 1\n", encoding="utf-8")
    monkeypatch.setattr("h2plant.config.load.check_plant", raises(TypeError("None")))
    with pytest.raises(PlantError, match=r"^minimal: \[unforeseen\].*TypeError: None; config/load\.py"):
        load_plant("minimal")
    monkeypatch.setattr("h2plant.config.scenario.check_scenario", raises(LookupError("x")))
    with pytest.raises(PlantError, match=r"mine\.yaml: \[unforeseen\]"):
        load_scenario(tmp_path / "mine.yaml")


def test_no_other_error_is_told_so() -> None:
    for error in (
        UserError("mend it"),
        AssertionError("law"),
        RuntimeError("step"),
        OSError("disk"),
    ):
        with pytest.raises(type(error)) as told, door("file.csv"):
            raise error
        assert told.value is error


def test_the_fuzz_counts_what_is_caught_even_if_nobody_hears_of_it(prices: Path, monkeypatch) -> None:
    monkeypatch.setattr(plain, "_header", raises(ValueError("not '9'")))
    monkeypatch.setattr(outcome, "peak_mb", lambda: 0.0)  # of other tests, in the same process

    for read in (lambda: read_table(prices, []), lambda: look_at(prices)):
        one = outcome_of("any", 0, read)
        assert one.end == "caught" and not one.is_good and "not '9'" in one.text and "plain.py" in one.text
    assert outcome_of("any", 0, lambda: None).end == "read"
