"""A path that a user names is made real in one place, which says what links that lead in a circle are."""

import ast
from pathlib import Path

import pytest

import h2plant
from tests.command import assert_refused
from tests.command import h2plant as command

PACKAGE = Path(h2plant.__file__).parent
PLACE = "core/real_path.py"


def _resolved(text: str) -> list[int]:
    """Return the lines on which something but the module's own file is resolved by itself."""
    found = []
    for node in ast.walk(ast.parse(text)):
        is_resolve = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "resolve"
        if is_resolve and "__file__" not in ast.dump(node.func.value):
            found.append(node.lineno)
    return found


def test_paths_are_made_real_in_one_place() -> None:
    files = {p.relative_to(PACKAGE).as_posix(): p for p in PACKAGE.rglob("*.py")}
    wrong = {name: lines for name, p in files.items() if (lines := _resolved(p.read_text(encoding="utf-8")))}
    assert set(wrong) == {PLACE}, wrong


def test_a_path_made_real_by_itself_is_seen() -> None:
    assert _resolved("a = b.parent.resolve()\nc = Path(__file__).resolve()") == [1]


@pytest.mark.parametrize(
    "words", [("run", "minimal", "--out", "a/x"), ("check", "a/p.yaml"), ("report", "a"), ("audit", "a")]
)
def test_links_in_a_circle_are_refused(words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert_refused(command(*words), "a")
