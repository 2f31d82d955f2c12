"""Words that people use under ``economics``: read as the key that they mean, or explained; tables of prices by year."""

from pathlib import Path

import pytest

import h2plant
from h2plant.config.economic_words import EXPLAINED, SAME
from h2plant.config.load import load_plant, read_plant
from h2plant.economics.settings import Settings, path_notes, rate_notes, read_settings
from h2plant.plant.finding import PlantError

MINIMAL = (Path(h2plant.__file__).parent / "plants" / "minimal.yaml").read_text(encoding="utf-8")


def plant_with(folder: Path, *economics: str) -> Path:
    """Write the smallest plant with economics of its own, a line each; the first of them is line 2."""
    lines = [line for line in MINIMAL.splitlines() if not line.startswith("economics:")]
    file = folder / "plant.yaml"
    file.write_text("\n".join(["economics:", *(f"  {one}" for one in economics), *lines]) + "\n", encoding="utf-8")
    return file


def findings(file: Path, **overrides: object) -> list[str]:
    changes = {f"economics.{key}": value for key, value in overrides.items()}
    with pytest.raises(PlantError) as error:
        read_settings(load_plant(file, changes), changes)
    return [str(one) for one in error.value.findings]


def test_every_word_leads_to_a_key_that_there_is() -> None:
    assert set(SAME.values()) <= set(Settings.model_fields)
    assert not (set(SAME) | set(EXPLAINED)) & set(Settings.model_fields)
    assert not set(SAME) & set(EXPLAINED)


def test_words_are_read_as_their_keys_and_said(tmp_path: Path) -> None:
    file = plant_with(tmp_path, "lifetime: 30", "tax_rate: 0.3", "gearing: 0.5", "capex: {tank: 3.0e5}")
    plant = load_plant(file)
    settings = read_settings(plant)
    assert (settings.project_life_years, settings.tax_frac, settings.debt_frac) == (30, 0.3, 0.5)
    assert settings.capex_eur == {"tank": 3.0e5}
    said = [f"{note.line}: {note.what}" for note in plant.notes if note.id == "read-as"]
    assert said == [
        "2: read as 'project_life_years'",
        "3: read as 'tax_frac'",
        "4: read as 'debt_frac'",
        "5: read as 'capex_eur'",
    ]


def test_a_wacc_is_nominal_and_says_what_it_became(tmp_path: Path) -> None:
    plant = load_plant(plant_with(tmp_path, "inflation: 0.02", "wacc: 0.0812"))
    settings = read_settings(plant)
    assert settings.real_rate_frac == pytest.approx(0.06, abs=1e-12)  # 1.06 x 1.02 = 1.0812
    assert settings.financing.nominal_rate_frac == pytest.approx(0.0812, abs=1e-12)
    (note,) = rate_notes(plant, settings)
    assert note.line == 3 and "0.0812 in money of the day is 0.06 above an inflation of 0.02" in note.what
    real = read_settings(load_plant(plant_with(tmp_path, "wacc_real: 0.07")))
    assert real.real_rate_frac == 0.07 and real.wacc_frac is None


def test_a_word_of_the_command_stands_for_the_key_of_the_file(tmp_path: Path) -> None:
    file = plant_with(tmp_path, "project_life_years: 20")
    assert read_settings(load_plant(file, {"economics.lifetime": 30})).project_life_years == 30
    file = plant_with(tmp_path, "lifetime: 20")
    assert read_settings(load_plant(file, {"economics.project_life_years": 30})).project_life_years == 30
    twice = {"economics.project_life_years": 30, "economics.lifetime": 25}
    with pytest.raises(PlantError, match="means the same as 'project_life_years'"):
        load_plant(file, twice)


@pytest.mark.parametrize(
    ("lines", "at", "says"),
    [
        (["lifetime: 20", "project_life_years: 25"], 2, "means the same as 'project_life_years'"),
        (["wacc: 0.08", "real_rate_frac: 0.05"], 2, "'real_rate_frac' is a discount rate as well"),
        (["debt_frac: 0.6", "wacc: 0.08"], 3, "60% of it is borrowed besides"),
        (["wacc: 8"], 2, "write 0.08 for 8 %"),
        (["discount_rate: 0.08"], 2, "say which: 'real_rate_frac'"),
        (["interest_rate: 0.05"], 2, "'debt_rate_frac' is what a loan costs"),
        (["opex: 0.03"], 2, "fixed_cost_frac"),
        (["capex: 3.0e6"], 2, "give offers by component"),
        (["hydrogen_price: 6"], 2, "hydrogen_price_eur_per_kg"),
        (["price_paths: {power: {rate_frac: 0.02}}"], 2, "money: nominal"),
        (["price_paths: {powr: {rate_frac: 0.02, money: real}}"], 2, "did you mean 'power'"),
        (["price_paths: {power: {money: real, by_year: {2030: 1.1}}}"], 2, "economics.first_year"),
        (["electricity_escalation_frac: 0.01", "price_paths: {power: {rate_frac: 0.0, money: nominal}}"], 3, "too"),
    ],
)
def test_what_is_not_clear_is_explained_at_its_line(tmp_path: Path, lines: list[str], at: int, says: str) -> None:
    file = plant_with(tmp_path, *lines)
    (found,) = findings(file)
    assert found.startswith(f"{file}:{at}: ") and says in found


def test_a_price_of_co2_needs_to_know_what_the_grid_emits(tmp_path: Path) -> None:
    file = plant_with(tmp_path, "carbon_price_eur_per_t: 80")
    assert read_settings(load_plant(file)).carbon_price_eur_per_t == 80.0  # the site's country says it
    text = file.read_text(encoding="utf-8")
    file.write_text("\n".join(line for line in text.splitlines() if not line.startswith("site:")), encoding="utf-8")
    (found,) = findings(file)
    assert found.startswith(f"{file}:2: [missing-intensity]") and "grid_intensity_g_per_kwh" in found


def test_findings_of_a_change_name_the_change(tmp_path: Path) -> None:
    file = plant_with(tmp_path, "lifetime: 20")
    assert findings(file, wacc=8)[0].startswith("[out-of-bounds] set economics.wacc_frac")
    assert findings(file, **{"price_paths.power.rate_frac": 0.02})[0].startswith("[wrong-type] set economics.price_pa")


def table(folder: Path, text: str, more: str = "") -> Path:
    (folder / "prices.csv").write_text(text, encoding="utf-8")
    path = f"power: {{file: prices.csv, money: real, reference: 50{more}}}"
    return plant_with(folder, "first_year: 2028", f"price_paths: {{{path}}}")


def test_a_table_of_prices_is_read_and_kept(tmp_path: Path) -> None:
    file = table(tmp_path, "# EUR/MWh\nyear;low;high\n2030;60,5;90\n\n2040;40;80\n", ", column: low")
    plant = load_plant(file)
    power = read_settings(plant).price_paths.power
    assert power is not None and power.by_year == {2030: 60.5, 2040: 40.0}
    kept = plant.block_files
    (tmp_path / "prices.csv").unlink()
    again, found = read_plant(file, kept_blocks=kept)
    assert again is not None and not [f for f in found if f.severity == "error"]
    assert read_settings(again).price_paths.power == power


@pytest.mark.parametrize(
    ("text", "more", "at", "says"),
    [
        ("year,price\n2030,60\n2030,61\n", "", 3, "2030 stands there twice"),
        ("year,price\n2030,sixty\n", "", 2, "2030 has no number"),
        ("year,price\n30,60\n", "", 2, "has no year"),
        ("year,price\n2030,nan\n", "", 2, "has no number"),
        ("time,price\n2030,60\n", "", 1, "no column 'year'"),
        ("year,low,high\n2030,60,70\n", "", 1, "say 'column:' one of 'low' or 'high'"),
        ("year,low,high\n2030,60,70\n", ", column: mid", 1, "no column 'mid'"),
        ("year,price\n", "", 1, "no rows"),
        (f"year,price\n2030,{'1' * 200_000}\n", "", 2, "too long for a table"),
        (f"year,{'p' * 200_000}\n2030,1\n", "", 1, "too long for a table"),
        ("", "", 0, "no rows"),
    ],
)
def test_a_table_that_cannot_be_read_is_found_at_its_line(
    tmp_path: Path, text: str, more: str, at: int, says: str
) -> None:
    found = findings(table(tmp_path, text, more))[0]
    assert found.startswith(f"{tmp_path / 'prices.csv'}:{f'{at}: ' if at else ' '}") and says in found


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("{file: none.csv, money: real}", "none.csv"),
        ("{file: 3, money: real}", "names no file"),
        ("{file: prices.csv, column: 2, money: real}", "names no column"),
        ("{column: price, money: real}", "names no file"),
        ("{file: prices.csv, by_year: {2030: 1}, money: real}", "and a file of them"),
    ],
)
def test_a_table_that_is_not_there_is_found_in_the_plant(tmp_path: Path, path: str, says: str) -> None:
    (tmp_path / "prices.csv").write_text("year,price\n2030,1\n", encoding="utf-8")
    file = plant_with(tmp_path, "first_year: 2028", f"price_paths: {{power: {path}}}")
    found = findings(file)[0]
    assert found.startswith(f"{file}:3: ") and says in found


@pytest.mark.parametrize(
    ("given", "of_minimal", "of_park"),
    [
        (("power",), "'grid_fees'", "'power_contract' and 'grid_fees'"),
        (("power", "grid_fees"), "", "'power_contract'"),
        (("power", "grid_fees", "power_contract"), "", ""),
        (("grid_fees",), "", ""),
    ],
)
def test_a_path_of_the_market_alone_is_said(
    tmp_path: Path, given: tuple[str, ...], of_minimal: str, of_park: str
) -> None:
    """Contracts and fees do not follow it, so whoever gives it is told which of them stand still."""
    paths = "{" + ", ".join(f"{name}: {{rate_frac: 0.01, money: real}}" for name in given) + "}"
    plant = load_plant(plant_with(tmp_path, f"price_paths: {paths}"))
    park = load_plant(Path(h2plant.__file__).parent / "plants" / "dual_path.yaml")
    settings = read_settings(plant)
    for one, named in ((plant, of_minimal), (park, of_park)):
        notes = list(path_notes(one, settings))
        assert len(notes) == bool(named) and all(note.severity == "note" for note in notes)
        assert all(note.what.endswith(f": {named}") and f"give {named} as well" in note.remedy for note in notes)
    assert [note.line for note in path_notes(plant, settings)] == [2] * bool(of_minimal)
