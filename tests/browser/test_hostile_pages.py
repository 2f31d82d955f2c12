"""Pages of results from somebody else in Chromium: what they hold is shown, and none of it runs."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import h2plant
from h2plant.report.page.compare import compare_runs
from h2plant.report.page.document import write_report
from h2plant.results import Results
from tests.browser.opened import Opened
from tests.folders import open_copy
from tests.hostile import HOSTILE, plant_in

pytest.importorskip("plotly")
STRAY = "img, iframe, object, embed, main a:not([href^='#']), .chart a, [onclick], [onerror]"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs: a sound one and one with hostile texts wherever a text stands."""
    folder = tmp_path_factory.mktemp("hostile") / "results"
    h2plant.run("minimal_day", hours=72, out=folder / "sound")
    open_copy(folder / "sound", folder / "'\"><img src=x onerror=window.__pwned=1>")
    plant_in(folder / "'\"><img src=x onerror=window.__pwned=1>")
    return folder


def _hostile(runs: Path) -> Path:
    return next(folder for folder in runs.iterdir() if folder.name != "sound")


@pytest.mark.parametrize("kind", ["report", "compare"])
def test_nothing_of_the_files_runs_in_a_page(browser: Any, runs: Path, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "page.html"
    if kind == "report":
        write_report(Results(_hostile(runs)), file)
    else:
        compare_runs([_hostile(runs), runs / "sound"], file)
    opened = Opened(browser, file, 1400)
    opened.value("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    opened.value("h2plantDrawAll()")
    opened.page.wait_for_timeout(500)
    for place in opened.page.query_selector_all(".chart .nsewdrag, .chart .sankey-node, .diagram [data-link]")[:12]:
        place.hover(force=True, timeout=2000)  # labels that only show then
        opened.page.wait_for_timeout(60)
    assert opened.value("window.__pwned") is None
    assert opened.complaints == [] and len(opened.fetched) == 1
    assert opened.page.query_selector_all(STRAY) == []
    assert HOSTILE.split("\u2028")[0] in opened.value("document.body.textContent")
    opened.page.close()


@pytest.fixture
def server(runs: Path) -> Iterator[Any]:
    pytest.importorskip("dash", reason="the dashboard needs Dash: make test-browser")
    from h2plant.dashboard.server import Server

    server = Server(runs, runs.parent, port=0)
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield server
    server.stop()
    thread.join(20.0)


def test_the_dashboard_hands_out_a_report_that_has_no_part_in_it(browser: Any, runs: Path, server: Any) -> None:
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.goto(server.address)
    page.wait_for_selector("#runs-list li")
    assert page.evaluate("window.__pwned") is None and page.evaluate("document.querySelectorAll('img').length") == 0
    with page.expect_popup() as popup:
        page.locator("#runs-list li", has_text="onerror").get_by_text("Report").click()
    report = popup.value
    report.wait_for_selector("html[data-ready=true]", state="attached", timeout=30_000)
    report.evaluate("h2plantDrawAll()")
    report.wait_for_timeout(500)
    assert report.evaluate("document.querySelectorAll('.chart .main-svg').length") > 4
    assert report.evaluate("window.__pwned") is None
    assert report.evaluate("window.origin") == "null"  # not the dashboard's
    fetched = "fetch('/_dash-layout').then(() => 'had', (e) => 'refused')"
    assert report.evaluate(fetched) == "refused"
    assert report.evaluate("window.opener") is None
    assert [text for text in complaints if "favicon" not in text] == []
    report.close()
    page.close()
