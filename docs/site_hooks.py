"""Hooks of MkDocs: navigation from the lists in the pages, links out of the folder, what follows from the code."""

from __future__ import annotations

import re
import sys
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import Any

from mkdocs.structure.files import File, Files, InclusionLevel

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from docs import site_pages  # noqa: E402
from h2plant.report.page.document import script_source  # noqa: E402

_LINK = re.compile(r"(?<=\]\()([^)\s#]+)(#[^)\s]*)?(?=\))")
_FENCE = re.compile(r"^(```.*?^```[ ]*$)", re.M | re.S)
_FETCHED = "https://unpkg.com/iframe-worker/shim"
_INLINE = re.compile(r"<script([^>]*)>(.*?)</script>", re.S)
_CHARSET = '<meta charset="utf-8">'
_LANGUAGES = {".py": "python", ".yaml": "yaml", ".toml": "toml"}


def on_config(config: Any) -> Any:
    """Take the navigation from docs/index.md and docs/components/index.md."""
    docs = Path(config.docs_dir)
    nav: list[Any] = [{"Home": "index.md"}]
    for group, links in listed(docs / "index.md"):
        entries: list[Any] = []
        for title, target in links:
            uri = site_uri("index.md", target)
            if uri == "components/index.md":
                kinds = [
                    {part: [site_uri(uri, page) for _, page in pages]} for part, pages in listed(docs / uri) if pages
                ]
                entries.append({title: [uri, *kinds]})
            else:
                entries.append({title: uri})
        if entries:
            nav.append({group: entries})
    config.nav = nav
    return config


def listed(page: Path) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the headings of a list of pages, each with its (title, target); one page stands in each line."""
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            groups.append((line[3:].strip(), []))
        elif groups and (found := re.match(r"[|*] *\[([^\]]+)\]\(([^)]+)\)", line)):
            groups[-1][1].append((found[1], found[2]))
    return groups


def site_uri(page: str, target: str) -> str:
    """Return the page of the site for a link: what lies outside of the folder docs is taken into ``project``."""
    path = normpath(PurePosixPath("docs", page).parent / target)
    inside = path.removeprefix("docs/")
    if inside != path and not inside.endswith(".py"):
        return inside
    return f"project/{path}" if path.endswith(".md") else f"project/{path}.md"


def on_files(files: Files, config: Any) -> Files:
    """Add the pages outside of the folder docs that links lead to."""
    waiting = [(f.src_uri, f.content_string) for f in files.documentation_pages()]
    while waiting:
        uri, text = waiting.pop()
        source = source_of(uri)
        for target, _ in _LINK.findall(_FENCE.sub("", text)):
            outside = site_uri_from(source, target)
            if not outside.startswith("project/") or files.get_file_from_path(outside) is not None:
                continue
            path = ROOT / source_of(outside)
            if not path.is_file():
                continue  # the page that links to it is warned about
            content = path.read_text(encoding="utf-8")
            if path.suffix != ".md":
                content = f"# {path.name}\n\n```{_LANGUAGES.get(path.suffix, 'text')}\n{content}```\n"
            files.append(File.generated(config, outside, content=content, inclusion=InclusionLevel.NOT_IN_NAV))
            waiting.append((outside, content))
    return files


def source_of(uri: str) -> str:
    """Return the path in the repository of a page of the site."""
    if not uri.startswith("project/"):
        return f"docs/{uri}"
    path = uri.removeprefix("project/")
    return path if (ROOT / path).exists() else path.removesuffix(".md")


def site_uri_from(source: str, target: str) -> str:
    """Return the page of the site that a link in a file of the repository leads to; empty for an address."""
    if re.match(r"[a-z]+:", target):
        return ""
    return site_uri("index.md", relpath(normpath(PurePosixPath(source).parent / target), "docs"))


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Turn links to where the site has what they lead to, and add what follows from the code."""
    uri = page.file.src_uri
    source = source_of(uri)

    def turned(found: re.Match[str]) -> str:
        target = site_uri_from(source, found[1])
        return (relpath(target, PurePosixPath(uri).parent) if target else found[1]) + (found[2] or "")

    parts = _FENCE.split(markdown)
    for k in range(0, len(parts), 2):
        parts[k] = spaced(_LINK.sub(turned, parts[k]))
    return "\n".join(parts) + site_pages.added(uri)


def on_page_context(context: Any, page: Any, config: Any, nav: Any) -> Any:
    """Leave out the column of pages on the first page, which lists them all."""
    if page.file.src_uri == "index.md":
        page.meta["hide"] = ["navigation"]
    return context


def on_post_page(output: str, page: Any, config: Any) -> str:
    """Let the search of pages opened as files fetch nothing, and a page run no script but those it came with."""
    here = relpath("assets/search_in_files.js", PurePosixPath(page.file.dest_uri).parent)
    return with_policy(output.replace(_FETCHED, here))  # the theme names a script on a server for it


def on_post_template(output_content: str, template_name: str, config: Any) -> str:
    """Do the same on the page for addresses that lead nowhere."""
    return with_policy(output_content.replace(_FETCHED, "assets/search_in_files.js"))


def with_policy(page: str) -> str:
    """Return a page with a content security policy: its own files, and the scripts in it by their digests."""
    inline = [text for kind, text in _INLINE.findall(page) if "src=" not in kind and "json" not in kind]
    own = "'self' file:"  # pages are opened as files, too
    scripts = " ".join(dict.fromkeys(script_source(text) for text in inline))
    policy = (
        f"default-src {own}; script-src {own} {scripts}; style-src {own} 'unsafe-inline'; img-src {own} data:; "
        f"font-src {own} data:; object-src 'none'; base-uri 'none'; form-action 'none'"
    )
    return page.replace(_CHARSET, f'{_CHARSET}<meta http-equiv="Content-Security-Policy" content="{policy}">', 1)


def spaced(text: str) -> str:
    """Return Markdown as GitHub reads it in the spelling that Python-Markdown asks for.

    A blank line goes before lists and tables that follow a paragraph at once, and what belongs to an item of a list
    is set in by four spaces.
    """
    lines: list[str] = []
    is_list = has_blank = False
    for line in text.split("\n"):
        before = lines[-1].strip() if lines else ""
        starts_item = re.match(r"([*-]|\d+\.) ", line) is not None
        starts_table = line.startswith("|") and not before.startswith("|")
        if before and not before.startswith("#") and ((starts_item and (not is_list or has_blank)) or starts_table):
            lines.append("")
        has_blank = not starts_item and (has_blank or not line.strip())
        if starts_item:
            is_list = True
        elif line.strip() and not line.startswith(" ") and (not before or starts_table or line.startswith("#")):
            is_list = False
        if is_list and (found := re.match(r" {2,3}(?=\S)", line)):
            line = "    " + line[found.end() :]
        lines.append(line)
    return "\n".join(lines)
