"""The checklist, measured: as tables for the terminal and as ``docs/checklist.md``."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from h2plant.core.whole_file import whole_file
from h2plant.measure.bench.checklist import METRICS, Item, Metric
from h2plant.measure.bench.machine import describe
from h2plant.measure.bench.measures import Measures, NotMeasured
from h2plant.measure.measured import Measured, markdown_rows
from h2plant.plant.finding import Finding, PlantError

HEADING = ["", "item", "where", "command", "target", "measured", ""]
METRICS_HEADING = ["metric", "measured"]
ALLOWED_GAPS = ("run with --with-tests", "no GPU on this machine", "the tests are in the sources")
"""Figures that are not there for a reason that is not this program's."""


@dataclass(frozen=True)
class Answer:
    """The checklist's lines and the form's, each with its figure or why there is none."""

    items: tuple[tuple[Item, Measured | str], ...]
    metrics: tuple[tuple[Metric, Measured | str], ...]
    hours: float | None

    @property
    def unexplained(self) -> list[Item]:
        """Lines that fall short, or have no figure, without a stated cause."""
        return [item for item, found in self.items if item.source and not item.cause and not _is_fine(found)]

    def rows(self) -> list[list[str]]:
        """Return the checklist as rows of text."""
        rows = []
        for item, found in self.items:
            target, measured, mark = "", item.statement, ""
            if isinstance(found, Measured):
                target = "" if found.target is None else f"{found.sign} {found.target:g} {_unit(found)}".strip()
                measured = _shown(found)
                mark = (
                    ""
                    if found.target is None
                    else ("met" if found.is_met else f"missed: {item.cause or 'no cause stated'}")
                )
            elif item.source:
                measured = f"not measured: {found}"
            rows.append([str(item.point), item.item, item.where, item.command, target, measured, mark])
        return rows

    def metric_rows(self) -> list[list[str]]:
        """Return the form of success metrics as rows of text."""
        return [
            [metric.name, _shown(found) if isinstance(found, Measured) else f"not measured: {found}"]
            for metric, found in self.metrics
        ]


def _is_fine(found: Measured | str) -> bool:
    return found.is_met if isinstance(found, Measured) else found.startswith(ALLOWED_GAPS)


def _unit(figure: Measured) -> str:
    return "" if figure.unit in ("1", "relative") else figure.unit


def _shown(figure: Measured) -> str:
    return f"{figure.measured:,.4g} {_unit(figure)}".strip()


def measure_all(
    items: Sequence[Item],
    hours: float | None,
    with_tests: bool,
    has_metrics: bool,
    on_progress: Callable[[str], None] = lambda _: None,
) -> Answer:
    """Measure lines of the checklist, and the form of success metrics.

    Parameters
    ----------
    items
        Lines to measure.
    hours, with_tests, on_progress
        As for ``Measures``.
    has_metrics
        Whether the form is wanted.
    """
    measures = Measures(hours, with_tests, on_progress)

    def found(source: str, figure: str) -> Measured | str:
        try:
            return measures.figure(source, figure)
        except NotMeasured as why:
            return str(why)

    answered = tuple((item, found(item.source, item.figure) if item.source else item.statement) for item in items)
    form = tuple((metric, found(metric.source, metric.figure)) for metric in METRICS) if has_metrics else ()
    return Answer(answered, form, hours)


def markdown(answer: Answer) -> str:
    """Return the checklist as a page."""
    rows = [[n, item, f"`{where}`", f"`{command}`", *rest] for n, item, where, command, *rest in answer.rows()]
    span = "the year" if answer.hours is None else f"{answer.hours:g} h of the year"
    page = f"""# The optimisation checklist

Every line with its place, the command that shows it, its bar, and what was measured. `h2plant bench checklist` measures
all of it anew and prints it; `--write docs/checklist.md` writes this page. A miss states its cause.

Measured on {datetime.datetime.now(datetime.UTC):%Y-%m-%d} over {span}: {describe()}.

{markdown_rows(["", *HEADING[1:]], rows)}"""
    if answer.metrics:
        page += f"\n## Success metrics\n{markdown_rows(METRICS_HEADING, answer.metric_rows())}"
    return page


def write_markdown(answer: Answer, file: Path) -> None:
    """Write the checklist as a page, whole or not at all.

    Raises
    ------
    PlantError
        The file cannot be written.
    """
    try:
        with whole_file(file) as partial:
            partial.write_text(markdown(answer), encoding="utf-8")
    except OSError as error:
        what = f"cannot be written ({error.strerror or error})"
        raise PlantError([Finding("not-writable", str(file), what, "choose another file with --write")]) from None
