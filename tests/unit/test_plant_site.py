"""The site of a plant: the defaults that follow from its country, what is assumed without one, and questions asked."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

import h2plant
from h2plant.cli import app
from h2plant.config.bundled import bundled_plants
from h2plant.config.load import load_plant, read_plant
from h2plant.config.schema import PlantShape
from h2plant.config.zone_table import distance_km, zone_places
from h2plant.core.constants import EUR_PER_MWH
from h2plant.economics.settings import Settings, read_settings
from h2plant.plant.country import ECONOMICS, QUANTITIES, countries, find_country
from h2plant.plant.finding import Finding, PlantError
from h2plant.plant.graph import Plant
from h2plant.plant.grid_tariff import grid_tariffs
from h2plant.results.grid_use import rare_use
from h2plant.studies.study.target import Problem, find_target

MINIMAL = (Path(h2plant.__file__).parent / "plants" / "minimal.yaml").read_text(encoding="utf-8")
PLAIN = "\n".join(
    line for line in MINIMAL.split("\n") if not line.startswith(("site:", "# what", "economics:"))
).replace(", import_fee_eur_per_mwh: 10, imbalance_surcharge_eur_per_mwh: 75", "")
"""The bundled plant, saying nothing of where it stands nor of what follows from it."""


def write(folder: Path, site: str, old: str = "", new: str = "") -> Path:
    file = folder / "plant.yaml"
    file.write_text(PLAIN.replace(old, new, 1).replace("\nseries:", f"\n{site}\nseries:", 1), encoding="utf-8")
    return file


def notes(plant: Plant) -> dict[str, Finding]:
    return {note.id: note for note in plant.notes}


def findings(folder: Path, site: str, overrides: dict[str, str | float] | None = None) -> list[Finding]:
    return read_plant(write(folder, site), overrides)[1]


def test_the_table_is_whole() -> None:
    """Codes are those of ISO 3166, and whole and once; each figure has a year, a source and a sound value."""
    table = countries()
    for id_, one in table.items():
        assert (id_, len(id_), len(one.alpha_3), len(one.currency)) == (one.id, 2, 3, 3)
        for figure in one.figures.values():
            assert figure.quantity in QUANTITIES and 2000 <= figure.year <= 2026 and len(figure.source) > 10
        assert 0.0 <= one.figures["tax_frac"].value <= 0.4
        assert 0.0 < one.figures["grid_intensity_g_per_kwh"].value < 1000.0
    names = [name.casefold() for one in table.values() for name in (one.id, one.alpha_3, one.name, *one.also)]
    assert len(names) == len(set(names))
    union = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
    asked = f"{union} NO CH GB IS US CA AU JP KR CN IN CL BR ZA MA SA AE OM NA MX AR"
    assert set(asked.split()) <= set(table)


@pytest.mark.parametrize(
    ("id_", "intensity", "tax"),
    # ourworldindata.org/grapher/carbon-intensity-electricity?tab=table for 2023; Tax Foundation 2024
    [
        ("AT", 111, 0.23),
        ("DE", 381, 0.29927),
        ("IN", 713, 0.30),
        ("GR", 337, 0.22),
        ("CL", 291, 0.27),
        ("FR", 56, 0.25825),
    ],
)
def test_figures_are_those_of_their_sources(id_: str, intensity: int, tax: float) -> None:
    figures = countries()[id_].figures
    assert round(figures["grid_intensity_g_per_kwh"].value) == intensity and figures["tax_frac"].value == tax


def test_the_fee_of_spain_is_the_sum_of_its_periods() -> None:
    """6.4TD of 2025, tolls and charges of six periods, EUR/kW a year; energy by the hours of each, EUR/MWh."""
    tolls = (6.590215, 3.939980, 0.956817, 0.665081, 0.019779, 0.013181)
    charges = (1.178247, 0.589615, 0.428453, 0.428453, 0.428453, 0.196374)
    figures = countries()["ES"].figures
    assert figures["grid_capacity_fee_eur_per_kw_year"].value == pytest.approx(sum(tolls + charges), abs=5e-3)
    hours = (801, 992, 863, 1051, 469, 4584)  # of 2025, by month, weekday and hour, holidays apart
    by_energy = (7.944 + 2.582, 3.569 + 1.913, 1.288 + 1.033, 0.681 + 0.516, 0.036 + 0.331, 0.004 + 0.207)
    mean = sum(n * fee for n, fee in zip(hours, by_energy, strict=True)) / 8760
    assert figures["grid_fee_eur_per_mwh"].value == pytest.approx(mean, abs=0.05)


@pytest.mark.parametrize("text", ["DE", "de", "DEU", "Germany", " germany "])
def test_a_country_is_found_by_code_and_name(text: str) -> None:
    found = find_country(text)
    assert found is not None and found.id == "DE"


def test_no_is_norway(tmp_path: Path) -> None:
    """YAML 1.1 reads NO as false; then Norway would be refused."""
    plant = load_plant(write(tmp_path, "site: {country: NO}"))
    assert plant.site.country is not None and plant.site.country.name == "Norway"


def test_defaults_follow_from_the_country(tmp_path: Path) -> None:
    """Fees of 0.69 ct/kWh and 53.06 EUR/kW, no tax on power for electrolysis: 6.9 EUR/MWh in all."""
    plant = load_plant(write(tmp_path, "site: {country: DE, latitude: 53.5, longitude: 8.1, elevation_m: 3}"))
    assert plant.components["grid"].values["import_fee_eur_per_j"] == pytest.approx(6.9 * EUR_PER_MWH)
    settings = read_settings(plant)
    assert (settings.tax_frac, settings.grid_intensity_g_per_kwh) == (0.29927, 380.95)
    assert settings.grid_capacity_fee_eur_per_kw_year == 53.06
    assert plant.site.place == (53.5, 8.1) and plant.site.elevation_m == 3.0
    note = notes(plant)["site-default"]
    assert (
        "figures of Germany (DE) are used: economics.tax_frac 0.29927 (2024)" in note.what
        and "import_fee_eur_per_mwh 6.9" in note.what
    )
    assert note.line == 7 and "h2plant countries DE" in note.remedy
    said = plant.site.to_dict()
    assert [f["quantity"] for f in said["taken"]["grid.import_fee_eur_per_mwh"]["figures"]] == [
        "grid_fee_eur_per_mwh",
        "power_tax_eur_per_mwh",
    ]
    assert said["assumed"] == {"grid.imbalance_surcharge_eur_per_mwh": 75.0}  # the rule plans what it imports


def test_what_the_plant_says_wins(tmp_path: Path) -> None:
    site = "site: {country: DE}\neconomics: {tax_frac: 0.1, grid_intensity_g_per_kwh: 50}"
    plant = load_plant(write(tmp_path, site, "import_limit_mw: 2", "import_limit_mw: 2, import_fee_eur_per_mwh: 3"))
    assert plant.components["grid"].values["import_fee_eur_per_j"] == pytest.approx(3.0 * EUR_PER_MWH)
    assert (read_settings(plant).tax_frac, read_settings(plant).grid_intensity_g_per_kwh) == (0.1, 50.0)
    assert list(plant.site.to_dict()["taken"]) == ["economics.grid_capacity_fee_eur_per_kw_year"]


def test_a_change_of_a_run_wins(tmp_path: Path) -> None:
    file = write(tmp_path, "site: {country: NL}")
    plant = load_plant(file, {"site.country": "FRA", "economics.tax_frac": 0.2, "grid.import_fee_eur_per_mwh": 4.0})
    assert plant.site.country_id == "FR" and read_settings(plant).tax_frac == 0.2
    assert read_settings(plant).grid_intensity_g_per_kwh == 56.039
    assert plant.components["grid"].values["import_fee_eur_per_j"] == pytest.approx(4.0 * EUR_PER_MWH)


def test_a_tariff_that_is_named_gives_all_fees(tmp_path: Path) -> None:
    """ACM 2023, Enexis at 25 to 50 kV: 18.80 EUR/kW of the contract, 2.28 EUR/kW and month, nothing by the energy."""
    plant = load_plant(write(tmp_path, "site: {country: NL, grid_tariff: nl_enexis_2023_ts}"))
    settings = read_settings(plant)
    assert settings.grid_capacity_fee_eur_per_kw_year == 18.80
    assert settings.grid_monthly_peak_fee_eur_per_kw_month == 2.28
    assert plant.components["grid"].values["import_fee_eur_per_j"] == 0.0
    assert plant.site.content()["grid_tariff"] == "nl_enexis_2023_ts"
    taken = plant.site.to_dict()["taken"]["economics.grid_monthly_peak_fee_eur_per_kw_month"]["figures"]
    assert taken[0]["year"] == 2023 and "ACM" in taken[0]["source"]
    alone = load_plant(write(tmp_path, "site: {grid_tariff: nl_stedin_2025_ts}"))
    assert alone.site.country_id == "NL" and read_settings(alone).grid_capacity_fee_eur_per_kw_year == 37.54


def test_a_use_of_the_grid_that_another_tariff_may_be_for_is_noted(tmp_path: Path) -> None:
    """Up to 600 h a year (kWh by the highest kW) Dutch operators have another tariff; a run is scaled to a year."""
    named = load_plant(write(tmp_path, "site: {grid_tariff: nl_enexis_2023_ts}"))
    unnamed = load_plant(write(tmp_path, "site: {country: NL}"))

    def notes(plant: Plant, use_h: float, hours: float, peak_w: float = 2.0e6) -> list[str]:
        sums = {"peak_import_w": peak_w, "imported_j": use_h * 3600.0 * peak_w * hours / 8760.0}
        return rare_use(plant, SimpleNamespace(sum=sums.__getitem__), hours)  # type: ignore[arg-type]

    for hours in (24.0, 8760.0, 17520.0):
        (note,) = notes(named, 599.0, hours)
        assert "[other-tariff] site.grid_tariff" in note and "used for 599 h a year" in note and "up to 600 h" in note
        assert not notes(named, 601.0, hours) and not notes(unnamed, 10.0, hours)
    assert not notes(named, 0.0, 24.0, peak_w=0.0)
    assert all(tariff.least_use_h == 600.0 for tariff in grid_tariffs().values() if tariff.country_id == "NL")


def test_a_tariff_named_for_a_run_replaces_the_fees_of_the_file(tmp_path: Path) -> None:
    """What the file says stands beside a tariff in the file; ``--set`` of either wins over the file."""
    capacity, monthly = "grid_capacity_fee_eur_per_kw_year", "grid_monthly_peak_fee_eur_per_kw_month"
    file = write(tmp_path, f"site: {{country: NL}}\neconomics: {{{capacity}: 53.06}}")
    named = {"site.grid_tariff": "nl_liander_2025_hs"}
    for changes, fees in (
        ({}, (53.06, 0.0)),
        (named, (22.08, 2.28)),
        ({**named, f"economics.{capacity}": 7.0}, (7.0, 2.28)),
    ):
        plant = load_plant(file, changes)
        settings = read_settings(plant)
        assert (settings.grid_capacity_fee_eur_per_kw_year, settings.grid_monthly_peak_fee_eur_per_kw_month) == fees
    both = f"site: {{country: NL, grid_tariff: nl_liander_2025_hs}}\neconomics: {{{capacity}: 5, {monthly}: 1}}"
    settings = read_settings(load_plant(write(tmp_path, both)))
    assert (settings.grid_capacity_fee_eur_per_kw_year, settings.grid_monthly_peak_fee_eur_per_kw_month) == (5.0, 1.0)


@pytest.mark.parametrize(
    ("site", "said"),
    [
        ("{country: NL, grid_tariff: nl_enexis_2032_ts}", "there is no tariff 'nl_enexis_2032_ts'"),
        ("{country: DE, grid_tariff: nl_enexis_2023_ts}", "is a tariff of Netherlands (NL), where the plant does not"),
        ("{country: NL, grid_tariff: 3}", "is the number 3"),
    ],
)
def test_a_tariff_that_is_not_there_is_refused(tmp_path: Path, site: str, said: str) -> None:
    with pytest.raises(PlantError) as caught:
        load_plant(write(tmp_path, f"site: {site}"))
    assert "[unknown-tariff] site.grid_tariff" in str(caught.value) and said in str(caught.value)


def test_what_the_table_lacks_is_assumed_by_name(tmp_path: Path) -> None:
    """Norway's tax on power for electrolysis is known, the fee of its grid is not: no half sum is taken."""
    plant = load_plant(write(tmp_path, "site: {country: Norway}"))
    assert plant.components["grid"].values["import_fee_eur_per_j"] == pytest.approx(10.0 * EUR_PER_MWH)
    note = notes(plant)["assumed"]
    assert "import_fee_eur_per_mwh 10 (an estimate, known of it: power_tax_eur_per_mwh 0)" in note.what
    assert "not in NOK" in notes(plant)["currency"].what


def test_without_a_site_what_is_assumed_is_named(tmp_path: Path) -> None:
    plant = load_plant(write(tmp_path, ""))
    what = notes(plant)["assumed"].what
    for part in (
        "economics.tax_frac 0.258 (as in the Netherlands in 2023)",
        "economics.grid_intensity_g_per_kwh not known (so there is no CO2 of imports)",
        "economics.grid_capacity_fee_eur_per_kw_year 53.06 (as in Germany in 2026)",
        "grid.import_fee_eur_per_mwh 10 (an estimate)",
        "grid.imbalance_surcharge_eur_per_mwh 75 (as in the Netherlands in 2013)",
    ):
        assert part in what
    assert "site.country" in notes(plant)["assumed"].remedy and plant.site.content() == {}


def test_a_linked_intensity_is_not_missed(tmp_path: Path) -> None:
    link = "links:\n  - series.grid_intensity_g_per_kwh -> grid.carbon_intensity\n"
    file = write(tmp_path, "", "links:\n", link)
    text = file.read_text(encoding="utf-8").replace(
        "series:\n", "series:\n  grid_intensity_g_per_kwh: {constant: 9}\n", 1
    )
    file.write_text(text, encoding="utf-8")
    assert "grid_intensity" not in notes(load_plant(file))["assumed"].what


def test_bundled_plants_say_all_of_it_themselves() -> None:
    for name in bundled_plants():
        plant = load_plant(name)
        assert plant.site.country_id and plant.site.defaults == () and plant.notes == (), name


def test_a_run_tells_its_site_and_no_co2_without_one(tmp_path: Path) -> None:
    """CO2 per hydrogen is import times 56.039 g/kWh (kg/MWh) by the hydrogen made; the kept plant has the same site."""
    file = write(tmp_path, "")
    here = h2plant.run(file, hours=2, out=tmp_path / "here", set={"site.country": "FR"})
    figures = here.summary["key_figures"]
    assert figures["import_mwh"] > 0.0
    assert figures["carbon_kg_per_kg"] == pytest.approx(figures["import_mwh"] * 56.039 / figures["hydrogen_made_kg"])
    assert here.summary["site"]["country"] == "FR" and here.summary["site"]["currency"] == "EUR"
    assert "Tax Foundation" in json.dumps(here.summary["site"]["taken"])
    assert any("[site-default]" in note for note in here.summary["provenance"]["notes"])
    again = h2plant.run(here.folder / "scenario.json", out=tmp_path / "again")
    assert again.summary["site"] == here.summary["site"]
    assert again.summary["provenance"]["plant_digest"] == here.summary["provenance"]["plant_digest"]
    nowhere = h2plant.run(file, hours=2, out=tmp_path / "nowhere").summary
    assert nowhere["key_figures"]["carbon_kg_per_kg"] is None
    assert "site.country" in nowhere["economics"]["reasons"]["carbon_kg_per_kg"]


def test_the_digest_knows_the_place(tmp_path: Path) -> None:
    digests = {
        load_plant(write(tmp_path, site)).digest
        for site in ("", "site: {latitude: 52}", "site: {latitude: 53}", "site: {country: NL}", "site: {country: BE}")
    }
    assert len(digests) == 5


@pytest.mark.parametrize(
    ("site", "id_", "where", "part"),
    [
        ("site: Germany", "wrong-type", "site", "wanted a mapping"),
        ("site: {cuntry: DE}", "unknown-key", "site.cuntry", "did you mean 'country'"),
        ("site: {country: Germny}", "unknown-country", "site.country", "did you mean 'Germany'"),
        ("site: {country: 49}", "unknown-country", "site.country", "a code such as DE"),
        ("site: {latitude: 120, longitude: 40}", "out-of-bounds", "site.latitude", "swapped?"),
        ("site: {latitude: 5237}", "out-of-bounds", "site.latitude", "another unit?"),
        ("site: {longitude: 4°54'}", "wrong-type", "site.longitude", "decimal number"),
        ("site: {elevation_m: 30000}", "out-of-bounds", "site.elevation_m", "another unit?"),
        ("site: {country: NL, latitude: 4.9, longitude: 52.4}", "place-not-in-country", "site.latitude", "swapped?"),
        (
            "site: {country: US, latitude: 30.3, longitude: 97.7}",
            "place-not-in-country",
            "site.latitude",
            "west is neg",
        ),
        (
            "site: {country: AU, latitude: 33.9, longitude: 151}",
            "place-not-in-country",
            "site.latitude",
            "south is neg",
        ),
    ],
)
def test_a_wrong_site_is_asked_about(tmp_path: Path, site: str, id_: str, where: str, part: str) -> None:
    found = [f for f in findings(tmp_path, site) if f.severity == "error"]
    assert [(f.id, f.where, f.line) for f in found] == [(id_, where, 7)]
    assert part in f"{found[0].what} {found[0].remedy}"


def test_a_place_that_may_be_right_is_only_noted(tmp_path: Path) -> None:
    """A point in the ocean: nothing says which number is wrong, and territories lie far off."""
    plant = load_plant(write(tmp_path, "site: {country: NL, latitude: 12.2, longitude: -68.9}"))
    assert plant.site.place == (12.2, -68.9) and not [n for n in plant.notes if n.severity == "error"]


def test_a_clock_of_another_country_is_noted(tmp_path: Path) -> None:
    assert (
        "'Europe/Amsterdam' lies in another country"
        in notes(load_plant(write(tmp_path, "site: {country: ES}")))["other-timezone"].what
    )
    utc = write(tmp_path, "site: {country: ES}", "Europe/Amsterdam", "UTC")  # lies in no country
    assert "other-timezone" not in notes(load_plant(utc))


def test_zones_have_places() -> None:
    """Amsterdam to Berlin is 577 km by air."""
    places = zone_places()
    assert places["Europe/Amsterdam"].country_id == "NL"
    one, other = (places[name] for name in ("Europe/Amsterdam", "Europe/Berlin"))
    far = distance_km((one.latitude, one.longitude), (other.latitude, other.longitude))
    assert far == pytest.approx(577.0, rel=0.01)
    assert places["America/St_Johns"].longitude == pytest.approx(-(52 + 43 / 60))


def test_wrong_changes_of_the_site_name_the_change(tmp_path: Path) -> None:
    found = findings(tmp_path, "", {"site.country": "Atlantis", "site.heigth": 3})
    assert {(f.id, f.where) for f in found if f.severity == "error"} == {
        ("unknown-country", "set site.country"),
        ("unknown-key", "set site.heigth"),
    }


def test_a_study_does_not_vary_the_site(tmp_path: Path) -> None:
    problem = find_target("site.country", load_plant(write(tmp_path, "site: {country: NL}")), (), 2023)
    assert isinstance(problem, Problem) and "does not vary 'site.country'" in problem.what


def test_declarations_name_what_there_is() -> None:
    """What hangs on the country is a key with the same default; kinds name figures of the table and own ports."""
    for name, assumed in ECONOMICS.items():
        assert Settings.model_fields[name].default == assumed.value and name in QUANTITIES
    fields = [(kind, field) for kind in h2plant.kinds().values() for field in kind.parameters if field.site]
    assert fields
    for kind, field in fields:
        assert set(field.site) <= set(QUANTITIES) and not set(field.site) & set(ECONOMICS)
        assert not field.site_with or kind.port(field.site_with)
    assert "site" in PlantShape.model_fields


def test_the_table_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = CliRunner().invoke(app, ["countries"]).output
    assert max(map(len, shown.splitlines())) <= 80
    assert "DE Germany" in shown and "Vattenfall" in shown and "Ember" in shown
    one = CliRunner().invoke(app, ["countries", "Norway"]).output
    assert "grid_intensity_g_per_kwh: 30.08 (2023)" in one and "grid_fee_eur_per_mwh: not known: give it" in one
