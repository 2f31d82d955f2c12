"""The dashboard in Chromium: it loads clean, charts are there, zoom brings finer data, a run started in it finishes."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import h2plant
from tests.folders import open_copy

pytest.importorskip("dash", reason="the dashboard needs Dash: make test-browser")

RUN_S = 90_000
"""Most milliseconds that a run of a day may take, kernels compiled anew included."""


class Served:
    """A dashboard that answers in a thread of this process."""

    def __init__(self, runs: Path, has_token: bool = False) -> None:
        from h2plant.dashboard.server import Server

        self.runs = runs
        self.server = Server(runs, runs.parent, port=0, has_token=has_token)
        self._thread = threading.Thread(target=self.server.serve)
        self._thread.start()

    def close(self) -> None:
        self.server.stop()
        self._thread.join(20.0)
        assert not self._thread.is_alive()


@pytest.fixture(scope="module")
def served(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A dashboard with two sound runs, one of 20 days by the minute, and a damaged one."""
    runs = tmp_path_factory.mktemp("dash") / "results"
    h2plant.run("minimal", hours=20 * 24, log_every_s=60, out=runs / "minutes")
    h2plant.run("minimal_day", out=runs / "day")
    open_copy(runs / "day", runs / "broken")
    log = runs / "broken" / "log.parquet"
    log.write_bytes(log.read_bytes()[:5000])
    served = Served(runs)
    yield served
    served.close()


class Opened:
    """A page of the dashboard with what the browser complained of and fetched."""

    def __init__(self, browser: Any, served: Served, width: int = 1400, **more: Any) -> None:
        self.page = browser.new_page(viewport={"width": width, "height": 900}, **more)
        self.complaints: list[str] = []
        self.fetched: list[str] = []
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))
        self.page.on("request", lambda r: self.fetched.append(r.url))
        self.page.goto(served.server.address)
        self.page.wait_for_selector("#tab-runs[aria-selected=true]")

    def tab(self, name: str) -> None:
        self.page.click(f"#tab-{name}")
        self.page.wait_for_selector(f"#panel-{name}:not([hidden])")

    def chart(self, view: str) -> None:
        self.page.wait_for_selector(f"#{view}-chart .scatterlayer .trace", state="attached")

    def shown(self, view: str) -> tuple[int, float]:
        """Return how many points of the first line lie in the range of the chart, and the length of that, h."""
        n, hours = self.page.evaluate(
            """(view) => { const g = document.querySelector(`#${view}-chart .js-plotly-plot`);
            const ms = (t) => Date.parse(String(t).replace(' ', 'T') + 'Z');
            const [a, b] = g._fullLayout.xaxis.range.map(ms);
            return [g._fullData[0].x.filter((t) => ms(t) >= a && ms(t) < b).length, (b - a) / 3600000]; }""",
            view,
        )
        return n, hours


@pytest.fixture
def opened(browser: Any, served: Served) -> Iterator[Opened]:
    opened = Opened(browser, served)
    yield opened
    assert opened.complaints == []
    opened.page.close()


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (390, "dark")])
def test_every_view_loads_clean_and_fits(browser, served, width, scheme):
    opened = Opened(browser, served, width, color_scheme=scheme)
    page = opened.page
    assert "minutes" in page.inner_text("#runs-list")
    assert "1 folder cannot be read" in page.inner_text("#runs-list")
    assert "damaged results" in page.inner_text(".damaged li:has-text('broken')")
    page.click(".runs li:has-text('day') >> text=Explore")
    opened.chart("explore")
    page.wait_for_selector("#explore-table table")
    assert page.locator("#explore-chart .xy .scatterlayer .trace").count() >= 1
    opened.tab("compare")
    opened.tab("edit")
    page.wait_for_selector(".parameter [role=slider]")
    for name in ("runs", "explore", "compare", "edit"):
        opened.tab(name)
        assert page.evaluate("document.documentElement.scrollWidth") == width, name  # nothing sticks out
    assert opened.complaints == []
    assert all(
        url.startswith(served.server.address) for url in opened.fetched if not url.startswith(("data:", "blob:"))
    )
    page.close()


def test_zoom_brings_finer_data_without_loading_the_page_again(opened, served):
    page = opened.page
    page.click(".runs li:has-text('minutes') >> text=Explore")
    opened.chart("explore")
    page.wait_for_selector("text=of 28,800 values are shown")
    n, hours = opened.shown("explore")
    assert hours == pytest.approx(480.0) and n <= 2400
    before = sum(url.endswith(".js") for url in opened.fetched)
    box = page.locator("#explore-chart .nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + 0.50 * box["width"], box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.53 * box["width"], box["y"] + 42, steps=6)
    page.mouse.up()
    page.wait_for_selector("text=Every value of the range is shown")
    page.wait_for_timeout(300)
    n, hours = opened.shown("explore")
    assert hours < 20.0 and n == pytest.approx(hours * 60.0, abs=2.0)
    page.click("#panel-explore button:text-is('Hour')")
    page.wait_for_selector("text=is shown: 6")
    page.wait_for_timeout(300)
    assert opened.shown("explore")[1] == pytest.approx(1.0)
    page.reload()  # what is looked at stays
    opened.chart("explore")
    page.wait_for_selector("text=is shown: 6")
    assert opened.shown("explore")[1] == pytest.approx(1.0)
    page.click("#panel-explore button:text-is('All')")
    page.wait_for_selector("text=of 28,800 values are shown")
    assert sum(url.endswith(".js") for url in opened.fetched) <= 2 * before  # by the one reload


def test_columns_are_picked_and_exports_follow_what_is_shown(opened):
    page = opened.page
    page.click(".runs li:has-text('day') >> text=Explore")
    opened.chart("explore")
    page.click("#explore-columns")
    page.keyboard.type("tank.level")
    page.click(".dash-dropdown-content >> text=/^tank\\.level( |$)/ >> nth=0")
    page.keyboard.press("Escape")
    page.wait_for_selector("#explore-table th:has-text('tank.level')")
    page.click("#panel-explore button:text-is('Hour')")
    page.wait_for_selector("#export-csv[href*='from=']")
    with page.expect_download() as download:
        page.click("#export-csv")
    lines = Path(download.value.path()).read_text().splitlines()
    assert "tank.level [1]" in lines[0] and 4 <= len(lines) - 1 <= 6


def test_runs_are_compared(opened):
    page = opened.page
    page.click(".runs li:has-text('day') >> text=Compare")
    opened.tab("runs")
    page.click(".runs li:has-text('minutes') >> text=Compare")
    opened.chart("compare")
    assert page.inner_text("#compare-figures").count("hydrogen sold") == 1
    assert "scenario.hours" in page.inner_text("#compare-figures")
    assert "The runs start at different times" in page.inner_text("#compare-note")


def test_keyboard_and_theme(opened):
    page = opened.page
    page.focus("#tab-runs")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#panel-explore:not([hidden])")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    page.wait_for_function("(b) => getComputedStyle(document.body).backgroundColor !== b", arg=before)
    page.reload()
    page.wait_for_selector("#theme:text-is('Light')")


def test_a_wrong_value_is_said_and_a_run_of_the_dashboard_finishes_through_reload_and_in_two_tabs(
    browser, opened, served
):
    page = opened.page
    opened.tab("edit")
    field = page.locator(".parameter:has-text('rated_power_kw') input[type=text]")
    field.fill("-5")
    field.press("Tab")
    page.wait_for_selector("text=below its bound; choose a value of at least")
    assert page.is_disabled("#edit-run")
    field.fill("900")
    field.press("Enter")
    page.wait_for_selector("#edit-changes >> text=stack.rated_power_kw = 900")
    page.wait_for_selector("#edit-run:not([disabled])")
    page.fill("#edit-name", "mine")  # the last change counts, though it was not confirmed
    page.click("#edit-run")
    page.wait_for_selector("#jobs li:has-text('mine-1')")
    other = Opened(browser, served)
    other.page.wait_for_selector("#jobs li:has-text('mine-1')")
    page.reload()
    page.wait_for_selector("#jobs li.done:has-text('mine-1')", timeout=RUN_S)
    other.page.wait_for_selector("#jobs li.done:has-text('mine-1')", timeout=RUN_S)
    other.page.wait_for_selector(".runs li:has-text('mine-1')")
    assert h2plant.Results(served.runs / "mine-1").summary["provenance"]["overrides"] == {"stack.rated_power_kw": "900"}
    other.page.click("#jobs li:has-text('mine-1') >> text=Explore")
    other.chart("explore")
    assert "mine-1" in other.page.inner_text("#explore-run")
    assert other.complaints == []
    other.page.close()


def test_a_run_that_fails_says_why(opened):
    page = opened.page
    opened.tab("edit")
    page.wait_for_selector(".parameter")
    page.fill("#edit-start", "2050-01-01")
    page.wait_for_selector("#edit-run:not([disabled])")
    page.click("#edit-run")
    page.wait_for_selector("#jobs li.failed", timeout=RUN_S)
    assert "2050" in page.inner_text("#jobs li.failed")


def test_nothing_there_yet_and_a_token(browser, tmp_path):
    served = Served(tmp_path / "results", has_token=True)
    try:
        refused = browser.new_page()
        answer = refused.goto(served.server.address.partition("?")[0])
        assert answer.status == 401 and "asks for its token" in refused.inner_text("body")
        refused.close()
        opened = Opened(browser, served)
        page = opened.page
        assert "token" not in page.url
        assert "No runs yet" in page.inner_text("#runs-list")
        page.click("text=Run the minimal plant")
        page.wait_for_selector("#jobs li.done", timeout=RUN_S)
        page.wait_for_selector(".runs li:has-text('minimal_day-1')")
        assert opened.complaints == []
        page.close()
    finally:
        served.close()
