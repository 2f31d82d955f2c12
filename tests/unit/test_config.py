"""Plant and scenario files: what is read, and what is said of everything that cannot be."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from h2plant.config.load import load_plant, read_plant
from h2plant.config.scenario import Scenario, check_scenario, load_scenario
from h2plant.config.series import SeriesSpec
from h2plant.config.yaml_source import parse_yaml
from h2plant.plant.finding import Finding, PlantError
from h2plant.plant.graph import Link, PortRef
from tests.declared import KINDS, SOURCE

PLANT = """\
h2plant: 1
name: toy
description: two sources
timezone: Europe/Amsterdam
x-source: &source
  kind: source
  power_mw: 2
  pressure_bar: 30
series:
  temp_air_degc: {constant: 15}
  price_eur_per_mwh: {values: [50, 60], resolution_h: 12}
components:
  a: {<<: *source, temperature_degc: 60}
  b:
    <<: *source
    power_kw: 500   # wins over the merged power_mw
    is_hot: true
  mix: {kind: pipe}
  wind: {kind: wind}
  bus: {kind: bus}
links:
  - [a.gas, b.gas] -> mix.inlets  # many to one
  - bus.consumers -> [a.power, b.power]
  - wind.power -> bus.supplies
  - wind.available -> [a.setpoint, b.setpoint]
  - series.price_eur_per_mwh -> wind.price
economics: {rate: 0.07, years: [1, 2]}
"""


def write(tmp_path: Path, text: str, name: str = "plant.yaml") -> Path:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def findings_of(tmp_path: Path, text: str, **overrides: str) -> list[Finding]:
    return read_plant(write(tmp_path, text), {k.replace("__", "."): v for k, v in overrides.items()}, kinds=KINDS)[1]


def assert_finding(
    findings: list[Finding], id: str, line: int, what: str, remedy: str, file: Path | None = None
) -> None:
    matching = [f for f in findings if f.id == id]
    assert matching, [str(f) for f in findings]
    found = matching[0]
    assert found.line == line, str(found)
    assert what in found.what, str(found)
    assert remedy in found.remedy, str(found)
    if file is not None:
        assert found.file == file


def test_plant_is_read_in_si(tmp_path):
    file = write(tmp_path, PLANT)
    plant = load_plant(file, kinds=KINDS)
    assert (plant.name, plant.description, plant.timezone, plant.file) == (
        "toy",
        "two sources",
        "Europe/Amsterdam",
        file,
    )
    a, b = plant.components["a"].values, plant.components["b"].values
    assert (a["power_w"], a["pressure_pa"], a["temperature_k"]) == (2e6, 30e5, 333.15)
    assert (b["power_w"], b["is_hot"], b["temperature_k"]) == (500e3, 1.0, 298.15)
    assert set(a) == {f.name for f in SOURCE.parameters}
    assert plant.links[:2] == (
        Link(PortRef("a", "gas"), PortRef("mix", "inlets"), 22),
        Link(PortRef("b", "gas"), PortRef("mix", "inlets"), 22),
    )
    assert [str(link.target) for link in plant.links_at("bus", "consumers")] == ["a.power", "b.power"]
    assert plant.economics == {"rate": 0.07, "years": [1, 2]}
    assert plant.lines["components.b.power_kw"] == 16
    assert plant.components["b"].line == 14


def test_default_series_are_used_where_nothing_is_linked(tmp_path):
    plant = load_plant(write(tmp_path, PLANT), kinds=KINDS)
    assert plant.used_series() == ("price_eur_per_mwh", "temp_air_degc")
    assert [str(link.target) for link in plant.default_links()] == ["a.ambient_temperature", "b.ambient_temperature"]


def test_overrides_are_checked_like_the_file(tmp_path):
    file = write(tmp_path, PLANT)
    plant = load_plant(file, {"a.power_mw": "3", "b.temperature_degc": 70.0, "economics.rate": "0.05"}, kinds=KINDS)
    assert plant.components["a"].values["power_w"] == 3e6
    assert plant.components["b"].values["temperature_k"] == 343.15
    assert plant.economics["rate"] == 0.05
    both = load_plant(file, {"*.min_load_frac": 0.2}, kinds=KINDS).components
    assert [both[c].values["min_load_frac"] for c in "ab"] == [0.2, 0.2]


@pytest.mark.parametrize(
    ("key", "value", "id", "remedy"),
    [
        ("aa.power_mw", "3", "unknown-component", "'a'"),
        ("a.powr_mw", "3", "unknown-parameter", "'power_mw'"),
        ("a.power_mw", "much", "wrong-type", "a number"),
        ("a.power_bar", "3", "unknown-unit", "'power_mw'"),
        ("a.power_mw", "-3", "out-of-bounds", "from 0 to 1000"),
        ("*.powr_mw", "3", "unknown-parameter", "'power_mw'"),
        ("z*.power_mw", "3", "unknown-component", "'a'"),
        ("power_mw", "3", "bad-override", "component.parameter=value"),
        ("economics.rate.low", "3", "bad-override", "single value"),
    ],
)
def test_wrong_override(tmp_path, key, value, id, remedy):
    _, findings = read_plant(write(tmp_path, PLANT), {key: value}, kinds=KINDS)
    assert [f.id for f in findings] == [id]
    assert findings[0].where == f"set {key}"
    assert remedy in findings[0].remedy


def test_override_can_give_what_the_file_lacks(tmp_path):
    text = PLANT.replace("  pressure_bar: 30\n", "")
    assert [f.id for f in findings_of(tmp_path, text)] == ["missing-parameter"] * 2
    assert findings_of(tmp_path, text, a__pressure_bar="20", b__pressure_bar="20") == []
    assert findings_of(tmp_path, text, **{"*__pressure_bar": "20"}) == []


def test_digest_follows_content_and_not_layout(tmp_path):
    plain = load_plant(write(tmp_path, PLANT), kinds=KINDS).digest
    same = PLANT.replace("power_kw: 500   # wins over the merged power_mw", "power_w: 5e5").replace("two sources", "x")
    assert load_plant(write(tmp_path, same, "same.yaml"), kinds=KINDS).digest == plain
    assert load_plant(write(tmp_path, PLANT), {"a.power_mw": 2.5}, kinds=KINDS).digest != plain


T = "temperature_degc: 60"
C = "constant: 15"
W = "wind.power -> bus.supplies"


def changed(old: str, new: str) -> str:
    assert old in PLANT, old
    return PLANT.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "id", "line", "what", "remedy"),
    [
        (changed("h2plant: 1", "h2plant: 2"), "format-version", 1, "format version is 2", "h2plant: 1"),
        (changed("h2plant: 1\n", ""), "missing-key", 1, "'h2plant' is missing", "add 'h2plant: ...'"),
        (changed("economics:", "economic:"), "unknown-key", 27, "no key 'economic'", "'economics'"),
        (changed("name: toy", "name: 5"), "wrong-type", 2, "valid string", "text"),
        (changed("Europe/Amsterdam", "Europe/Amsterdm"), "unknown-timezone", 4, "no time zone", "'Europe/Amsterdam'"),
        (changed("kind: pipe", "kind: pype"), "unknown-kind", 18, "no kind 'pype'", "'pipe'"),
        (changed("mix: {kind: pipe}", "mix: {}"), "missing-key", 18, "has no 'kind'", "'pipe'"),
        (changed("mix: {kind: pipe}", "mix: pipe"), "wrong-type", 18, "the text 'pipe'", "{kind: ..., ...}"),
        (changed("  mix: {kind", "  1mix: {kind"), "bad-id", 18, "cannot be the id", "start with a letter"),
        (changed(T, "temprature_degc: 60"), "unknown-parameter", 13, "no parameter", "'temperature_degc'"),
        (changed(T, "running_h: 60"), "unknown-parameter", 13, "is a state", "computed"),
        (changed(T, "setpoint: 60"), "unknown-parameter", 13, "is a port", "links"),
        (changed("  pressure_bar: 30\n", ""), "missing-parameter", 12, "'pressure_pa' is missing", "outlet pressure"),
        (changed(T, "temperature_degc: hot"), "wrong-type", 13, "the text 'hot'", "a number"),
        (changed(T, "temperature_degc: '60'"), "wrong-type", 13, "the text '60'", "quotes"),
        (changed(T, "temperature_degc: [60]"), "wrong-type", 13, "a list", "a number"),
        (changed(T, "temperature_degc: true"), "wrong-type", 13, "true or false", "a number"),
        (changed(T, "temperature_degc: ~"), "wrong-type", 13, "nothing", "a number"),
        (changed(T, 'temperature_degc: "60,5"'), "wrong-type", 13, "60,5", "60.5"),
        (changed("is_hot: true", "is_hot: yes"), "wrong-type", 17, "the text 'yes'", "true or false"),
        (changed(T, "temperature_degc: 600"), "out-of-bounds", 13, "above", "-23.15 to 176.85"),
        (changed(T, "temperature_degc: .nan"), "out-of-bounds", 13, "finite", "-23.15 to 176.85"),
        (changed(T, "temperature_f: 60"), "unknown-unit", 13, "'f' is not a unit", "'temperature_degc'"),
        (changed(T, "temperature: 60"), "unknown-unit", 13, "has no unit", "'temperature_degc'"),
        (changed(T, "approach_degc: 4"), "unknown-unit", 13, "difference", "'approach_k'"),
        (changed("power_kw: 500", "power_kw: 500\n    power_w: 1"), "given-twice", 17, "also given", "keep one"),
        (changed("power_kw: 500", "power_kw: 500\n    power_kw: 1"), "duplicate-key", 17, "stands twice", "remove one"),
        (changed(W, "wind.power > bus.supplies"), "bad-link", 24, "cannot be read", "port -> comp"),
        (changed(W, "wind -> bus.supplies"), "bad-link", 24, "cannot be read", "port -> comp"),
        (changed("- " + W, "- {wind.power: bus.supplies}"), "bad-link", 24, "a mapping", "port -> comp"),
        (changed("-> mix.inlets", "-> [mix.inlets, mix.side]"), "bad-link", 22, "2 ports to 2", "one line for each"),
        (changed(C, "constant: 15, values: [1]"), "series-source", 10, "'constant' and 'values'", "exactly one"),
        (changed(C, "mode: hold"), "series-source", 10, "no numbers", "exactly one"),
        (changed(C, "constnt: 15"), "unknown-key", 10, "no key 'constnt'", "'constant'"),
        (changed(C, "constant: warm"), "wrong-type", 10, "number", "a number"),
        (changed(C, "constant: 15, column: x"), "unused-key", 10, "'column' means nothing", "remove"),
        (changed(C, "file: nl_2032"), "no-such-file", 10, "no bundled series file", "'nl_2023'"),
        (changed(C, "file: air.csv"), "no-such-file", 10, "no file", "'plant.yaml'"),
        (changed(C, "constant: 15, scale: 1/0"), "wrong-type", 10, "1/0", "1/28.5"),
        (changed(C, "constant: 15, unit: bar"), "unknown-unit", 10, "'bar' does not measure", "same quantity"),
        (changed(C, "file: nl_2023, column: wind_power_pu"), "unknown-unit", 10, "is in 'pu'", "same quantity"),
        (changed(C, "file: nl_2023, timezone: Mars"), "unknown-timezone", 10, "'Mars'", "IANA name"),
        (changed(", resolution_h: 12", ""), "series-source", 11, "no resolution", "'resolution_s'"),
        (changed("resolution_h: 12", "resolution_s: 0.5"), "resolution", 11, "0.5 s", "whole number"),
        (changed("resolution_h: 12", "resolution_h: 12, start: noon"), "bad-time", 11, "'noon'", "ISO 8601"),
        (changed("  price_eur_per_mwh: {v", "  price: {v"), "no-unit", 11, "not end in a unit", "per_mwh"),
        (changed("  price_eur_per_mwh: {v", "  calendar_hour_of_week: {v"), "reserved-name", 11, "built in", "clock"),
    ],
)  # fmt: skip
def test_bad_plant(tmp_path, text, id, line, what, remedy):
    findings = findings_of(tmp_path, text)
    assert_finding(findings, id, line, what, remedy, tmp_path / "plant.yaml")


@pytest.mark.parametrize(
    ("raw", "id", "line", "what", "remedy"),
    [
        (b"h2plant: 1\nname: t\xff\n", "wrong-encoding", 2, "0xff is not UTF-8", "UTF-8"),
        (b"h2plant: 1\nlinks:\n\t- a\n", "yaml-tab", 3, "tab", "spaces"),
        (b"h2plant: 1\nname: [a, b\nlinks: c\n", "yaml-syntax", 3, "flow sequence", "brackets"),
        (b"h2plant: 1\nname: *nobody\n", "yaml-syntax", 2, "undefined alias", "&name"),
        (b"h2plant: 1\nname: !!python/object x\n", "yaml-tag", 2, "python/object", "remove the tag"),
        (b"h2plant: 1\nname: \x07\n", "yaml-syntax", 2, "U+0007", "control character"),
        (b"h2plant: 1\n---\nname: b\n", "yaml-syntax", 2, "single document", "one plant"),
        (b"a: &a [*a]\n", "yaml-alias", 1, "contains it", "circle"),
        (b"a:\n  <<: 5\n", "yaml-merge", 2, "the number 5", "*anchor"),
        (b"? [a, b]\n: 5\n", "yaml-key", 1, "single word", "key: value"),
        (b"a: " + b"[" * 5000 + b"]" * 5000, "yaml-syntax", 0, "too deeply", "flat"),
        (b"", "empty-file", 1, "nothing in the file", "h2plant: 1"),
        (b"# nothing\n", "empty-file", 1, "nothing in the file", "h2plant: 1"),
        (b"- a\n- b\n", "wrong-type", 1, "a list", "components"),
    ],
)
def test_bad_file(tmp_path, raw, id, line, what, remedy):
    file = tmp_path / "plant.yaml"
    file.write_bytes(raw)
    _, findings = read_plant(file, kinds=KINDS)
    assert_finding(findings, id, line, what, remedy, file)


def test_aliases_that_multiply_are_refused(tmp_path):
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    text += "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9))
    _, findings = read_plant(write(tmp_path, text), kinds=KINDS)
    assert_finding(findings, "yaml-syntax", 0, "aliases without end", "flat")


def test_missing_file_suggests_its_neighbours(tmp_path):
    write(tmp_path, PLANT)
    _, findings = read_plant(tmp_path / "plnt.yaml", kinds=KINDS)
    assert_finding(findings, "no-such-file", 0, "no such file", "'plant.yaml'", tmp_path / "plnt.yaml")
    _, findings = read_plant("no_such_plant", kinds=KINDS)
    assert_finding(findings, "no-such-plant", 0, "'no_such_plant'", "'pem_wind'. A plant of your own")


def test_all_findings_come_at_once_and_are_printed_with_place_and_remedy(tmp_path):
    text = PLANT.replace("kind: pipe", "kind: pype").replace("power_kw: 500", "power_kw: -500")
    file = write(tmp_path, text.replace("wind.power -> bus.supplies", "wind.powr -> bus.supplies"))
    with pytest.raises(PlantError) as error:
        load_plant(file, kinds=KINDS)
    assert [f.id for f in error.value.findings] == ["out-of-bounds", "unknown-kind", "unknown-port"]
    printed = str(error.value)
    assert f"{file}:18: [unknown-kind] components.mix: there is no kind 'pype'\n  did you mean 'pipe'?" in printed
    assert "'power_kw' is -500, below its bound\n  choose a value from 0 to 1000000" in printed


def test_yaml_scalars_are_read_as_yaml_1_2():
    node = parse_yaml(
        "a: 1e6\nb: no\nc: 12:30\nd: 2023-01-01\ne: '5'\nf: TRUE\ng: 010\nh: -.5\ni: |\n  5\n", Path("f"), []
    )
    assert node is not None
    data = {"a": 1e6, "b": "no", "c": "12:30", "d": "2023-01-01", "e": "5", "f": True, "g": 10, "h": -0.5, "i": "5\n"}
    assert node.data() == data


def test_merge_takes_the_first_and_the_own_key():
    findings: list[Finding] = []
    text = "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  <<: [*x, *y]\n  c: 3\n"
    node = parse_yaml(text, Path("f"), findings)
    assert node is not None and not findings
    assert node.data()["z"] == {"a": 1, "b": 1, "c": 3}
    assert node.line_at(("z", "a")) == 1 and node.line_at(("z", "c")) == 5


SCENARIO = """\
h2plant: 1
name: windy
plant: plant.yaml
start: 2023-06-01T06:00+02:00
hours: 8
step_s: 60
log_every_min: 15
series:
  wind_power_pu: {values: [3, 5], resolution_h: 4, scale: 1/28.5}
set:
  a.power_mw: 3
"""


def test_scenario_is_read(tmp_path):
    scenario = load_scenario(write(tmp_path, SCENARIO, "windy.yaml"))
    assert scenario.name == "windy"
    assert scenario.plant == tmp_path / "plant.yaml"
    assert scenario.start == datetime(2023, 6, 1, 4, tzinfo=UTC)
    assert (scenario.hours, scenario.step_s, scenario.log_every_s, scenario.n_seconds) == (8.0, 60, 900, 28800)
    spec = scenario.series["wind_power_pu"]
    assert isinstance(spec, SeriesSpec)
    assert (spec.mode, spec.scale, spec.resolution_s) == ("hold", 1 / 28.5, 14400)
    assert scenario.overrides == {"a.power_mw": 3}
    assert scenario.content()["set"] == {"a.power_mw": 3}
    assert "--hours 8 --step-s 60 --log-every 900s --set a.power_mw=3" in scenario.command()


def test_plant_file_is_a_scenario_by_default(tmp_path):
    scenario = load_scenario(write(tmp_path, PLANT))
    assert scenario == Scenario("plant", tmp_path / "plant.yaml", file=tmp_path / "plant.yaml")
    assert (scenario.start, scenario.hours, scenario.step_s) == (datetime(2023, 1, 1, tzinfo=UTC), 24.0, 60)


@pytest.mark.parametrize("name", ["test_full_year", "test_8hour", "minimal_day"])
def test_bundled_scenarios_are_sound(name):
    scenario = load_scenario(name)
    assert scenario.name == name
    assert f"h2plant run {name} " in scenario.command()


def altered(old: str, new: str) -> str:
    assert old in SCENARIO, old
    return SCENARIO.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "id", "line", "what", "remedy"),
    [
        (altered("step_s: 60", "step_s: 7"), "bad-step", 6, "does not divide the hour", "divisor of 3600"),
        (altered("step_s: 60", "step_s: 0.5"), "bad-step", 6, "0.5 s", "whole seconds"),
        (altered("step_s: 60", "step_s: 60\nstep_min: 1"), "given-twice", 7, "'step_s' and 'step_min'", "keep one"),
        (altered("hours: 8", "hours: 0.001"), "bad-step", 5, "no whole number of steps", "length"),
        (altered("hours: 8", "hours: -8"), "out-of-bounds", 5, "greater than 0", "a number"),
        (altered("log_every_min: 15", "log_every_s: 90"), "bad-step", 7, "log interval of 90 s", "multiple"),
        (altered("start: 2023-06-01T06:00+02:00", "start: June"), "bad-time", 4, "'June'", "ISO 8601"),
        (altered("hours: 8", "timezone: Mars/Base"), "unknown-timezone", 5, "'Mars/Base'", "IANA name"),
        (altered("hours: 8", "hour: 8"), "unknown-key", 5, "'hour'", "'hours'"),
        (altered("plant: plant.yaml\n", ""), "missing-key", 1, "'plant' is missing", "add 'plant"),
        (altered("a.power_mw: 3", "a.power_mw: [3]"), "wrong-type", 11, "no single value", "component.parameter"),
        (altered("scale: 1/28.5", "scle: 1"), "unknown-key", 9, "'scle'", "'scale'"),
    ],
)
def test_bad_scenario(tmp_path, text, id, line, what, remedy):
    file = write(tmp_path, text, "windy.yaml")
    with pytest.raises(PlantError) as error:
        load_scenario(file)
    assert_finding(list(error.value.findings), id, line, what, remedy, file)


def test_unknown_scenario_suggests_bundled_ones():
    with pytest.raises(PlantError, match=r"did you mean 'test_8hour'"):
        load_scenario("test_8hours")


def test_changed_scenario_is_checked_again():
    assert check_scenario(Scenario("s", "p", step_s=60)) == []
    assert [f.id for f in check_scenario(Scenario("s", "p", step_s=7))] == ["bad-step"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.integers(0, len(PLANT) - 1),
    n_cut=st.integers(0, 12),
    put=st.text(st.sampled_from(list(":-{}[]*&<>|\"'#!?%,.~ \n\tabc019é\x00")), max_size=8),
)
def test_whatever_is_typed_gives_findings_and_no_other_error(tmp_path, place, n_cut, put):
    text = PLANT[:place] + put + PLANT[place + n_cut :]
    plant, findings = read_plant(write(tmp_path, text), kinds=KINDS)
    assert plant is not None or findings
    for finding in findings:
        assert finding.id and finding.what and finding.remedy and str(finding)
        assert 0 <= finding.line <= text.count("\n") + 1


def test_kind_of_a_component_can_be_set_for_a_run():
    plant = load_plant("dual_path", {"dispatch.kind": "economic_spot", "dispatch.spot_limit_eur_per_mwh": 20.0})
    rule = plant.components["dispatch"]
    assert rule.kind.name == "economic_spot"
    assert rule.values["spot_limit_eur_per_j"] == pytest.approx(20.0 / 3.6e9)
    # what both kinds have stays as the file has it
    assert rule.values["purchase_limit_w"] == load_plant("dual_path").components["dispatch"].values["purchase_limit_w"]
    with pytest.raises(PlantError, match="there is no kind 'economic_spott'"):
        load_plant("dual_path", {"dispatch.kind": "economic_spott"})
    with pytest.raises(PlantError, match="the kind 'pump' has no port 'storage_level'"):
        load_plant("dual_path", {"dispatch.kind": "pump"})
    with pytest.raises(PlantError, match=r"no component 'd\*' has a parameter 'kind'"):
        load_plant("dual_path", {"d*.kind": "soec_only"})


def test_a_study_is_no_scenario_and_its_command_is_named(tmp_path):
    file = write(tmp_path, "h2plant: 1\nstudy: sizes\nkind: optimize\nscenario: minimal\n", "sizes.yaml")
    with pytest.raises(PlantError) as told:
        load_scenario(file)
    (finding,) = told.value.findings
    assert (finding.id, finding.line) == ("not-a-scenario", 2) and "'h2plant optimize sizes.yaml'" in finding.remedy
