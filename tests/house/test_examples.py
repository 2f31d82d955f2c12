"""The examples run, and their pages show their code, what it prints today, and its pictures."""

import re

import matplotlib
import pytest

matplotlib.use("Agg")

from docs.example_pages import EXAMPLES, SCRIPTS, cells, executed, page

pytestmark = pytest.mark.long

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_MAKE = "run `python -m docs.build {}` and look at the page"


def _pictures(name: str) -> list[str]:
    return sorted(path.name for path in EXAMPLES.glob(f"{name}_*.png"))


def _alike(a: str, b: str) -> bool:
    """Whether two texts are the same up to the last digit of their numbers."""
    if _NUMBER.sub("#", a).split() != _NUMBER.sub("#", b).split():
        return False
    for x, y in zip(_NUMBER.findall(a), _NUMBER.findall(b), strict=True):
        last = 10.0 ** -len(x.partition(".")[2])
        if abs(float(x.replace(",", "")) - float(y.replace(",", ""))) > 1.01 * last:
            return False
    return True


@pytest.mark.parametrize("name", SCRIPTS)
def test_page_is_the_script_with_what_it_gives(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("H2PLANT_HISTORY", "off")
    text = (EXAMPLES / f"{name}.md").read_text(encoding="utf-8")
    script = cells(SCRIPTS[name].read_text(encoding="utf-8"))
    assert re.findall(r"^```python\n(.*?)\n```$", text, re.M | re.S) == [c.text for c in script if c.is_code], (
        _MAKE.format(name)
    )
    shown = executed(name)
    n_figures = sum(len(one.figures) for one in shown)
    matplotlib.pyplot.close("all")
    assert len(_pictures(name)) == n_figures > 0
    assert _alike(text, page(name, shown, _pictures(name))), _MAKE.format(name)


def test_examples_are_three_with_a_page_each() -> None:
    assert set(SCRIPTS) == {path.stem for path in EXAMPLES.glob("*.md")}
    assert len(SCRIPTS) >= 3
    for picture in EXAMPLES.glob("*.png"):
        assert picture.stat().st_size < 300_000
        assert f"({picture.name})" in "".join(p.read_text(encoding="utf-8") for p in EXAMPLES.glob("*.md"))


def test_a_difference_is_seen() -> None:
    assert _alike("made 1,234.5 kg", "made 1,234.6 kg")
    assert not _alike("made 1,234.5 kg", "made 1,234.8 kg")
    assert not _alike("made 1,234.5 kg", "sold 1,234.5 kg")


def test_cells_are_read_as_editors_read_them() -> None:
    found = cells("# %% [markdown]\n# # Title\n#\n# text\n\n# %%\nx = 1  # %% no cell\n\n# %%\nprint(x)\n")
    assert [(c.is_code, c.text) for c in found] == [
        (False, "# Title\n\ntext"),
        (True, "x = 1  # %% no cell"),
        (True, "print(x)"),
    ]
