"""A user's own wiring and own series, CSV and Parquet, without touching Python."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import h2plant
from h2plant.config.starter import write_starter

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
SERIES = "  price_eur_per_mwh: {file: nl_2023, mode: hold}\n"


@pytest.fixture
def mine(tmp_path) -> Path:
    """The starter plant, to be changed."""
    return write_starter("mine", tmp_path)[0]


def change(file: Path, *changes: tuple[str, str]) -> None:
    text = file.read_text()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file.write_text(text)


def quarter_hours(day: datetime, n: int) -> list[datetime]:
    """The wall clock at n quarters of an hour from a UTC instant on, without offsets, as exchanges publish them."""
    return [(day + timedelta(minutes=15 * i)).astimezone(AMSTERDAM).replace(tzinfo=None) for i in range(n)]


# local midnight to local midnight: 23 h when the clock goes forward, 25 h when it goes back, 24 h else
DAYS = [(datetime(2023, 3, 25, 23, tzinfo=UTC), 23), (datetime(2023, 10, 28, 22, tzinfo=UTC), 25)]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize(("day", "hours"), DAYS)
def test_quarter_hour_prices_over_a_change_of_the_clock(mine, kind, day, hours):
    n = 4 * hours
    prices = [round(40.0 + 37.0 * np.sin(0.31 * i), 2) for i in range(n)]
    stamps = quarter_hours(day, n)
    file = mine.parent / f"prices.{kind}"
    if kind == "csv":
        rows = [f"{t:%Y-%m-%d %H:%M};{p:.2f}".replace(".", ",") for t, p in zip(stamps, prices, strict=True)]
        file.write_text("\n".join(["time;price", *rows]) + "\n")
    else:
        pq.write_table(pa.table({"time": pa.array(stamps, pa.timestamp("us")), "price": prices}), file)
    entry = f"{{file: {file.name}, column: price, timezone: Europe/Amsterdam}}\n"
    change(mine, (SERIES, f"  price_eur_per_mwh: {entry}"))

    no_fee = {"grid.import_fee_eur_per_mwh": 0.0}
    results = h2plant.run(mine, start=day, hours=hours, log_every_s=900, set=no_fee, out=mine.parent / "r")
    price = [name for name in results.columns if "price" in name and results.units[name] == "EUR/J"]
    assert price
    assert len(results) == n
    assert (results.time - np.datetime64(day.replace(tzinfo=None), "s")).astype(int).tolist() == [
        900 * i for i in range(n)
    ]
    # prices hold: the mean over each quarter of an hour is the price of that quarter of an hour
    assert results[price[0]] * 3.6e9 == pytest.approx(prices, rel=1e-9, abs=1e-9)
    # and money is what was drawn in each quarter times its price, in sum
    cost = float((results["grid.bus.power_w"] * 900.0 * results[price[0]]).sum())
    assert cost > 1.0
    figures = results.summary["key_figures"]
    cost += 75.0 * figures["imbalance_mwh"]  # heating that no rule foresees
    assert figures["electricity_net_cost_eur"] == pytest.approx(cost, rel=1e-9)


@pytest.mark.parametrize("resolution_min", [1, 15, 60])
def test_any_resolution_gives_the_same_means(mine, resolution_min):
    # a ramp of the air temperature, joined by lines: its mean over an hour is its middle, however it is sampled
    n = 3 * 60 // resolution_min + 1
    rows = [
        f"{(datetime(2023, 7, 3, tzinfo=UTC) + timedelta(minutes=resolution_min * i)).isoformat()},"
        f"{10.0 + 5.0 * i * resolution_min / 60.0:.9f}"
        for i in range(n)
    ]
    (mine.parent / "air.csv").write_text("\n".join(["time,air", *rows]) + "\n")
    change(mine, ("temp_air_degc: {file: nl_2023, mode: linear}", "temp_air_degc: {file: air.csv, column: air}"))
    results = h2plant.run(mine, start="2023-07-03", hours=3, log_every_s=3600, out=mine.parent / "r")
    air = next(name for name in results.columns if "temp_air" in name)
    assert results[air] - 273.15 == pytest.approx([12.5, 17.5, 22.5], abs=1e-9)


def test_local_times_that_the_clock_skips_are_refused_with_their_line(mine):
    rows = [f"2023-03-26 0{h}:{m:02d},50" for h in range(4) for m in (0, 15, 30, 45)]
    (mine.parent / "prices.csv").write_text("\n".join(["time,price", *rows]) + "\n")
    entry = "{file: prices.csv, column: price, timezone: Europe/Amsterdam}\n"
    change(mine, (SERIES, f"  price_eur_per_mwh: {entry}"))
    with pytest.raises(h2plant.PlantError, match=r"prices\.csv:10: \[nonexistent-time\]"):
        h2plant.run(mine, start="2023-03-25T23:00", hours=2, out=mine.parent / "r")
    assert not (mine.parent / "r").exists()


def test_own_wiring(mine):
    # two stacks of half the size, mixed into the same drum, and the tank split into two in a row of links
    change(
        mine,
        ("  stack: {kind: pem_stack, rated_power_mw: 1}\n",
         "  left: &half {kind: pem_stack, rated_power_kw: 500, n_cells: 68, cooling_share_frac: 0.5}\n"
         "  right: {<<: *half}\n"
         "  collector: {kind: mixer}\n"),
        ("unit_power_mw: 1, ", "unit_power_mw: 0.5, "),
        ("rectifier.loads -> stack.power", "rectifier.loads -> [left.power, right.power]"),
        ("line.unit_setpoints -> stack.setpoint", "line.unit_setpoints -> [left.setpoint, right.setpoint]"),
        ("stack.hours -> line.unit_hours", "[left.hours, right.hours] -> line.unit_hours"),
        ("stack.ready -> line.unit_ready", "[left.ready, right.ready] -> line.unit_ready"),
        ("stack.water_demand -> water.demand", "left.water_demand -> water.demand\n"
         "  - right.water_demand -> water_2.demand\n  - water_2.outlet -> right.water"),
        ("  water: {kind", "  water_2: {kind: water_source, pressure_bar: 3}\n  water: {kind"),
        ("water.outlet -> stack.water\n", "water.outlet -> left.water\n"),
        ("exchanger.conductance -> stack.cooling_conductance",
         "exchanger.conductance -> [left.cooling_conductance, right.cooling_conductance]"),
        ("[stack.coolant_temperature, ", "[left.coolant_temperature, right.coolant_temperature, "),
        ("[stack.heat, cooler.heat]", "[left.heat, right.heat, cooler.heat]"),
        ("stack.hydrogen -> drum.inlet", "[left.hydrogen, right.hydrogen] -> collector.inlets\n"
         "  - collector.outlet -> drum.inlet"),
    )  # fmt: skip
    plant = h2plant.load(mine)
    assert plant.components["right"].values["rated_power_w"] == 5e5
    results = h2plant.run(mine, start="2023-07-03", hours=4, out=mine.parent / "r")
    assert results.summary["performance"]["n_components"] == len(plant.components) == 19
    left, right = results["left.power.power_w"], results["right.power.power_w"]
    assert left.max() > 4e5 and right.max() > 4e5
    assert results.summary["key_figures"]["hydrogen_made_kg"] > 10.0
    assert results.summary["residuals"]["worst_relative"] < 1e-9


def test_parameters_from_python(mine):
    plant = h2plant.load(mine, {"tank.n_vessels": 5, "stack.rated_power_kw": "900"})
    assert (plant.components["tank"].values["n_vessels"], plant.components["stack"].values["rated_power_w"]) == (5, 9e5)
    with pytest.raises(h2plant.PlantError, match="unknown-parameter"):
        h2plant.load(mine, {"tank.vessels": 5})
    steps = []
    results = h2plant.run(
        mine, start="2023-07-03", hours=1, step_s=30, set={"tank.n_vessels": 5}, on_progress=steps.append,
        out=mine.parent / "r",
    )  # fmt: skip
    assert (steps[0], steps[-1]) == (0, 120)
    assert h2plant.Results(mine.parent / "r").summary == results.summary
