"""Plants fed by sun and wind: what they need, what they make, in every step, engine and study alike."""

import gzip
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from h2plant.components import KIND_BY_NAME
from h2plant.config.bundled import DATA, PLANTS
from h2plant.config.load import load_plant, read_plant
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.config.series_derived import derive
from h2plant.core.units import match_parameter, to_reporting_unit
from h2plant.fitting.calibration import Task, calibrate
from h2plant.plant.finding import Finding, PlantError
from h2plant.plant.graph import Plant
from h2plant.session.session import Session, load_run
from h2plant.studies.study.run import run_study
from tests.audit.planting import audited

SERIES = """\
  temp_air_degc: {file: nl_2023, mode: linear}
  ghi_w_per_m2: {file: nl_2023, mode: hold, stamps: end, repeat: true}
  wind_speed_100m_m_per_s: {file: nl_2023, mode: linear}
"""
SOURCES = """\
  bus: {kind: power_bus}
  pv: {kind: pv_array, capacity_mw: 1.5}
  wind: {kind: wind_turbine, capacity_mw: 1, wake_deficit_frac: 0.05}
"""


def written(folder: Path, *changes: tuple[str, str]) -> Path:
    """Write a plant of the bundled kind with sun and wind, after changes of its text."""
    text = (PLANTS / "minimal.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("name: minimal", "name: sunny"),
        ("  temp_air_degc: {file: nl_2023, mode: linear}\n", SERIES),
        ("  bus: {kind: power_bus}\n", SOURCES),
        ("import_limit_mw: 2,", "import_limit_mw: 2, export_limit_mw: 3,"),
        ("links:\n", "links:\n  - [pv.power, wind.power] -> bus.supplies\n"),
        ("price_threshold", "follow_wind"),
        *changes,
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "sunny.yaml").write_text(text, encoding="utf-8")
    return folder / "sunny.yaml"


def wrong(folder: Path, *changes: tuple[str, str]) -> list[Finding]:
    return [f for f in read_plant(written(folder, *changes))[1] if f.severity == "error"]


def day(file: Path, hours: float = 24.0, step_s: int = 60, engine: str = "optimized", **set_: float | str) -> Session:
    session = Session(
        file, hours=hours, start="2023-07-03", step_s=step_s, log_every_s=3600, set=set_ or None, engine=engine
    )
    session.run()
    return session


# What is read --------------------------------------------------------------------------------------------------------
def test_a_plant_without_a_place_is_refused(tmp_path: Path) -> None:
    (found,) = wrong(tmp_path, ("site: {country: NL, latitude: 52.37, longitude: 4.90}", "site: {country: NL}"))
    assert (found.id, found.where) == ("missing-input", "components.pv")
    assert "'pv.irradiance' follows from the sun's position" in found.what
    assert "latitude" in found.remedy and "poa_w_per_m2" in found.remedy
    assert found.line == next(i for i, row in enumerate(found.file.read_text().splitlines(), 1) if "pv_array" in row)


@pytest.mark.parametrize(
    ("row", "name", "port"),
    [(1, "ghi_w_per_m2", "pv.irradiance"), (2, "wind_speed_10m_m_per_s", "wind.wind_speed")],
)
def test_weather_that_is_missing_is_told(tmp_path: Path, row: int, name: str, port: str) -> None:
    found = wrong(tmp_path, (SERIES.splitlines(keepends=True)[row], ""))
    assert {(f.id, f.where) for f in found} == {("unknown-series", f"series.{name}")}
    assert any(f"'{port}'" in f.what for f in found)
    assert all("declare it under 'series:'" in f.remedy for f in found)


def test_angles_are_in_degrees_and_bounded(tmp_path: Path) -> None:
    tilt = KIND_BY_NAME["pv_array"].field("tilt_rad")
    assert match_parameter("tilt_deg", [tilt])[1].factor * 180.0 == pytest.approx(np.pi)  # type: ignore[index]
    assert to_reporting_unit("tilt_rad", "rad").name == "tilt_deg"
    (steep,) = wrong(tmp_path, ("capacity_mw: 1.5}", "capacity_mw: 1.5, tilt_deg: 120}"))
    assert (steep.id, steep.where) == ("out-of-bounds", "components.pv.tilt_deg")
    (bare,) = wrong(tmp_path, ("capacity_mw: 1.5}", "capacity_mw: 1.5, tilt: 30}"))
    assert "tilt_deg" in bare.remedy
    (share,) = wrong(tmp_path, ("capacity_mw: 1.5}", "capacity_mw: 1.5, tilt_frac: 0.3}"))
    assert share.id == "unknown-unit"


def test_what_series_are_made_from_counts_as_read(tmp_path: Path) -> None:
    plant = load_plant(written(tmp_path))
    assert not [note for note in plant.notes if "unread" in note.id]
    names = plant.used_series()
    assert names.index("ghi_w_per_m2") < names.index("pv_plane_irradiance_w_per_m2")
    assert "wind_hub_pressure_pa" in names


def test_a_series_of_ones_own_goes_before_the_one_that_is_made(tmp_path: Path) -> None:
    own = ("series:\n", "series:\n  pv_plane_irradiance_w_per_m2: {constant: 500}\n")
    found = load_run(changed_scenario(load_scenario(written(tmp_path, own)), 24.0, "2023-07-03"))
    assert set(found.series["pv_plane_irradiance_w_per_m2"].values) == {500.0}
    by_hand = ("links:\n", "links:\n  - series.poa_w_per_m2 -> pv.irradiance\n")
    own = ("series:\n", "series:\n  poa_w_per_m2: {constant: 500}\n")
    linked = load_run(changed_scenario(load_scenario(written(tmp_path, own, by_hand)), 24.0, "2023-07-03"))
    assert "pv_plane_irradiance_w_per_m2" not in linked.series


def test_the_same_sun_shines_in_a_run_that_begins_later(tmp_path: Path) -> None:
    file = written(tmp_path)
    first, later = (
        load_run(changed_scenario(load_scenario(file), 24.0, start)).series["pv_plane_irradiance_w_per_m2"]
        for start in ("2023-07-03", "2023-07-03T06:07")
    )
    assert later.offset_s == 120
    assert later.at(1800.0) == first.at(6 * 3600.0 + 7 * 60.0 + 1800.0) > 0.0


def test_a_stamp_of_the_wrong_end_is_noted(tmp_path: Path) -> None:
    file = written(tmp_path, ("stamps: end, ", ""))
    scenario = changed_scenario(load_scenario(file), 20 * 24.0, "2023-07-03")
    assert any("1.0 h after the sun's noon" in note for note in load_run(scenario).notes)
    right = changed_scenario(load_scenario(written(tmp_path)), 20 * 24.0, "2023-07-03")
    assert not any("noon" in note for note in load_run(right).notes)


def test_a_kind_names_no_series_that_it_does_not_make() -> None:
    kind = KIND_BY_NAME["pv_array"]
    with pytest.raises(ValueError, match=r"names what there is not: \['derived.plane_irradiance_w_per_m2'\]"):
        replace(kind, derived=kind.derived[1:])
    with pytest.raises(ValueError, match=r"names what there is not: \['slope_rad'\]"):
        replace(kind, derived=(replace(kind.derived[0], parameters=("slope_rad",)), *kind.derived[1:]))


OWN_KIND = '''"""A field with a sun of its own."""

from h2plant.core.declare import Kind, Port, output
from h2plant.core.derived import Derived, Samples
from h2plant.core.jit import kernel
from h2plant.core.role import Source
from h2plant.core.status import OK


@kernel
def step(c, bus, props, dt):
    """Give a tenth of the sun."""
    bus[c.generation] = 100.0 * bus[c.sun]
    bus[c.power] = bus[c.generation]
    c.power_w = bus[c.power]
    return OK


def takes(names, parameters, where):
    return ("ghi_w_per_m2",)


def make(given, parameters, where):
    return Samples(given["ghi_w_per_m2"].values * 0.5, 3600, given["ghi_w_per_m2"].first_s, False)


KIND = Kind(
    name="half_sun",
    doc="A field with a sun of its own.",
    fields=(output("power_w", "W", "power"),),
    ports=(
        Port("sun", "signal", "in", "half the sun", default="derived.half_w_per_m2", unit="W/m2"),
        Port("generation", "power", "in", "taken", writes=True, border="source"),
        Port("power", "power", "out", "given"),
    ),
    step=step,
    role=Source("sun"),
    derived=(Derived("half_w_per_m2", takes, make),),
    costs=(),
)
'''


@pytest.mark.long
def test_a_kind_of_ones_own_has_series_made_for_it(tmp_path: Path) -> None:
    """Read, made, and, where its function raises or its unit is another, told without a traceback."""
    changes = (
        ("components:\n", "kinds: [half_sun.py]\ncomponents:\n  field: {kind: half_sun}\n"),
        ("[pv.power, wind.power]", "[pv.power, wind.power, field.power]"),
    )
    (tmp_path / "half_sun.py").write_text(OWN_KIND, encoding="utf-8")
    session = day(written(tmp_path, *changes), 12.0)
    assert session.value("field.power_w") == pytest.approx(50.0 * session.value("series.ghi_w_per_m2"))
    assert session.value("field.power_w") > 0.0
    (tmp_path / "half_sun.py").write_text(OWN_KIND.replace("* 0.5", "/ None"), encoding="utf-8")
    with pytest.raises(PlantError, match=r"did not make 'field_half_w_per_m2': TypeError.*\n.*mend 'make'"):
        day(written(tmp_path, *changes), 1.0)
    (tmp_path / "half_sun.py").write_text(OWN_KIND.replace('return ("ghi', 'return 1 / 0, ("ghi'), encoding="utf-8")
    with pytest.raises(PlantError, match="'takes' raised ZeroDivisionError"):
        day(written(tmp_path, *changes), 1.0)
    (tmp_path / "half_sun.py").write_text(OWN_KIND.replace("half_w_per_m2", "half_kw_per_m2"), encoding="utf-8")
    with pytest.raises(PlantError, match="does not end in an SI unit"):
        day(written(tmp_path, *changes), 1.0)


# What is made --------------------------------------------------------------------------------------------------------
@pytest.mark.long
@pytest.mark.parametrize("step_s", [1, 60, 900, 3600])
def test_steps_of_any_length_close_and_break_no_law(tmp_path: Path, step_s: int) -> None:
    hours = 2.0 if step_s == 1 else 24.0
    found = audited(written(tmp_path), engine="optimized", hours=hours, step_s=step_s, start="2023-07-03T11:00")
    assert found.broken == {} and found.faults == []
    assert found.session.ledger().worst_relative_residual < 1e-9


@pytest.mark.long
def test_energy_does_not_hang_on_the_step(tmp_path: Path) -> None:
    """The bar: 0.1 % between steps of 1 s and 60 s; longer ones average what is not linear."""
    file = written(tmp_path)
    energy = {}
    for step_s in (1, 60, 900, 3600):
        session = day(file, 24.0, step_s)
        energy[step_s] = [session.value(f"{source}.generated_j") / 3.6e9 for source in ("pv", "wind")]
    assert energy[1][0] > 5.0 and energy[1][1] > 5.0
    assert energy[60] == pytest.approx(energy[1], rel=1e-4)
    assert energy[900] == pytest.approx(energy[1], rel=1e-3)
    assert energy[3600] == pytest.approx(energy[1], rel=2e-2)


@pytest.mark.long
def test_both_engines_make_the_same(tmp_path: Path) -> None:
    file = written(tmp_path)
    compiled, plain = (day(file, 3.0, engine=engine) for engine in ("optimized", "baseline"))
    for name in ("pv.generated_j", "wind.generated_j", "pv.cell_temperature_k", "wind.met_speed_m_per_s"):
        assert compiled.value(name) == pytest.approx(plain.value(name), rel=1e-12), name


@pytest.mark.long
def test_sun_and_wind_count_as_renewable_beside_a_contract(tmp_path: Path) -> None:
    """Three sources on one bus, one of them of the kind that buys by contract."""
    more = ("  bus: {kind: power_bus}\n", "  bus: {kind: power_bus}\n  bought: {kind: wind_farm, capacity_mw: 0.2}\n")
    link = ("[pv.power, wind.power]", "[pv.power, wind.power, bought.power]")
    series = ("  ghi_w", "  wind_power_pu: {file: nl_2023, mode: linear}\n  ghi_w")
    monitor = ("  rectifier: {kind", "  origin: {kind: origin_monitor}\n  rectifier: {kind")
    watched = ("- rectifier.loads", "- pv.renewable_power -> origin.renewable\n  - rectifier.loads")
    session = day(written(tmp_path, more, link, series, monitor, watched))
    figures = session.results().summary["key_figures"]
    assert figures["pv_mwh"] == pytest.approx(session.value("pv.generated_j") / 3.6e9)
    of_wind = session.value("wind.generated_j") + session.value("bought.generated_j")
    assert figures["wind_mwh"] == pytest.approx(of_wind / 3.6e9)
    assert session.value("origin.renewable_j") == pytest.approx(session.value("pv.generated_j"), rel=1e-9)
    assert session.value("bus.supply_w") == pytest.approx(
        sum(session.value(f"{source}.power_w") for source in ("pv", "wind", "bought")), rel=1e-12
    )


class Yield(NamedTuple):
    """A year of PVGIS 5.2 at 35 degrees to the south, 14 % losses: kWh/m2 in the plane, kWh/kWp."""

    in_plane: float
    per_kwp: float


# crystalline silicon, free-standing, PVGIS-SARAH2; the first at 47.794 N 2.472 E, -21.08 % in all (-2.95 % angle of
# incidence, +1.47 % spectrum, -6.81 % temperature and weak light), the other of unknown place, -20.48 % in all
PVGIS = (Yield(1504.58, 1187.45), Yield(1341.06, 1066.36))


@pytest.mark.long
def test_a_year_is_within_two_percent_of_pvgis_and_of_the_bundled_wind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Yield over the irradiation in the plane; and energy of the wind by the same curve as the bundled series' own."""
    field = ("capacity_mw: 1.5}", "capacity_mw: 1, degradation_per_year: 0, dc_ac_ratio: 1}")
    alone = ("wake_deficit_frac: 0.05}", "hub_height_m: 100, availability_frac: 1, electrical_loss_frac: 0}")
    bundled = ("  ghi_w", "  wind_power_pu: {file: nl_2023, mode: linear}\n  ghi_w")
    file = written(tmp_path, field, alone, bundled)
    whole = {"pv.angular_ratio": 0.0}
    scenario = changed_scenario(load_scenario(file), 8760.0, "2023-01-01", 900, None, whole)
    series = load_run(scenario).series["pv_plane_irradiance_w_per_m2"]
    in_plane = float(series.values[:-1].mean()) * 8.76
    session = Session(changed_scenario(load_scenario(file), 8760.0, "2023-01-01", 900))
    session.run()
    per_kwp = session.value("pv.generated_j") / 3.6e9
    hours = session.value("wind.generated_j") / 3.6e9
    with gzip.open(DATA / "nl_2023.csv.gz", "rt") as table:
        given = table.read().split()[1:]
    of_series = sum(float(row.split(",")[-1]) for row in given)
    with capsys.disabled():
        print(f"\n{in_plane:.0f} kWh/m2 in the plane, {per_kwp:.0f} kWh/kWp, {per_kwp / in_plane:.3f}; PVGIS", end=" ")
        print(", ".join(f"{one.per_kwp / one.in_plane:.3f}" for one in PVGIS), end="; ")
        print(f"wind {hours:.0f} h at full load, bundled series {of_series:.0f} h")
    for one in PVGIS:
        assert per_kwp / in_plane == pytest.approx(one.per_kwp / one.in_plane, rel=0.02)
    assert hours == pytest.approx(of_series, rel=0.002)


def test_a_seller_is_paid_by_his_price_and_the_plant_for_its_own() -> None:
    for name in ("pv_array", "wind_turbine"):
        kind = KIND_BY_NAME[name]
        values = {f.name: f.default or 0.0 for f in kind.parameters}
        assert kind.sizes is not None
        assert sum(kind.sizes(values).values()) == values["capacity_w"]
        assert sum(kind.sizes(values | {"price_eur_per_j": 1e-8}).values()) == 0.0
    assert kind.sizes(values | {"location": 1.0}) == {"own_land_w": 0.0, "own_sea_w": 9.5e6}


# Studies and fits ----------------------------------------------------------------------------------------------------
STUDY = """h2plant: 1
study: slopes
kind: sweep
scenario: {file}
start: 2023-07-03
hours: 24
parameters:
  - {{path: pv.tilt_deg, values: [10, 35, 80]}}
  - {{path: wind.hub_height_m, values: [60, 105]}}
  - {{path: series.ghi_w_per_m2.scale, values: [0.5, 1]}}
design: {{kind: grid}}
outputs: [pv_mwh, wind_mwh]
"""


@pytest.mark.long
def test_a_study_makes_the_series_of_each_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each scenario gives what the plant gives alone with its slope, height and sun; each series is made once."""
    file, made = written(tmp_path), []

    def derived(plant: Plant, series: Any, start_s: int, names: list[str]) -> Any:
        made.extend(names)
        return derive(plant, series, start_s, names)

    monkeypatch.setattr("h2plant.studies.study.variant.derive", derived)
    (tmp_path / "study.yaml").write_text(STUDY.format(file=file), encoding="utf-8")
    run = run_study(tmp_path / "study.yaml", tmp_path / "out")
    found = {tuple(p.values.values()): o.values for p, o in zip(run.points, run.outcomes, strict=True)}
    assert len(found) == 12
    for (tilt, hub, scale), values in found.items():
        changes = ("ghi_w_per_m2: {file: nl_2023,", f"ghi_w_per_m2: {{file: nl_2023, scale: {scale},")
        alone = day(written(tmp_path, changes), **{"pv.tilt_deg": tilt, "wind.hub_height_m": hub})
        assert values["pv_mwh"] == pytest.approx(alone.value("pv.generated_j") / 3.6e9, rel=1e-12)
        assert values["wind_mwh"] == pytest.approx(alone.value("wind.generated_j") / 3.6e9, rel=1e-12)
    assert len({round(values["pv_mwh"], 6) for values in found.values()}) == 6
    of_sun = made.count("pv_plane_irradiance_w_per_m2")
    assert 6 - 1 <= of_sun <= 6  # slope and sun, one of them as the plant has it; twelve scenarios
    assert made.count("wind_hub_wind_speed_m_per_s") <= 2


@pytest.mark.long
def test_what_a_series_was_made_from_is_not_fitted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [f"2023-07-03T00:{minute:02d}Z,{minute}" for minute in range(30)]
    Path("data.csv").write_text("\n".join(["time_utc,pv.power_w", *rows]) + "\n")
    with pytest.raises(PlantError, match="decides a series that is made before the run"):
        calibrate(Task(str(written(tmp_path)), Path("data.csv"), ("pv.tilt_deg",)))
