"""The table of published figures in the gallery is what its records say, and what lies outside says why."""

from docs.gallery_pictures import PAGE, PLANTS
from docs.gallery_ranges import all_beside, written
from docs.gallery_record import file_of

ROWS = all_beside()
_OF_EACH = ("hydrogen_cost_", "specific_energy_", "capacity_factor_", "hydrogen_served_", "carbon_delivered_")


def test_the_page_is_what_the_records_say() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert written(text) == text, "run `python -m docs.records`"


def test_each_plant_has_each_figure() -> None:
    plants = (*PLANTS, "dual_path")
    assert {row.plant for row in ROWS} == set(plants)
    for name in plants:
        assert file_of(name).is_file()
        found = [row.figure for row in ROWS if row.plant == name]
        assert all(any(id_.startswith(head) for id_ in found) for head in _OF_EACH), found


def test_what_lies_outside_says_why_and_nothing_else_does() -> None:
    for row in ROWS:
        assert row.source and row.low < row.high
        assert bool(row.why) == (not row.is_within), (
            f"{row.plant}, {row.figure}: {row.value} of {row.low} to {row.high}"
        )
