"""The page of defaults is what its data say, and the parameters named in them exist with the values given."""

import re

import pytest

from docs.defaults_page import FOLDER, PAGE, PARTS, page, rows
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
