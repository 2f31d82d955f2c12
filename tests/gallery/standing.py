"""What every plant of the gallery is held to."""

import h2plant
from benchmarks.step_length import ENGINE_HOURS, HOURS, row
from docs.gallery_pictures import PAGE, gallery_plant, table, table_in
from docs.gallery_record import record, recorded
from h2plant.config.load import load_plant

Ranges = dict[str, tuple[float, float]]
"""Key figures by id: lowest and highest that are believed; the reason stands beside each."""


def assert_in_order(name: str) -> None:
    """It checks, and says all of itself: nothing is assumed by a note."""
    plant = load_plant(name)
    assert plant.name == name and plant.notes == ()


def assert_holds(results: h2plant.Results, ranges: Ranges) -> None:
    """Balances close, no law is broken, the answer is valid, the figures are within what is believed."""
    summary = results.summary
    assert summary["residuals"]["worst_relative"] < 1.0e-9
    assert summary["audit"]["n_broken"] == 0 and summary["audit"]["n_checks"] > 10_000
    assert not summary["not_valid"]
    figures = summary["key_figures"]
    outside = {id_: (figures[id_], *span) for id_, span in ranges.items() if not span[0] <= figures[id_] <= span[1]}
    assert outside == {}


def assert_page_says_it(name: str, results: h2plant.Results) -> None:
    """The table of the page and the record beside it are those of this run, but for the last digits of the residual."""

    def figures(text: str) -> list[str]:
        return [line for line in text.splitlines() if "residual" not in line]

    wanted = figures(table(gallery_plant(name), results.summary))
    assert figures(table_in(PAGE.read_text(encoding="utf-8"), name)) == wanted, f"run `python -m docs.build {name}`"
    now, kept = record(name, results.summary), recorded(name)
    for part in ("capital_eur", "cost_eur_per_kg_made"):
        assert kept[part] == now[part], f"run `python -m docs.build {name}`"


def assert_steps_and_engines(name: str) -> None:
    """Steps of a second and the baseline engine give what steps of a minute and the compiled loop do."""
    cells, is_met = row(name, HOURS, ENGINE_HOURS)
    assert is_met, cells
