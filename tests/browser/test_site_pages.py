"""The site of the documentation in Chromium, opened as a file: search answers, nothing is fetched, phones show all."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mkdocs")
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, check=True, capture_output=True)
    return folder


def _open(browser: Any, file: Path, width: int) -> tuple[Any, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda r: complaints.append(r.url) if not r.url.startswith(("file:", "data:")) else None)
    page.goto(file.as_uri())
    page.wait_for_timeout(300)
    return page, complaints


@pytest.mark.parametrize("name", ["index", "components/pem_stack", "validation", "examples/start_up_study", "api"])
def test_pages_open_clean_and_fit_a_phone(browser: Any, site: Path, name: str) -> None:
    page, complaints = _open(browser, site / f"{name}.html", 390)
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate("[...document.images].every((i) => i.loading === 'lazy' || i.naturalWidth > 0)")
    page.close()


def test_search_answers_without_a_server(browser: Any, site: Path) -> None:
    page, complaints = _open(browser, site / "components" / "mixer.html", 1400)
    page.click(".md-search__input")
    page.wait_for_function("document.querySelector('.md-search-result__meta').textContent.includes('Type to')")
    page.locator(".md-search__input").press_sequentially("crossover")
    page.wait_for_selector(".md-search-result__item")
    first = page.locator(".md-search-result__item a").first
    assert re.search(r"/(pem|alkaline)_stack\.html", first.get_attribute("href"))
    first.click()
    page.wait_for_url(re.compile(r"_stack\.html"))
    assert complaints == []
    page.close()
