"""The page of a run in Chromium: no error, charts drawn, zoom linked, tables and filter at work, phone and paper.

Needs the package playwright and a Chromium (Debian's will do): `make test-browser`.
"""

from pathlib import Path
from typing import Any

import pytest

import h2plant
from h2plant.cli.report import make_report
from tests.browser.opened import Opened

pytest.importorskip("plotly")


@pytest.fixture(scope="module")
def page_file(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of three days of the reference plant."""
    folder = tmp_path_factory.mktemp("browser")
    return make_report(h2plant.run("test_full_year", hours=72, out=folder / "run"), folder / "page.html")


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (390, "dark")])
def test_page_opens_clean_and_draws_every_chart(browser, page_file, width, scheme):
    opened = Opened(browser, page_file, width, scheme)
    opened.value("h2plantDrawAll()")
    opened.page.wait_for_timeout(500)
    n, drawn = opened.value(
        "[document.querySelectorAll('.chart').length, document.querySelectorAll('.chart .main-svg').length]"
    )
    assert n >= 12 and drawn >= n
    assert opened.complaints == []
    assert len(opened.fetched) == 1
    assert opened.value("document.documentElement.scrollWidth") == width  # nothing sticks out
    assert opened.value("performance.getEntriesByType('navigation')[0].loadEventEnd") > 0.0
    opened.page.close()


LABELS = """() => [...document.querySelectorAll('.chart')].filter((c) => c.querySelector('.sankey-node')).map((c) => {
  const frame = c.querySelector('.main-svg').getBoundingClientRect();
  const boxes = [...c.querySelectorAll('.label-layer text')].map((t) => [t.textContent, t.getBoundingClientRect()]);
  const wrong = boxes.filter(([, r]) => r.left < frame.left || r.right > frame.right || r.top < frame.top
    || r.bottom > frame.bottom).map(([name]) => name);
  boxes.forEach(([name, r], i) => boxes.slice(i + 1).forEach(([other, s]) => {
    if (r.left < s.right && s.left < r.right && r.top < s.bottom && s.top < r.bottom) wrong.push(`${name} ${other}`);
  }));
  return [boxes.length, c.querySelectorAll('.sankey-node').length, wrong];
})"""
"""Of each Sankey: how many labels, how many nodes, and the labels that leave the picture or cover one another."""


@pytest.mark.parametrize("width", [1400, 390])
def test_all_labels_of_the_flows_can_be_read(browser, page_file, width):
    opened = Opened(browser, page_file, width)
    opened.value("h2plantDrawAll()")
    opened.page.wait_for_timeout(500)
    found = opened.value(LABELS)
    assert len(found) >= 4
    for n_labels, n_nodes, wrong in found:
        assert n_labels == n_nodes > 2
        assert wrong == []
    scale, height, box = opened.value(
        """() => { const view = document.querySelector('#diagram .pan'), svg = view.querySelector('svg');
        const seen = view.getBoundingClientRect(), box = svg.querySelector('.box').getBoundingClientRect();
        return [svg.getBoundingClientRect().width / svg.viewBox.baseVal.width,
          parseFloat(getComputedStyle(svg.querySelector('text')).fontSize),
          box.top >= seen.top && box.bottom <= seen.bottom && box.left < seen.right]; }"""
    )
    assert scale * height >= 10.0  # px
    assert box  # the first is in view
    opened.page.close()


def test_charts_are_drawn_when_they_come_into_view(browser, page_file):
    opened = Opened(browser, page_file, 1400)
    opened.page.wait_for_timeout(300)
    assert opened.value("document.querySelector('#money .main-svg') === null")
    opened.page.locator("#money .chart").first.scroll_into_view_if_needed()
    opened.page.wait_for_selector("#money .main-svg", state="attached")
    opened.page.close()


def test_times_are_utc_whatever_the_zone_of_the_browser(browser, page_file):
    page = browser.new_page(timezone_id="America/New_York")
    page.goto(page_file.as_uri())
    page.wait_for_selector("html[data-ready=true]", state="attached")
    text = page.evaluate(
        """() => { const bytes = new Uint8Array(new Float64Array([1672531200000]).buffer);
        const packed = btoa(String.fromCharCode(...bytes));
        const x = { dtype: 'f8', bdata: packed };
        const figure = { data: [{ type: 'scatter', x, y: [1] }], layout: { xaxis: { type: 'date' } } };
        return h2plantFigure.figureOf(figure, 900, false).traces[0].x[0]; }"""
    )
    assert text == "2023-01-01 00:00:00.000"
    page.close()


def test_zoom_is_linked(browser, page_file):
    opened = Opened(browser, page_file, 1400)
    opened.page.locator("#minutes .chart").first.scroll_into_view_if_needed()
    opened.page.wait_for_selector("#minutes .main-svg", state="attached")
    ranges = opened.value(
        """() => { const c = document.querySelector('#minutes .chart');
        return Plotly.relayout(c, {'xaxis.range': ['2023-01-02 06:00', '2023-01-02 12:00']}).then(() =>
          ['xaxis', 'xaxis2', 'xaxis4'].map((a) => String(c._fullLayout[a].range))); }"""
    )
    assert len(set(ranges)) == 1 and "06:00" in ranges[0]
    opened.page.close()


def test_theme_tables_filter_and_links_answer(browser, page_file):
    opened = Opened(browser, page_file, 1400)
    page = opened.page
    before = opened.value("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    assert opened.value("getComputedStyle(document.body).backgroundColor") != before
    page.click("#figures summary")
    page.click("#figures-table thead th:nth-child(2) button")
    values = opened.value(
        "[...document.querySelectorAll('#figures-table tbody tr')].map((r) => Number(r.cells[1].dataset.key))"
    )
    values = [v for v in values if v == v]
    assert values == sorted(values, reverse=True) and len(values) > 20
    every = page.inner_text("#event-count")
    page.fill("#event-text", "soec")
    found = page.inner_text("#event-count")
    assert found != every
    assert all(
        "soec" in t
        for t in opened.value("[...document.querySelectorAll('#event-list tbody tr')].map((r) => r.textContent)")
    )
    page.focus("#diagram .link >> nth=0")
    text = page.inner_text("#diagram .link-detail >> nth=0")
    assert "median" in text and "flow" in text
    assert opened.complaints == []
    page.close()


def test_keyboard_reaches_contents_and_buttons(browser, page_file):
    opened = Opened(browser, page_file, 1400)
    reached = []
    for _ in range(8):
        opened.page.keyboard.press("Tab")
        reached.append(opened.value("document.activeElement.textContent.trim()"))
    assert reached[0] == "To the content" and "Key figures" in reached and "Dark" in reached
    opened.page.close()


def test_paper_holds_all_charts(browser, page_file, tmp_path):
    opened = Opened(browser, page_file, 1400, "dark")
    opened.page.pdf(path=tmp_path / "page.pdf", format="A4", print_background=True)
    assert (tmp_path / "page.pdf").stat().st_size > 100_000
    assert opened.value(
        "document.querySelectorAll('.chart').length === document.querySelectorAll('.chart.js-plotly-plot').length"
    )
    assert opened.complaints == []
    opened.page.close()
