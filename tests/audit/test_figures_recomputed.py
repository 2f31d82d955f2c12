"""Every figure of a summary is found another way: no false alarm, no figure left out, faults named."""

import fnmatch
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest

import h2plant
from h2plant.audit.check import Check, verdicts
from h2plant.audit.figures import LAWS, NOT_FOUND_ANEW, check_run, examine_figures, examine_life
from h2plant.components import KINDS
from h2plant.config.scenario import changed_scenario, load_scenario, load_scenario_plant
from h2plant.core.constants import J_PER_MWH
from h2plant.core.role import technology_key
from h2plant.economics import appraisal, cash_flow, levelised_cost, plant_cost
from h2plant.economics.settings import read_settings
from h2plant.results import by_origin, figures, footprint, rfnbo, run_economics, served, served_figures, totals
from h2plant.results.figures import Total, figures_of
from h2plant.results.not_delivered import _ways
from h2plant.session.session import Session
from h2plant.session.years import execute_years
from h2plant.simulation.engine import SimulationFailure
from tests.unit.test_offtake import STORE, STORE_DAY
from tests.unit.test_served import DAY, PLANT
from tests.unruled import write_day


def files_of(folder: Path) -> tuple[dict[str, Any], Any, Any]:
    """Return summary, log and ledger of a results folder."""
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return summary, pq.ParquetFile(folder / "log.parquet"), pq.ParquetFile(folder / "ledger.parquet").read()


class Ran(NamedTuple):
    """What was found of a run."""

    checks: list[Check]
    summary: dict[str, Any]

    @property
    def broken(self) -> set[str]:
        return {check.figure for check in self.checks if check.share > 1.0}


def checked(folder: Path, session: Session | None = None, **more: Any) -> Ran:
    """Read a results folder and check it; of a session its plant need not be read."""
    summary, log, ledger = files_of(folder)
    plant = load_scenario_plant(load_scenario(folder / "scenario.json")) if session is None else session.plant
    file = folder / "cash_flow.csv"
    text = file.read_text(encoding="utf-8") if file.is_file() else None
    settings = (read_settings(plant) if session is None else session.settings).model_dump()
    return Ran(check_run(summary, log, ledger, text, plant, settings, **more)[0], summary)


def ran(out: Path, scenario: str | Path, stop: int | None = None, **how: Any) -> Ran:
    """Run, write and check."""
    session = Session(scenario, **how)
    session.run() if stop is None else session.step(stop)
    session.results(out)
    return checked(out, session)


RUNS: dict[str, dict[str, Any]] = {
    "a day": {"scenario": "minimal_day"},
    "eight hours": {"scenario": "test_8hour"},
    "two days": {"scenario": "dual_path", "hours": 48.0},
    "less than an hour": {"scenario": "dual_path", "hours": 0.4},
    "one step": {"scenario": "minimal", "hours": 1.0 / 60.0},
    "a log of minutes": {"scenario": "minimal_day", "hours": 3.0, "log_every_s": 60},
    "a log of days": {"scenario": "minimal", "hours": 84.0, "log_every_s": 86400},
    "seconds": {"scenario": "minimal_day", "hours": 0.5, "step_s": 1},
    "ten weeks": {"scenario": "minimal", "hours": 1680.0, "step_s": 3600},
    "baseline": {"scenario": "minimal_day", "hours": 1.0, "step_s": 600, "engine": "baseline"},
    "in the midst": {"scenario": "minimal_day", "stop": 617},
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Ran]:
    found: dict[str, Ran] = {}

    def of(name: str) -> Ran:
        if name not in found:
            found[name] = ran(tmp_path_factory.mktemp("run") / "r", **RUNS[name])
        return found[name]

    return of


@pytest.mark.parametrize("name", RUNS)
def test_no_false_alarm(runs: Callable[[str], Ran], name: str) -> None:
    assert runs(name).broken == set()


MONEY = {
    "a": {
        **{"debt_frac": 0.6, "debt_years": 10, "depreciation": "macrs_7", "working_capital_frac": 0.15},
        **{"land_eur": 2e5, "construction_frac": [0.2, 0.5, 0.3], "decommissioning_frac": 0.1, "price_year": 2021},
        **{"staff_eur_per_year": 1e5, "other_cost_eur_per_year": 2e4, "consumables_eur_per_kg": 0.05},
        **{"grid_capacity_fee_eur_per_kw_year": 40, "electricity_escalation_frac": 0.01, "ramp_up_frac": [0.5, 0.8]},
        **{"heat_sales_eur_per_mwh": {"dry_cooler.heat_loss": 15}, "capex_eur": {"tank": 3e5, "drum": 1e5}},
        **{"costs": {"pem_stack": {"stack": {"reference_cost": 420e3, "currency": "USD", "exponent": 0.95}}}},
        **{"hydrogen_price_eur_per_kg": 14, "real_rate_frac": 0.08},
    },
    "b": {
        **{"hydrogen_basis": "sold", "debt_frac": 0.5, "is_debt_bullet": True, "is_loss_carried_forward": False},
        **{"stock_value_eur_per_kg": 2, "is_stack_life_from_run": False, "residual_value_frac": 0.5},
        **{"depreciation": "macrs_20", "indirect_cost_frac": 0.3, "hydrogen_price_eur_per_kg": 40},
    },
    "c": {"real_rate_frac": 0.0, "inflation_frac": 0.0, "tax_frac": 0.0, "project_life_years": 12},
}


def minimal_with(economics: dict[str, Any], folder: Path) -> Path:
    """Write the smallest plant with other economics."""
    text = (Path(h2plant.__file__).parent / "plants" / "minimal.yaml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("economics:")]
    file = folder / "plant.yaml"
    file.write_text("\n".join([*lines, f"economics: {json.dumps(economics)}"]) + "\n", encoding="utf-8")
    return file


@pytest.mark.parametrize("which", MONEY)
def test_no_false_alarm_in_other_economics(tmp_path: Path, which: str) -> None:
    found = ran(tmp_path / "r", minimal_with(MONEY[which], tmp_path), hours=1680.0, step_s=3600)
    assert found.broken == set()
    assert found.summary["key_figures"]["net_present_value_eur"] is not None


def test_no_false_alarm_where_something_is_short(tmp_path: Path) -> None:
    for name, text in (("plant", PLANT), ("day", DAY), ("store", STORE), ("store_day", STORE_DAY)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    assert ran(tmp_path / "owed", tmp_path / "day.yaml").broken == set()
    assert ran(tmp_path / "store", tmp_path / "store_day.yaml").broken == set()


@pytest.mark.parametrize("limit_mw", [0.0, 0.2])
def test_no_false_alarm_in_blackouts(tmp_path: Path, limit_mw: float) -> None:
    found = ran(tmp_path / "r", write_day(tmp_path), set={"grid.import_limit_mw": limit_mw})
    assert found.broken == set() and found.summary["not_valid"]


@pytest.mark.parametrize("error", [KeyboardInterrupt("interrupted"), SimulationFailure("stack", 0, 0.0, 100)])
def test_no_false_alarm_in_a_run_that_ended_early(tmp_path: Path, error: BaseException) -> None:
    from h2plant.session.conclusion import write_kept

    session = Session("minimal_day")
    rows: list[Any] = []
    session.begin()
    session.engine.run(617, lambda log, _events: rows.append(log.copy()))
    session.engine.finish(lambda log, _events: rows.append(log.copy()))
    write_kept(session, tmp_path / "r", rows, (), error, session.took)
    found = checked(tmp_path / "r")
    assert not found.summary["is_complete"] and found.broken == set() and len(found.checks) > 500


def life_of(folder: Path) -> Iterator[tuple[dict[str, Any], Any, Any]]:
    for year in sorted(folder.glob("year_??")):
        yield files_of(year)


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two years of the smallest plant, one of them leap, whose stack wears out in the first, with outages that cost."""
    scenario = changed_scenario(
        load_scenario("minimal"), 8760.0, "2023-01-01", 3600, 3600, {"stack.degradation_v_per_s": 1e-7}
    )
    series = {name: replace(one, is_repeated=True) for name, one in load_scenario_plant(scenario).series.items()}
    fails = {"component": "stack", "mtbf_h": 1500, "mttr_h": 20, "cost_eur": 1000, "cost_eur_per_h": 10}
    overhaul = {"component": "line", "month": 8, "length_day": 10, "cost_eur": 5000}
    scenario = replace(scenario, series=series, faults={"seed": 5, "fails": fails, "overhaul": overhaul})
    return execute_years(scenario, 2, (2023, 2024), out=tmp_path_factory.mktemp("life") / "r")


def of_life(folder: Path, change: Callable[[dict[str, Any]], object] = lambda _: None) -> set[str]:
    """Return the figures of a life that are broken, after a change of its summary."""
    plant = load_scenario_plant(load_scenario(folder / "scenario.json"))
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    change(summary)
    table = (folder / "cash_flow.csv").read_text(encoding="utf-8")
    found = examine_life(summary, life_of(folder), table, plant, read_settings(plant).model_dump())
    return {name for verdict in found for name in verdict.broken_at}


def test_no_false_alarm_in_a_life(life: Path) -> None:
    assert of_life(life) == set()
    summary = json.loads((life / "summary.json").read_text(encoding="utf-8"))
    assert summary["key_figures"]["replacements_pem"] > 0


def test_random_outages_differ_by_the_year_and_scheduled_ones_recur(life: Path) -> None:
    years = [json.loads((life / f"year_0{n}" / "summary.json").read_text(encoding="utf-8")) for n in (1, 2)]
    spans = [{name: [] for name in ("fails", "overhaul")} for _ in years]
    for found, year in zip(spans, years, strict=True):
        for one in year["faults"]["spans"]:
            found[one["fault"]].append((one["begin"], one["end"]))
        fails = [one for one in year["faults"]["spans"] if one["fault"] == "fails"]
        n, hours = sum(one["is_begun"] for one in fails), sum(one["hours"] for one in fails)
        cost = 1000.0 * n + 10.0 * hours + 5000.0
        assert year["faults"]["cost_eur"] == pytest.approx(cost)
        per_kg = year["economics"]["by_kind_of_cost_eur_per_kg"]["outages"]
        of_year = cost + 5000.0 * (year["hours"] / 8760.0 - 1.0)  # once in 365 days, also of a leap year
        assert per_kg * year["key_figures"]["hydrogen_made_kg"] == pytest.approx(of_year)
    first, second = ([(begin[4:], end[4:]) for begin, end in year["overhaul"]] for year in spans)  # but for the year
    assert first == second and len(first) == 1
    assert not {*spans[0]["fails"]} & {*spans[1]["fails"]} and all(one["fails"] for one in spans)


@pytest.mark.parametrize(
    "name", ["hydrogen_made_kg", "starts_pem", "hydrogen_cost_eur_per_kg", "net_present_value_eur"]
)
def test_faults_of_a_life_are_found(life: Path, name: str) -> None:
    def change(summary: dict[str, Any]) -> None:
        summary["key_figures"][name] *= 1.001

    assert of_life(life, change) == {name}


@pytest.mark.parametrize("name", ["hydrogen_made_kg", "hydrogen_cost_after_tax_eur_per_kg", "net_present_value_eur"])
def test_faults_of_weather_years_are_found(life: Path, name: str) -> None:
    for what in ("p50", "p90", "standard_error"):

        def change(summary: dict[str, Any], what: str = what) -> None:
            summary["weather_years"]["figures"][name][what] *= 1.001

        assert of_life(life, change) == {f"weather_years.figures.{name}.{what}"}


# Nothing is left out -------------------------------------------------------------------------------------------------
def numbers_of(value: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of all numbers of a summary."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if isinstance(value, list) and value and all(isinstance(item, dict) and "component" in item for item in value):
        items = [(item["component"], item) for item in value]
    for key, item in items:
        yield from numbers_of(item, f"{path}.{key}" if path else str(key))
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield path


def is_excepted(path: str) -> bool:
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in NOT_FOUND_ANEW)


@pytest.mark.parametrize("name", ["a day", "two days", "ten weeks"])
def test_every_number_is_found_anew_or_excepted(runs: Callable[[str], Ran], name: str) -> None:
    found = runs(name)
    checked_ones = {check.figure for check in found.checks}
    paths = {path.removeprefix("key_figures.") for path in numbers_of(found.summary)}
    assert {path for path in paths if not is_covered(path, checked_ones) and not is_excepted(path)} == set()
    key_figures = set(found.summary["key_figures"])
    assert len(key_figures & checked_ones) >= 0.9 * len(key_figures)


def is_covered(path: str, checked_ones: set[str]) -> bool:
    """Whether a number, or the list that it stands in, is checked."""
    stems = {path, path.rpartition(".")[0]}
    if ".replacement_years." in path:
        stems.add(path.partition(".replacement_years.")[0])
    return bool(stems & checked_ones)


def test_every_figure_that_a_plant_may_have_is_checked_or_excepted(runs: Callable[[str], Ran]) -> None:
    """Also those that the bundled plants have not: each check names them, as left out.

    Figures of technologies that no bundled plant has are those of PEM stacks and wind under another name.
    """
    names = {check.figure for name in ("a day", "two days") for check in runs(name).checks}
    technologies = figures.Technologies.of_kinds(KINDS)
    others = {role.key: "pem" for role in technologies.makers if role.key != "soec"}
    others |= {technology_key(name): "wind" for name in technologies.sources}

    def is_checked(id_: str) -> bool:
        words = [others.get(word, word) for word in id_.split("_")]
        return id_ in names or "_".join(words) in names or is_excepted(id_)

    assert {id_ for id_ in figures_of(technologies) if not is_checked(id_)} == set()


# Planted faults ------------------------------------------------------------------------------------------------------
Patch = pytest.MonkeyPatch


def quantity_scaled(patch: Patch, name: str, factor: float = 1.01) -> None:
    """Let a quantity of the totals be read times a factor."""
    original = totals.Totals.quantity

    def changed(self: Any, asked: str) -> dict[int, float]:
        values = original(self, asked)
        return {i: v * factor for i, v in values.items()} if asked == name else values

    patch.setattr(totals.Totals, "quantity", changed)


def figure_of(patch: Patch, id_: str, form: Any) -> None:
    """Let a key figure have another form."""
    original = figures_of

    def changed(technologies: Any) -> dict[str, Any]:
        found = dict(original(technologies))
        return {**found, id_: replace(found[id_], form=form)}

    patch.setattr("h2plant.results.summary.figures_of", changed)


def rate_on_capital(patch: Patch) -> None:
    """Take interest for the capital recovery factor."""
    patch.setattr(appraisal, "capital_recovery_factor", lambda rate, _: rate)


def recovery_shifted(patch: Patch) -> None:
    original = levelised_cost.capital_recovery_factor
    patch.setattr(appraisal, "capital_recovery_factor", lambda rate, n: original(rate, n + 1))


def value_shifted(patch: Patch) -> None:
    """Discount all flows a year more than they are."""
    original = cash_flow.CashFlow.net_present_value_eur.fget
    patch.setattr(cash_flow.CashFlow, "net_present_value_eur", property(lambda self: original(self) / (1.06 * 1.02)))


def cost_left_out(patch: Patch) -> None:
    original = appraisal._yearly_costs

    def changed(*args: Any) -> dict[Any, float]:
        return {key: value for key, value in original(*args).items() if key[1] != "insurance"}

    patch.setattr(appraisal, "_yearly_costs", changed)


def fees_left_out_of_the_flow(patch: Patch) -> None:
    original = appraisal._project

    def changed(*args: Any) -> Any:
        project = original(*args)
        return replace(project, costs_eur={k: v for k, v in project.costs_eur.items() if k != "grid fees"})

    patch.setattr(appraisal, "_project", changed)


def export_added_twice(patch: Patch) -> None:
    patch.setitem(
        totals.QUANTITIES,
        "export_revenue_eur",
        totals.Quantity(totals.Grid, totals._ports("revenue"), lambda v: 2.0 * sum(v)),
    )


def revenue_twice(patch: Patch) -> None:
    original = run_economics.scaled_year

    def changed(*args: Any, **more: Any) -> Any:
        year = original(*args, **more)
        return replace(year, hydrogen_revenue_eur=2.0 * year.hydrogen_revenue_eur)

    patch.setattr(run_economics, "scaled_year", changed)


def cost_of_another_year(patch: Patch) -> None:
    original = plant_cost.escalated
    patch.setattr(plant_cost, "escalated", lambda cost, year, to: original(cost, year, 2022 if to == 2023 else to))


def renewal_left_out(patch: Patch) -> None:
    original = plant_cost.replacement_years
    patch.setattr(plant_cost, "replacement_years", lambda life, n: original(life, n)[1:])


def stock_of_other_sign(patch: Patch) -> None:
    original = run_economics.stock_of
    patch.setattr(
        run_economics, "stock_of", lambda *args: (lambda s: replace(s, change_kg=-s.change_kg))(original(*args))
    )


def monthly_for_hourly(patch: Patch) -> None:
    patch.setattr(rfnbo.Origin, "monthly_frac", property(lambda self: 0.99 * self._share(self.matched_hourly_j)))


def served_of_all(patch: Patch) -> None:
    patch.setattr(served_figures, "share_served", lambda given, short: 1.0)


def no_losses_carried(patch: Patch) -> None:
    original = cash_flow._taxes
    patch.setattr(
        cash_flow, "_taxes", lambda profit, finance: original(profit, replace(finance, is_loss_carried_forward=False))
    )


def depreciation_a_year_late(patch: Patch) -> None:
    original = cash_flow.depreciation_by_year
    patch.setattr(cash_flow, "depreciation_by_year", lambda bought, shares: original(bought, (0.0, *shares)))


def faults_unsaid(patch: Patch) -> None:
    patch.setattr("h2plant.session.conclusion.faults", lambda _: [])


def emissions_scaled(patch: Patch) -> None:
    original = footprint.imports_kg
    patch.setattr(footprint, "imports_kg", lambda *args: 1.01 * original(*args))


def half_by_the_hour(patch: Patch) -> None:
    original = footprint.labels
    patch.setattr(footprint, "labels", lambda *args: original(*args[:-1], 0.5))


def all_is_certified(patch: Patch) -> None:
    original = by_origin.certified_share
    patch.setattr(by_origin, "certified_share", lambda *args: (original(*args)[0], 0.5))


def sold_by_mass_made(patch: Patch) -> None:
    original = appraisal._cost_by
    patch.setattr(appraisal, "_cost_by", lambda basis, *args: original("made", *args))


def first_scaled(patch: Patch, name: str) -> None:
    original = getattr(appraisal, name)

    def changed(*args: Any) -> Any:
        value, why = original(*args)
        return None if value is None else 1.01 * value, why

    patch.setattr(appraisal, name, changed)


def start_scaled(patch: Patch) -> None:
    original = run_economics.StartCost.total_eur.fget
    patch.setattr(run_economics.StartCost, "total_eur", property(lambda self: 1.01 * original(self)))


def stock_price_scaled(patch: Patch) -> None:
    original = run_economics.stock_of

    def changed(*args: Any) -> Any:
        stock = original(*args)
        return replace(stock, price_eur_per_kg=1.01 * stock.price_eur_per_kg)

    patch.setattr(run_economics, "stock_of", changed)


def entry_scaled(patch: Patch) -> None:
    original = served._entry
    patch.setattr(served, "_entry", lambda medium, given, *more: original(medium, 1.01 * given, *more))


def way_left_out(patch: Patch) -> None:
    left = lambda totals: (way for way in _ways(totals) if way.component != "tank")  # noqa: E731
    patch.setattr("h2plant.results.not_delivered._ways", left)


FAULTS: dict[str, tuple[str, str, Callable[[Patch], object]]] = {
    "hydrogen in the tank not told": ("a day", "not_delivered.ways.tank", way_left_out),
    "hydrogen made 0.1 % high": ("a day", "hydrogen_made_kg", lambda p: quantity_scaled(p, "made_kg", 1.001)),
    "hydrogen burnt not counted": ("two days", "hydrogen_lost_kg", lambda p: quantity_scaled(p, "burnt_kg", 0.0)),
    "hydrogen sold 1 % low": ("a day", "hydrogen_sold_kg", lambda p: quantity_scaled(p, "sold_hydrogen_kg", 0.99)),
    "MWh of 3.6e9 for kWh": ("a day", "import_mwh", lambda p: figure_of(p, "import_mwh", Total("imported_j", 1.0e-9))),
    "curtailed for export": (
        "two days",
        "export_mwh",
        lambda p: figure_of(p, "export_mwh", Total("curtailed_j", 1.0 / J_PER_MWH)),
    ),
    "cold starts for all": ("two days", "starts_soec", lambda p: figure_of(p, "starts_soec", Total("cold_starts"))),
    "bought power by its amount": (
        "two days",
        "import_frac",
        lambda p: figure_of(p, "import_frac", Total("imported_j")),
    ),
    "starts of each by all": (
        "two days",
        "starts_per_unit_soec",
        lambda p: figure_of(p, "starts_per_unit_soec", Total("starts")),
    ),
    "rated power 1 % high": ("a day", "capacity_factor_pem_frac", lambda p: quantity_scaled(p, "rated_power_w")),
    "water without brine": ("two days", "water_t", lambda p: quantity_scaled(p, "raw_water_kg", 0.75)),
    "purity 1 % low": ("two days", "worst_h2o_ppm", lambda p: quantity_scaled(p, "water_frac", 0.99)),
    "heat recovered twice": ("two days", "heat_recovered_mwh", lambda p: quantity_scaled(p, "heat_recovered_j", 2.0)),
    "export earns twice": ("two days", "electricity_net_cost_eur", export_added_twice),
    "hydrogen earns twice": ("ten weeks", "net_present_value_eur", revenue_twice),
    "oxygen earns 1 % more": ("two days", "oxygen_revenue_eur", lambda p: quantity_scaled(p, "oxygen_income_eur")),
    "emissions 1 % high": ("a day", "carbon_kg_per_kg", emissions_scaled),
    "labels by half of the hours": ("two days", "economics.carbon.labels.uk_lchs.kg_per_kg", half_by_the_hour),
    "half is certified": ("two days", "hydrogen_uncertified_eur", all_is_certified),
    "sold by mass made": ("ten weeks", "hydrogen_cost_sold_eur_per_kg", sold_by_mass_made),
    "monthly matching by the hour": ("two days", "rfnbo_frac", monthly_for_hourly),
    "all served": ("a day", "hydrogen_served_frac", served_of_all),
    "stock of the other sign": ("a day", "stock_change_eur", stock_of_other_sign),
    "capital at prices of 2022": ("a day", "capex_eur", cost_of_another_year),
    "interest for recovery": ("a day", "hydrogen_cost_eur_per_kg", rate_on_capital),
    "recovery over a year more": ("a day", "hydrogen_cost_eur_per_kg", recovery_shifted),
    "insurance left out": ("a day", "hydrogen_cost_eur_per_kg", cost_left_out),
    "fees left out of the cash flow": ("a day", "hydrogen_cost_after_tax_eur_per_kg", fees_left_out_of_the_flow),
    "first renewal left out": ("a day", "hydrogen_cost_eur_per_kg", renewal_left_out),
    "value of a year later": ("ten weeks", "net_present_value_eur", value_shifted),
    "losses relieve at once": ("ten weeks", "cash_flow.csv.tax_eur", no_losses_carried),
    "depreciation a year late": ("ten weeks", "cash_flow.csv.depreciation_eur", depreciation_a_year_late),
    "rate 1 % high": ("paying", "internal_rate_frac", lambda p: first_scaled(p, "internal_rate")),
    "payback 1 % late": ("paying", "payback_years", lambda p: first_scaled(p, "payback_years")),
    "start costs 1 % more": ("two days", "start_cost_soec_eur", start_scaled),
    "blackout not said": ("blackout", "not_valid", faults_unsaid),
    "price of stock 1 % high": ("a day", "economics.stock.price_eur_per_kg", stock_price_scaled),
    "component served 1 % more": (
        "a day",
        "served.components.tank.hydrogen.given_kg",
        entry_scaled,
    ),
}


@pytest.fixture(scope="module")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Session]:
    """Runs that have ended, whose results are written anew with a fault in what makes them."""
    made: dict[str, Session] = {}

    def of(name: str) -> Session:
        if name not in made:
            how = dict(RUNS.get(name, {}))
            folder = tmp_path_factory.mktemp("plant")
            if name == "paying":
                plant = minimal_with({"hydrogen_price_eur_per_kg": 60}, folder)
                how = {"scenario": plant, "hours": 1680.0, "step_s": 3600}
            elif name == "blackout":
                how = {"scenario": write_day(folder), "set": {"grid.import_limit_mw": 0.2}}
            made[name] = Session(**how)
            made[name].run()
        return made[name]

    return of


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_are_found_by_name(
    sessions: Callable[[str], Session], tmp_path: Path, monkeypatch: Patch, fault: str
) -> None:
    name, figure, plant = FAULTS[fault]
    session = sessions(name)
    with monkeypatch.context() as patch:
        plant(patch)
        session.results(tmp_path / "r")
    assert figure in checked(tmp_path / "r", session).broken


def test_a_figure_left_out_and_a_figure_without_a_value_are_found(tmp_path: Path) -> None:
    ran(tmp_path / "r", "minimal_day", hours=2.0)
    summary, log, ledger = files_of(tmp_path / "r")
    plant = load_scenario_plant(load_scenario(tmp_path / "r" / "scenario.json"))
    settings = read_settings(plant).model_dump()
    del summary["key_figures"]["water_t"]
    summary["key_figures"]["capex_eur"] = None
    found = examine_figures(summary, log, ledger, None, plant, settings)
    broken = {name for verdict in found for name in verdict.broken_at}
    assert broken == {"water_t", "capex_eur"}
    worst = {verdict.law.id: verdict.component for verdict in found if verdict.is_broken}
    assert worst == {"figure-water": "water_t", "figure-capital": "capex_eur"}
    assert all(math.isinf(verdict.worst) for verdict in found if verdict.is_broken)


def test_a_ledger_that_books_less_is_found(tmp_path: Path, monkeypatch: Patch) -> None:
    from h2plant.results import ledger

    original = ledger._booked

    def less(medium: str, *args: Any) -> Any:
        return original(medium, *args) * (0.999 if medium == "heat" else 1.0)

    monkeypatch.setattr(ledger, "_booked", less)
    assert "stack.energy_j" in ran(tmp_path / "r", "minimal_day", hours=2.0).broken


def test_counters_that_a_run_hands_over_tell_of_shortages_and_starts(tmp_path: Path) -> None:
    """Memory that no log holds: with it shortages and starts are found anew as well, also with a fault in all of it."""
    session = Session("minimal_day")
    session.run()
    session.results(tmp_path / "r")
    program = session.program
    counters = {
        f"{id_}.{field.name}": program.value(f"{id_}.{field.name}")
        for i, id_ in enumerate(program.component_ids)
        for field in program.kind_of(i).fields
        if field.role == "memory"
    }
    assert checked(tmp_path / "r", counters=counters).broken == set()
    wrong = {**counters, "trailers.short_kg": 1.01 * counters["trailers.short_kg"], "stack.cold_start_j": 0.0}
    broken = checked(tmp_path / "r", counters=wrong).broken
    assert {"hydrogen_asked_kg", "hydrogen_served_frac", "economics.start_cost.pem.energy_eur"} <= broken


def test_each_law_is_used(runs: Callable[[str], Ran], life: Path) -> None:
    used = {check.law for name in ("two days", "ten weeks") for check in runs(name).checks}
    assert {law.id for law in LAWS} - used == {"figure-years", "figure-weather-years"}
    assert {verdict.law.id for verdict in verdicts(LAWS, runs("two days").checks)} == used
