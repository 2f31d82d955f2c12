"""What the pages of the site say beyond their text: declarations, costs and cases of the kinds, the Python API."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from math import isinf
from pathlib import Path

import h2plant
from h2plant.components import KIND_BY_NAME, KINDS
from h2plant.core.declare import Kind
from h2plant.report.kind_tables import FIELD_HEADINGS, LAW_HEADINGS, PORT_HEADINGS, field_rows, law_rows, port_rows
from h2plant.results.figures import FIGURES
from h2plant.testing import Answer, CaseRun, run_case
from tests.cases.test_cases import CASES

ROOT = Path(__file__).parents[1]


def added(uri: str) -> str:
    """Return the Markdown that a page of the site has at its end beyond its file; empty for most."""
    folder, _, name = uri.removesuffix(".md").rpartition("/")
    if folder == "components" and name in KIND_BY_NAME:
        return "\n\n" + kind_sections(KIND_BY_NAME[name])
    return {
        "validation.md": all_cases,
        "api.md": api,
        "figures.md": key_figures,
        "architecture.md": layers,
        "audit.md": all_laws,
    }.get(uri, str)()


def kind_sections(kind: Kind) -> str:
    """Return parameters, states and outputs, ports, cost figures and cases of a kind."""
    fields = field_rows(kind)
    parameters = [row for row in fields if row[1] == "parameter"]
    logged = [row for row in fields if row[1] in ("state", "output")]
    parts = []
    if parameters:
        parts.append("## Parameters\nIn SI, as the kind declares them; a plant file may write any unit of the same "
                     "dimension at a name's end.\n\n")  # fmt: skip
        parts.append(_table(FIELD_HEADINGS, parameters, (0, 2, 3, 4, 5)))
    if logged:
        parts.append(
            "## States and outputs\nColumns of the log: states at the end of an interval, outputs as its mean.\n\n"
        )
        parts.append(_table(FIELD_HEADINGS, logged, (0, 1, 2, 5)))
    parts.append("## Ports\n" + _table(PORT_HEADINGS, port_rows(kind), range(len(PORT_HEADINGS))))
    parts.append("## Laws\nWhat the [audit](../audit.md) of a run checks here, independently of the model above.\n\n")
    parts.append(_table(LAW_HEADINGS, law_rows(kind), (0, 3, 1, 2)))
    parts.append("## Cost\n" + _costs(kind))
    parts.append("## Cases\nA dot in the middle of its track is on the published or analytic number, one at an end "
                 "at its tolerance.\n\n")  # fmt: skip
    for case in _cases():
        if case.kind is kind:
            parts.append(f"### {_title(case)}\nSource: {_text(case.source)}\n\n")
            headings = ("number", "unit", "expected", "computed", "tolerance", "deviation", "from")
            parts.append(_table(headings, [_answer(a) for a in case.answers], range(len(headings))))
    return "".join(parts)


def all_laws() -> str:
    """Return every law once, with the kinds that have it."""
    of_law: dict[str, tuple[tuple[str, ...], list[str]]] = {}
    for kind in KINDS:
        for row in law_rows(kind):
            of_law.setdefault(row[0], (row, []))[1].append(kind.name)
    every = [kind.name for kind in KINDS if any(port.medium == "stream" for port in kind.ports)]
    rows = [
        (row[0], row[3], row[1], row[2], "all with streams" if len(kinds) > len(every) // 2 else ", ".join(kinds))
        for row, kinds in of_law.values()
    ]
    return "\n\n## All laws\n" + _table(("law", "says", "equation", "source", "kinds"), rows, range(5))


def all_cases() -> str:
    """Return a table of every case: how many numbers, the one that is nearest to its tolerance, the source."""
    rows = []
    for case in _cases():
        worst = max(case.answers, key=lambda a: abs(a.share))
        link = f"[{case.kind.name}](components/{case.kind.name}.md#cases)"
        count = str(len(case.answers))
        rows.append((link, _title(case), count, f"`{worst.what}`", f"{worst.share:+.1%}", gauge(worst.share)))
    headings = ("kind", "case", "numbers", "nearest to its tolerance", "of the tolerance", "")
    n = sum(len(case.answers) for case in _cases())
    return (
        f"\n\n## Every case\n{len(rows)} cases with {n} published or analytic numbers for {len(KINDS)} kinds, run when "
        "this page was made. The kinds' pages have every number of theirs, with its source.\n\n"
        + _table(headings, [tuple(_cell(c) for c in row) for row in rows], range(len(headings)), is_raw=True)
    )


def layers() -> str:
    """Return the packages from top to bottom, as import-linter keeps them apart."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    listed = next(contract["layers"] for contract in contracts if contract["name"] == "layers")
    rows = [str(k) + ". " + ", ".join(f"`{name.removeprefix('h2plant.')}`" for name in layer.split(" | "))
            for k, layer in enumerate(listed, 1)]  # fmt: skip
    return (
        "\n\n## Layers\nFrom top to bottom; each package imports from those below it only, and packages of one line "
        "know nothing of each other.\n\n" + "\n".join(rows) + "\n"
    )


def key_figures() -> str:
    """Return a table of every key figure of the built-in technologies."""
    rows = [(f"`{f.id}`", f.unit, f.group, f.label.strip(), f.meaning) for f in FIGURES.values()]
    table = _table(
        ("id", "unit", "group", "called", "meaning"), [tuple(_cell(c) for c in r) for r in rows], range(5), is_raw=True
    )
    return f"\n\n## Every figure\n{table}"


def api() -> str:
    """Return a directive for every public name of the package, which is filled from its docstring."""
    return "\n\n" + "".join(f"::: h2plant.{name}\n\n" for name in h2plant.__all__)


@cache
def _cases() -> tuple[CaseRun, ...]:
    """Return all cases, run as plain Python, so that nothing is compiled for the documentation."""
    return tuple(run_case(path, is_plain=True) for path in CASES)


def _title(case: CaseRun) -> str:
    return case.name.split("--")[1].replace("-", " ").replace("_", " ")


def _answer(answer: Answer) -> tuple[str, ...]:
    return (
        answer.what,
        answer.unit,
        f"{answer.expected:,.6g}",
        f"{answer.computed:,.6g}",
        f"{answer.tolerance:.2g}",
        gauge(answer.share),
        answer.note,
    )


def gauge(share: float) -> str:
    """Return a deviation within its tolerance as a small picture; ``share`` lies between -1 and 1."""
    x = 60.0 + 50.0 * max(-1.0, min(1.0, share))
    return (
        f'<svg class="gauge" viewBox="0 0 120 18" role="img" aria-label="{share:+.1%} of the tolerance">'
        f"<title>{share:+.1%} of the tolerance</title>"
        '<path class="track" d="M10 9H110"/><path class="zero" d="M60 3V15"/>'
        f'<circle class="dot" cx="{x:.1f}" cy="9" r="4.5"/></svg>'
    )


def _costs(kind: Kind) -> str:
    figures = kind.costs
    if not figures:
        return "No capital of its own.\n\n"
    rows = []
    for f in figures:
        installed = "" if f.installation_ratio == 1.0 else f", installed × {f.installation_ratio:g}"
        life = f"{f.life_years:g} years" + ("" if isinf(f.life_h) else f", {f.life_h:g} h")
        cost = f"{f.reference_cost:,.0f} {f.currency} of {f.price_year}{installed}"
        size = f"{f.reference_size:,.4g}" if f.size_parameters else "any"
        rows.append((f.part, " × ".join(f"`{name}`" for name in f.size_parameters) or "–", size, cost,
                     f"{f.exponent:g}", life, f"{f.fixed_cost_frac:.3f}", f.source))  # fmt: skip
    headings = ("part", "size", "at", "costs", "exponent", "life", "upkeep per year", "source")
    return _table(headings, [tuple(_cell(c) for c in r) for r in rows], range(len(headings)), is_raw=True)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]], columns: Iterable[int], is_raw: bool = False) -> str:
    """Return a table of some columns; the first one is code, the others text, unless the cells are Markdown."""
    chosen = list(columns)
    lines = ["| " + " | ".join(headings[c] for c in chosen) + " |", "|" + "---|" * len(chosen)]
    for row in rows:
        cells = list(row) if is_raw else [f"`{row[0]}`", *(_text(cell) for cell in row[1:])]
        lines.append("| " + " | ".join(cells[c] for c in chosen) + " |")
    return "\n".join(lines) + "\n\n"


def _text(cell: str) -> str:
    """Return a cell in one line in which nothing is taken for Markdown."""
    if cell.startswith("<svg"):
        return cell
    return "".join(f"&#{ord(c)};" if c in "|*_`[]<>\\&{}" else c for c in " ".join(cell.split()))


def _cell(cell: str) -> str:
    return cell if cell.startswith(("<svg", "[", "`")) else _text(cell)
