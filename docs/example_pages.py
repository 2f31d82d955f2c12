"""Examples as pages: runs the scripts of ``docs/examples`` cell by cell and writes code, printed text and pictures.

The scripts are plain Python in cells (``# %%``), as Jupytext, Jupyter and editors read them.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

EXAMPLES = Path(__file__).parent / "examples"
SCRIPTS = {path.stem: path for path in sorted(EXAMPLES.glob("*.py"))}
_CELL = re.compile(r"^# %%(.*)\n", re.M)


class Cell(NamedTuple):
    """A cell of a script: code, or Markdown."""

    is_code: bool
    text: str


class Shown(NamedTuple):
    """A cell with what it printed and the figures that it showed."""

    cell: Cell
    printed: str
    figures: tuple[Any, ...]


def cells(script: str) -> list[Cell]:
    """Return the cells of a script; what stands before the first one is none."""
    parts = _CELL.split(script)
    found = []
    for mark, text in zip(parts[1::2], parts[2::2], strict=True):
        if "[markdown]" in mark:
            lines = [line.removeprefix("#").removeprefix(" ") for line in text.strip("\n").splitlines()]
            found.append(Cell(False, "\n".join(lines)))
        else:
            found.append(Cell(True, text.strip("\n")))
    return found


def executed(name: str) -> list[Shown]:
    """Run an example in a folder of its own that goes away; returns its cells with what each gave."""
    import matplotlib.pyplot as plt

    names: dict[str, Any] = {"__name__": "__main__"}
    shown = []
    with tempfile.TemporaryDirectory(prefix="h2plant-example-") as folder, _inside(Path(folder)):
        for cell in cells(SCRIPTS[name].read_text(encoding="utf-8")):
            printed, figures = io.StringIO(), []
            if cell.is_code:
                with contextlib.redirect_stdout(printed), _gathered(plt, figures):
                    exec(compile(cell.text, SCRIPTS[name].name, "exec"), names)
            shown.append(Shown(cell, printed.getvalue().rstrip(), tuple(figures)))
    return shown


def page(name: str, shown: list[Shown], pictures: list[str]) -> str:
    """Return the page of an example; ``pictures`` are the names of its files in the order of the figures."""
    left = list(pictures)
    parts = []
    for k, (cell, printed, figures) in enumerate(shown):
        if not cell.is_code:
            parts.append(cell.text)
            if k == 0:
                parts.append(
                    f"*What stands here was printed and drawn by [{name}.py]({name}.py); `python -m docs.build {name}` "
                    "runs it again. Editors and Jupyter (with Jupytext) open the script as a notebook.*"
                )
            continue
        parts.append(f"```python\n{cell.text}\n```")
        if printed:
            parts.append(f"```text\n{printed}\n```")
        parts += [f"![{_titles(figure)}]({left.pop(0)})" for figure in figures]
    return "\n\n".join(parts) + "\n"


def _titles(figure: Any) -> str:
    """Return the titles of a figure's panels, for who cannot see it."""
    places = ("left", "center")
    return "; ".join(title for axis in figure.axes for place in places if (title := axis.get_title(place)))


def write(name: str, save: Callable[[Any, Path], None]) -> Path:
    """Run an example and write its page and its pictures beside it; returns the page."""
    import matplotlib.pyplot as plt

    shown = executed(name)
    figures = [figure for one in shown for figure in one.figures]
    pictures = [f"{name}_{k}.png" for k in range(1, len(figures) + 1)]
    for old in EXAMPLES.glob(f"{name}_*.png"):
        old.unlink()
    for figure, picture in zip(figures, pictures, strict=True):
        save(figure, EXAMPLES / picture)
    plt.close("all")
    target = EXAMPLES / f"{name}.md"
    target.write_text(page(name, shown, pictures), encoding="utf-8")
    return target


@contextlib.contextmanager
def _inside(folder: Path) -> Any:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def _gathered(plt: Any, figures: list[Any]) -> Any:
    """Let ``plt.show`` hand the open figures over instead of opening a window."""

    def take() -> None:
        open_figures = [plt.figure(number) for number in plt.get_fignums()]
        figures.extend(figure for figure in open_figures if not getattr(figure, "was_shown", False))
        for figure in open_figures:
            figure.was_shown = True

    before, plt.show = plt.show, take
    try:
        yield
    finally:
        plt.show = before
