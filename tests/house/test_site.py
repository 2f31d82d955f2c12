"""The documentation as a site: links and anchors found, nothing fetched from elsewhere, all declarations in it."""

import json
import os
import re
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

import h2plant
from h2plant.components import KINDS
from h2plant.core.declare import Kind
from tests.cases.test_cases import CASES

pytestmark = pytest.mark.slow  # links of pages are looked at by test_docs as well

pytest.importorskip("mkdocs")
ROOT = Path(__file__).parents[2]


def _build(where: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", *more]
    without_network = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    environment = {**os.environ, **without_network, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make site` does: a warning is an error, among them links and headings that are not there."""
    folder = tmp_path_factory.mktemp("site") / "site"
    done = _build(ROOT, "--site-dir", str(folder))
    assert done.returncode == 0, done.stderr + done.stdout
    return folder


def test_a_link_that_leads_nowhere_stops_the_build(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    (docs / "components").mkdir(parents=True)
    (docs / "index.md").write_text("# Site\n\n## Pages\n| [Kinds](components/index.md) | x |\n", encoding="utf-8")
    page = "# Kinds\n\n[a](nowhere.md), [b](../index.md#nothing), [c](../../no_such_file.py), [d](../index.md#pages)\n"
    (docs / "components" / "index.md").write_text(page, encoding="utf-8")
    settings = f"INHERIT: {ROOT / 'mkdocs.yml'}\ndocs_dir: {docs}\nhooks: [{ROOT / 'docs' / 'site_hooks.py'}]\n"
    (tmp_path / "mkdocs.yml").write_text(settings, encoding="utf-8")
    done = _build(tmp_path)
    assert done.returncode == 1
    warned = [line for line in done.stderr.splitlines() if line.startswith("WARNING")]
    assert len(warned) == 3 and all(word in done.stderr for word in ("nowhere.md", "#nothing", "no_such_file.py"))


class _Page(HTMLParser):
    """Gathers what a page fetches, its headings, tables and the text of its paragraphs."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: list[str] = []
        self.ids: set[str] = set()
        self.paragraphs: list[str] = []
        self._is_in_paragraph = False
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.ids.add(given.get("id") or "")
        if tag != "a":
            self.fetched += [str(given[key]) for key in ("src", "href", "srcset") if given.get(key)]
        if tag == "p":
            self.paragraphs.append("")
            self._is_in_paragraph = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self._is_in_paragraph = False

    def handle_data(self, data: str) -> None:
        if self._is_in_paragraph:
            self.paragraphs[-1] += data


def _text(file: Path) -> str:
    return unescape(re.sub(r"<[^>]+>", "", file.read_text(encoding="utf-8")))


def test_no_page_fetches_anything_and_no_markdown_is_left(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 70
    for file in pages:
        page = _Page(file)
        assert [a for a in page.fetched if re.match(r"(https?:)?//", a)] == [], file
        assert [p for p in page.paragraphs if re.search(r"\n[*-] |\|---", p)] == [], file
        for address in page.fetched:
            if not address.startswith("data:") and file.name != "404.html":
                assert (file.parent / address.partition("?")[0].partition("#")[0]).exists(), (file, address)
    styles = "".join(f.read_text(encoding="utf-8") for f in site.rglob("*.css"))
    assert re.findall(r"url\(['\"]?(?:https?:)?//[^)]*|@import[^;]*", styles) == []


@pytest.mark.parametrize("kind", KINDS, ids=[k.name for k in KINDS])
def test_page_of_a_kind_has_its_declarations_and_cases(site: Path, kind: Kind) -> None:
    file = site / "components" / f"{kind.name}.html"
    text, page = _text(file), _Page(file)
    for field in kind.fields:
        if field.role != "memory":
            name, doc = field.name, field.doc
            if field.list_key:  # a column of a table is one row
                name, doc = field.list_key, doc.rpartition(", point ")[0]
            assert name in text and " ".join(doc.split()) in text, field.name
    for port in kind.ports:
        assert port.name in text and port.doc in text, port.name
    assert {"ports", "cost", "cases"} <= page.ids
    n_numbers = sum(
        path.read_text(encoding="utf-8").count("value:")
        for path in CASES
        if path.parent.name.startswith(f"{kind.name}--")
    )
    assert page.tags.count("circle") == n_numbers > 0


def test_validation_shows_every_case_met(site: Path) -> None:
    text = _text(site / "validation.html")
    shares = [float(share) for share in re.findall(r"^([+-]\d+\.\d)%$", text, re.M)]
    assert len(shares) == len(CASES)
    assert max(map(abs, shares)) <= 100.0


def test_reference_has_every_public_name(site: Path) -> None:
    page = _Page(site / "api.html")
    assert {f"h2plant.{name}" for name in h2plant.__all__} <= page.ids
    text = _text(site / "api.html")
    for name in ("log_every_s", "describe", "event_counts", "Raises"):
        assert name in text, name


def test_pages_stand_in_the_navigation_and_the_search(site: Path) -> None:
    found = {item["location"].partition("#")[0] for item in _index(site)["docs"]}
    for page in (ROOT / "docs").rglob("*.md"):
        assert page.relative_to(ROOT / "docs").with_suffix(".html").as_posix() in found, page
    home = (site / "index.html").read_text(encoding="utf-8")
    for group in ("Start", "Using", "Plant and components", "Physics and validation", "Money and dispatch", "Speed"):
        assert re.search(rf'class="md-tabs__link">\s*{group}\s*</a>', home), group


def _index(site: Path) -> dict:
    return json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))


def test_every_page_has_a_policy_that_names_its_scripts(site: Path) -> None:
    from docs.site_hooks import with_policy

    for page in site.rglob("*.html"):
        if page.is_relative_to(site / "assets"):
            continue
        text = page.read_text(encoding="utf-8")
        assert text.count('http-equiv="Content-Security-Policy"') == 1, page
        assert "'unsafe" not in re.search(r"script-src[^;]*", text)[0], page  # type: ignore[index]
    once = '<meta charset="utf-8"><script>a()</script>'
    assert with_policy(once).count("'sha256-") == 1 and "http" not in re.sub("http-equiv", "", with_policy(once))
