"""Rules that command batteries: a day of each by hand; what batteries do by default; check; origin."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import h2plant
from h2plant.components import KIND_BY_NAME
from h2plant.config.bundled import PLANTS
from h2plant.config.load import load_plant
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.constants import EUR_PER_MWH, J_PER_KWH
from h2plant.core.role import Dispatch
from h2plant.plant.finding import PlantError
from h2plant.results.totals import Totals
from h2plant.session.session import ProgramRun, load_run
from h2plant.testing import Rig
from tests.block_plant import block_plant
from tests.laws.test_power_served import log_of
from tests.lines import rule_with

HOUR_S = 3600.0
MW = 1.0e6
LINE = {
    **{"maximum": 1.0 * MW, "minimum": 0.2 * MW, "reach": -1.0, "start_margin": 1.0, "is_making": 1.0},
    **{"min_up": 0.0, "min_down": 0.0, "held": 7200.0, "specific_energy": 58.0 * J_PER_KWH},
}


class Day:
    """A rule with a line of 1 MW and a lossless battery of 1 MWh and 0.5 MW, by the hour."""

    def __init__(self, kind: str, held_mwh: float, accepts_mw: float, limit_mw: float, **parameters: float) -> None:
        self.rig = rule_with(KIND_BY_NAME[kind], LINE, batteries=1, is_plain=True, **parameters)
        self.held_mwh = held_mwh
        self.rig.set_signal("grid_accepts", accepts_mw * MW)
        self.rig.set_signal("grid_limit", limit_mw * MW)

    def hour(self, own_mw: float, price: float = 0.0) -> tuple[float, float]:
        """Run an hour; returns the power of the line and what the battery took (below 0: gave), MW."""
        charge, discharge = min(0.5, 1.0 - self.held_mwh), min(0.5, self.held_mwh)
        for port, value in (("battery_charge", charge), ("battery_discharge", discharge), ("available_power", own_mw)):
            self.rig.set_signal(port, value * MW)
        if self.rig.has("target_level_frac"):
            self.rig.set_signal("battery_level", self.held_mwh)
        self.rig.set_signal("price", price * EUR_PER_MWH)
        self.rig.step(1, HOUR_S)
        share = self.rig.signal("battery_share")
        taken = share * (charge if share > 0.0 else discharge)
        self.held_mwh += taken
        line = self.rig.line("setpoint") / MW
        bought, sold = self.rig.field("planned_import_w") / MW, self.rig.field("planned_export_w") / MW
        assert own_mw + bought == pytest.approx(line + taken + sold, abs=1e-12)  # every hour adds up
        return line, taken


def test_a_day_of_smoothing_by_hand() -> None:
    """tau = 1 h: the smoothed power keeps 1/e of its distance from hour to hour. Half full; no pull to that level.

    A lull at 6 (0.1 MW): 0.8 - 0.7 (1 - 1/e) = 0.357516 MW. The calm from 12 on: the line comes down to its minimum at
    13, and what is left does not carry it at 14. The gale from 18 on: 0.5 MW, and then the 0.494944 that have room,
    are charged; the line starts anew. It started twice; by own power alone three times.
    """
    own = [0.8] * 6 + [0.1] + [0.8] * 5 + [0.0] * 6 + [1.6] * 6
    line = [0.8] * 6 + [0.357516, 0.637220, 0.740116, 0.777970, 0.791896, 0.797019, 0.293207, 0.2]
    line += [0.0] * 4 + [1.0] * 6
    taken = [0.0] * 6 + [-0.257516, 0.162780, 0.059884, 0.022030, 0.008104, 0.002981, -0.293207, -0.2]
    taken += [0.0] * 4 + [0.5, 0.494944] + [0.0] * 4
    day = Day("battery_smoothing", 0.5, 9.0, 0.0, smoothing_time_s=HOUR_S, level_gain_ratio=0.0, purchase_limit_w=0.0)
    found = [day.hour(mw) for mw in own]
    assert [power for power, _ in found] == pytest.approx(line, abs=1e-6)
    assert [power for _, power in found] == pytest.approx(taken, abs=5e-6)
    assert day.rig.field("n_starts_avoided") == 1.0
    assert _starts([power for power, _ in found]) == 2
    alone = rule_with(KIND_BY_NAME["follow_wind"], LINE, is_plain=True, purchase_limit_w=0.0)
    powers = []
    for mw in own:
        alone.set_signal("available_power", mw * MW)
        alone.step(1, HOUR_S)
        powers.append(alone.line("setpoint"))
    assert _starts(powers) == 3


def _starts(powers: list[float]) -> int:
    return sum(now > 0.0 >= before for before, now in zip([0.0, *powers], powers, strict=False))


def test_smoothing_brings_the_battery_back_to_its_level() -> None:
    """A steady 0.5 MW and a battery at 0.8: it gives (0.8 - 0.5) of the 0.5 MW that it can, less and less."""
    day = Day("battery_smoothing", 0.8, 9.0, 0.0, smoothing_time_s=HOUR_S, purchase_limit_w=0.0)
    line, taken = day.hour(0.5)
    assert (line, taken) == (pytest.approx(0.5), 0.0)  # at rest it gives nothing: the line starts on own power
    line, taken = day.hour(0.5)
    assert (line, taken) == (pytest.approx(0.65), pytest.approx(-0.15))
    for _ in range(20):
        day.hour(0.5)
    assert day.held_mwh == pytest.approx(0.5, abs=1e-3)


def test_a_blackout_leaves_no_trace_in_the_smoothed_power() -> None:
    """The bus asks for 10^12 W while it is dark: lines are off, own power goes on being smoothed as it is."""
    day = Day("battery_smoothing", 0.5, 9.0, 0.0, smoothing_time_s=HOUR_S, level_gain_ratio=0.0, purchase_limit_w=0.0)
    day.hour(0.8)
    day.rig.set_signal("reserve", 1.0e12)
    line, _ = day.hour(0.8)
    assert line == 0.0
    assert day.rig.field("smooth_w") == pytest.approx(0.8 * MW)
    day.rig.set_signal("reserve", 0.0)
    assert day.hour(0.8)[0] == pytest.approx(0.8)


def test_a_day_of_arbitrage_by_hand() -> None:
    """No own power; cheap below 50, dear above 110 EUR/MWh; hydrogen is worth 9.6 EUR/kg / 58 kWh/kg = 165.5 EUR/MWh.

    Two hours at 40 fill the battery from the grid; it waits at 90 and 60. At 150 its power makes hydrogen, at 200 it is
    sold, and then it is empty. Bought 1 MWh for 40 EUR; half of it became 8.6 kg, half was sold for 100 EUR.
    """
    prices = [40.0] * 6 + [90.0] * 4 + [60.0] * 6 + [150.0, 200.0, 150.0, 150.0, 150.0] + [70.0] * 3
    day = Day("battery_arbitrage", 0.0, 2.0, 1.0)
    found = [day.hour(0.0, price) for price in prices]
    assert [taken for _, taken in found] == [0.5, 0.5, *[0.0] * 14, -0.5, -0.5, *[0.0] * 6]
    assert [line for line, _ in found] == [*[0.0] * 16, 0.5, *[0.0] * 7]


def test_arbitrage_takes_what_would_be_curtailed_and_gives_what_the_grid_cannot() -> None:
    day = Day("battery_arbitrage", 0.2, 0.0, 0.0, purchase_limit_w=0.0)
    assert day.hour(1.3, 80.0) == (pytest.approx(1.0), pytest.approx(0.3))  # neither cheap nor dear
    day.rig.set_signal("auxiliary_load", 0.1 * MW)
    day.rig.set_signal("grid_limit", 0.06 * MW)
    day.rig.set_signal("available_power", 0.0)
    day.rig.set_signal("battery_charge", 0.5 * MW)
    day.rig.set_signal("battery_discharge", 0.5 * MW)
    day.rig.step(1, HOUR_S)
    assert day.rig.signal("battery_share") * 0.5 == pytest.approx(-0.04)
    assert day.rig.field("planned_import_w") == pytest.approx(0.06 * MW)


def test_prices_of_arbitrage_come_to_rest_at_the_shares_asked_for() -> None:
    """Prices drawn evenly from 0 to 100: a quarter of them lies below 25, and above 75."""
    draw = np.random.default_rng(3)
    rig = rule_with(
        *(KIND_BY_NAME["battery_arbitrage"], LINE),
        is_plain=True,
        batteries=1,
        price_memory_s=30.0 * 86400.0,
        charge_price_eur_per_j=5.0 * EUR_PER_MWH,
        discharge_price_eur_per_j=95.0 * EUR_PER_MWH,
    )
    found = []
    for price in draw.uniform(0.0, 100.0, 24 * 365):
        rig.set_signal("price", price * EUR_PER_MWH)
        rig.step(1, HOUR_S)
        found.append([rig.field(f"{name}_price_eur_per_j") / EUR_PER_MWH for name in ("low", "high")])
    low, high = np.array(found[len(found) // 2 :]).mean(axis=0)
    assert (low, high) == (pytest.approx(25.0, abs=2.0), pytest.approx(75.0, abs=2.0))


@pytest.mark.parametrize("kind", ["follow_wind", "hybrid_arbitrage", "price_threshold", "economic_spot", "soec_only"])
def test_by_default_batteries_take_what_would_be_curtailed_and_give_before_import(kind: str) -> None:
    """1.8 MW of wind, 1 for the line, 0.5 taken by the grid: 0.3 are charged. A calm: 0.2 of auxiliaries are given."""
    day = Day(kind, 0.4, 0.5, 5.0, purchase_limit_w=0.0)
    day.rig.set_line("lines", 0, price_limit=100.0 * EUR_PER_MWH)
    day.rig.step(0)
    line, taken = day.hour(1.8, 60.0)
    assert (line, taken) == (pytest.approx(1.0), pytest.approx(0.3))
    day.rig.set_signal("auxiliary_load", 0.2 * MW)
    day.rig.set_signal("available_power", 0.0)
    day.rig.step(1, HOUR_S)
    assert day.rig.signal("battery_share") * 0.4 == pytest.approx(-0.2)  # of the 0.4 that it held before
    assert day.rig.field("planned_import_w") == pytest.approx(0.0, abs=1e-6)


def battery_plant(folder: Path, rule: str = "battery_smoothing", battery: str = "power_mw: 0.5, energy_mwh: 1") -> Path:
    """Write the minimal plant with 2 MW of wind and a battery; returns its file."""
    text = (PLANTS / "minimal.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("rule: {kind: price_threshold}", f"rule: {{kind: {rule}}}"),
        ("series:\n", "series:\n  wind_power_pu: {file: nl_2023, mode: linear}\n"),
        (
            "components:\n",
            "components:\n  wind: {kind: wind_farm, capacity_mw: 2}\n  battery: {kind: battery, " + battery + "}\n",
        ),
        (
            "links:\n",
            "links:\n  - wind.power -> bus.supplies\n  - battery.discharge -> bus.supplies\n"
            "  - bus.consumers -> [battery.charge, battery.auxiliaries]\n",
        ),
        ("n_vessels: 4,", "n_vessels: 40,"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    file = folder / "plant.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_rule_does_not_count_what_it_commands_as_an_auxiliary(tmp_path: Path) -> None:
    plant = load_plant(battery_plant(tmp_path))
    read = {str(link.source) for link in plant.default_links() if str(link.target) == "rule.auxiliary_load"}
    assert "battery.auxiliaries" in read and "battery.charge" not in read
    links = {str(link) for link in plant.default_links()}
    assert {"rule.battery_share -> battery.share", "battery.can_charge -> rule.battery_charge"} <= links


def test_a_battery_that_nothing_commands_is_a_finding(tmp_path: Path) -> None:
    file = battery_plant(tmp_path)
    text = file.read_text(encoding="utf-8")
    bare = text.replace("  rule: {kind: battery_smoothing}\n", "").replace("  - tank.level -> rule.storage_level\n", "")
    bare = bare.replace("  - line.line -> rule.lines\n", "  - series.wanted_mw -> line.setpoint\n")
    bare = bare.replace("series:\n", "series:\n  wanted_mw: {constant: 0.5}\n", 1)
    file.write_text(bare, encoding="utf-8")
    with pytest.raises(PlantError) as stopped:
        load_plant(file)
    (finding,) = stopped.value.findings
    assert (finding.id, finding.where) == ("battery-idle", "battery")
    assert finding.line == bare.splitlines().index(next(x for x in bare.splitlines() if "battery: {" in x)) + 1
    assert "add a rule of dispatch" in finding.remedy and "battery.setpoint" in finding.remedy
    file.write_text(bare.replace("links:\n", "links:\n  - series.wanted_mw -> battery.setpoint\n", 1), encoding="utf-8")
    assert load_plant(file).of_role(Dispatch) == {}


@pytest.mark.long
def test_smoothing_avoids_starts_of_a_windy_autumn(tmp_path: Path) -> None:
    """September and October with and without: fewer starts, more hydrogen, and the counter says about how many."""
    found = {}
    for rule in ("battery_smoothing", "follow_wind"):
        scenario = changed_scenario(load_scenario(battery_plant(tmp_path, rule)), 1440.0, "2023-09-01", 60, 3600)
        loaded = load_run(scenario)
        run = ProgramRun(loaded.program())
        run.begin()
        run.engine.run(loaded.n_steps)
        found[rule] = Totals(run.program, run.ledger(), loaded.plant)
    with_, without = (found[rule] for rule in ("battery_smoothing", "follow_wind"))
    avoided = without.sum("starts") - with_.sum("starts")
    assert avoided > 0.0 and with_.sum("made_kg") > without.sum("made_kg")
    assert 0.0 < with_.sum("starts_avoided") <= 3.0 * avoided
    assert without.quantity("starts_avoided") == {}


@pytest.mark.long
def test_every_minute_adds_up_with_a_battery_and_its_losses_are_what_is_used(tmp_path: Path) -> None:
    scenario = changed_scenario(load_scenario(battery_plant(tmp_path)), 48.0, "2023-04-01", 60, 60)
    run, log = log_of(load_run(scenario))
    net = log["battery.charge.power_w"] + log["battery.auxiliaries.power_w"] - log["battery.discharge.power_w"]
    totals = Totals(run.program, run.ledger())
    kept = totals.sum("battery_change_j")
    assert totals.sum("battery_used_j") == pytest.approx(net.sum() * 60.0 - kept, rel=1e-9)
    assert 0.0 < totals.sum("battery_used_j") < 0.3 * totals.sum("battery_charged_j") + 48.0 * 3600.0 * 30.0e3


def test_renewable_energy_counts_in_the_hour_in_which_the_battery_gives_it() -> None:
    """4 MW of wind, 1 of electrolysis, 2 charged, 1 unused; next hour no wind, 1.5 MW of electrolysis from the battery.

    Hour 1: 2 of the 4 MWh go to the battery: 1 MWh is matched. It held 1 MWh of nobody knows what and takes up 1.9: its
    share is 1.9 / 2.9. Hour 2: it gives 1.5 MWh, of which 1.5 x 0.655172 = 0.982759 are renewable, and so many matched.
    """
    for counted, expected in ((1.0, 0.982759), (0.0, 0.0)):
        rig = Rig(KIND_BY_NAME["origin_monitor"], {"is_storage_counted": counted}, is_plain=True)
        hours = (
            {"renewable": 4.0, "electrolysis": 1.0, "battery_charge": 2.0, "battery_discharge": 0.0},
            {"renewable": 0.0, "electrolysis": 1.5, "battery_charge": 0.0, "battery_discharge": 1.5},
            {"renewable": 0.0, "electrolysis": 0.0, "battery_charge": 0.0, "battery_discharge": 0.0},
        )
        rig.put("stored_j", 3.6e9)
        for k, (hour, content) in enumerate(zip(hours, (2.9, 1.35, 1.35), strict=True)):
            for port, value in hour.items():
                rig.set_signal(port, value * MW)
            rig.set_signal("battery_content", content * 3.6e9)
            rig.set_signal("price", 100.0 * EUR_PER_MWH)
            rig.set_signal("hour_of_week", float(k))
            rig.set_signal("month_of_year", 1.0)
            rig.step(1, HOUR_S)
        assert rig.field("matched_hourly_j") / 3.6e9 == pytest.approx(1.0 + expected, rel=1e-6)
        assert rig.field("month_renewable_j") / 3.6e9 == pytest.approx(2.0 + expected if counted else 4.0, rel=1e-6)


@pytest.mark.long
def test_the_law_allows_for_auxiliaries_that_start_within_a_step(tmp_path: Path) -> None:
    """Half an hour into the year stacks are warm and auxiliaries start; the rule goes by what they drew a step before.

    Power is at a negative price, so the grid takes none and the battery is charged with what the lines leave.
    """
    path = block_plant(tmp_path, rule="{kind: battery_arbitrage}")
    results = h2plant.run(path, start="2023-01-01", hours=1, out=tmp_path / "hour")
    assert results.summary["audit"]["n_broken"] == 0
    assert results.summary["key_figures"]["battery_charged_mwh"] > 0.3
