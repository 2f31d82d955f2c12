"""The page of defaults is what its data say, and the parameters named in them exist with the values given."""

import json
import re

import pytest

from docs.defaults_effects import FIGURES, FILE, before, changes, split, taken_back
from docs.defaults_page import FOLDER, PAGE, PARTS, page, rows, today
from h2plant.components import KIND_BY_NAME


def test_the_page_is_what_its_data_say() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(PARTS)
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m docs.defaults_page`"


def _named() -> list[tuple[str, str]]:
    """Return (kind, parameter) of all that rows name as ``kind.parameter``."""
    text = " ".join(row["what"] for part in PARTS for row in rows(part))
    return [pair for pair in re.findall(r"\b([a-z_]+)\.([a-z_]+)\b", text) if pair[0] in KIND_BY_NAME]


def test_some_parameters_are_named() -> None:
    assert len(_named()) >= 6


@pytest.mark.parametrize(("kind", "parameter"), sorted(set(_named())))
def test_a_parameter_that_is_named_exists(kind: str, parameter: str) -> None:
    assert parameter in {field.name for field in KIND_BY_NAME[kind].parameters}


BACK = [row for part in PARTS for row in rows(part) if "back" in row]


@pytest.mark.parametrize("row", BACK, ids=[row["point"] for row in BACK])
def test_what_is_taken_back_is_what_release_0_1_0_had(row: dict) -> None:
    """Each parameter has another default today, is among those that the row names, and its effect is kept."""
    for word in row["back"]:
        assert taken_back(word) != today(word), word
        assert (before(word) is None) == ("=" in word), word
        assert split(word)[1] in row["what"], word
    effects = json.loads(FILE.read_text(encoding="utf-8"))[row["point"]]
    assert list(effects) == list(row.get("figures", FIGURES))
    assert all(was != now for was, now in effects.values()), "it does nothing: run `python -m docs.defaults_effects`"


def test_only_rows_that_are_run_have_effects() -> None:
    assert set(json.loads(FILE.read_text(encoding="utf-8"))) == {row["point"] for row in BACK}


def test_a_change_is_taken_back_in_every_component_of_its_kind() -> None:
    found = changes("test_full_year", ["soec_module.growth_per_h", "economics.grid_capacity_fee_eur_per_kw_year"])
    assert found == {
        **{f"soec_{k}.growth_per_h": 1e-5 for k in range(1, 7)},
        "economics.grid_capacity_fee_eur_per_kw_year": 0,
    }
    with pytest.raises(ValueError, match="and only there"):
        changes("test_full_year", ["soec_module.idle_growth_per_h"])
