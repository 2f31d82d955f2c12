"""The pages of sweep, optimisation and sensitivity in Chromium: every chart drawn, no complaint, on a phone too."""

from pathlib import Path
from typing import Any

import pytest

from tests.browser.opened import Opened
from tests.command import h2plant

pytest.importorskip("plotly")

PARAMETERS = """scenario: minimal_day
hours: 24
parameters:
  - {name: size, path: stack.rated_power_mw, range: [0.6, 1.2]}
  - {name: scale, path: series.price_eur_per_mwh.scale, range: [0.5, 1.5]}
"""
STUDIES = {
    "sweep": """design: {kind: grid}
outputs: [hydrogen_cost_eur_per_kg, hydrogen_made_kg, {name: least_bar, column: tank.pressure_bar, reduce: min}]
""",
    "optimize": """objectives: [{minimize: hydrogen_cost_eur_per_kg}, {maximize: hydrogen_made_kg}]
search: {sampler: nsga_ii, trials: 12, batch: 6, seed: 1}
""",
    "sensitivity": """methods: [{kind: tornado}, {kind: morris, n: 8, seed: 1}, {kind: sobol, n: 8, seed: 1}]
outputs: [hydrogen_cost_eur_per_kg, hydrogen_made_kg]
""",
}
SECTIONS = {
    "sweep": ("Rank correlations", "What each parameter does", "Parallel coordinates"),
    "optimize": ("Pareto front", "How the search went", "What it changed"),
    "sensitivity": ("One at a time", "Morris", "Sobol"),
}


@pytest.fixture(scope="module", params=STUDIES)
def study_page(
    browser: Any, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    kind = request.param
    folder = tmp_path_factory.mktemp(kind)
    parameters = PARAMETERS
    if kind == "sweep":  # a word among the numbers
        parameters = parameters.replace("]}", "], n: 3}")
        parameters += "  - {path: rule.kind, values: [price_threshold, constant_load]}\n"
    text = f"h2plant: 1\nstudy: small\nkind: {kind}\n{parameters}{STUDIES[kind]}"
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    ended = h2plant(kind, str(folder / "study.yaml"), "--out", str(folder / "out"))
    assert ended.exit_code == 0, ended.text
    return kind, folder / "out" / "report.html"


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (390, "dark")])
def test_page_opens_clean_and_draws_every_chart(browser, study_page, width, scheme):
    kind, file = study_page
    opened = Opened(browser, file, width, scheme)
    opened.value("h2plantDrawAll()")
    opened.page.wait_for_timeout(500)
    n, drawn = opened.value(
        "[document.querySelectorAll('.chart').length, document.querySelectorAll('.chart .main-svg').length]"
    )
    assert n >= 4 and drawn >= n
    assert opened.complaints == []
    assert len(opened.fetched) == 1
    assert opened.value("document.documentElement.scrollWidth") == width
    text = opened.value("document.body.innerText")
    assert [name for name in SECTIONS[kind] if name not in text] == []
    opened.page.close()
