"""Nothing outside its own file asks for a kind by its name: what is needed of it stands in its declaration."""

import ast
from pathlib import Path

from h2plant.components import KINDS

PACKAGE = Path(__file__).parents[2] / "h2plant"
OWN = ("components", "dispatch", "plants")
"""Folders in which a kind may be called by its name."""
LEFT: frozenset[str] = frozenset()
"""Files that still do; a file leaves this list with its last name, and none is added."""


def _names(file: Path) -> set[str]:
    """Return the kinds that a file has as texts; what documents a module, class, function or name is no code."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = (n for n in ast.walk(tree) if isinstance(n, ast.Constant) and id(n) not in documents)
    return {str(n.value) for n in texts} & {kind.name for kind in KINDS}


def test_no_kind_is_known_by_name() -> None:
    files = [p for p in PACKAGE.rglob("*.py") if p.relative_to(PACKAGE).parts[0] not in OWN]
    assert len(files) > 200
    found = {p.relative_to(PACKAGE).as_posix(): names for p in files if (names := _names(p))}
    assert {file: sorted(names) for file, names in found.items() if file not in LEFT} == {}
    assert set(found) == LEFT


def test_a_name_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        '"""gas_tank"""\n"gas_tank"\nif kind == "gas_tank": x = ("pem_stack",)\n', encoding="utf-8"
    )
    assert _names(tmp_path / "a.py") == {"gas_tank", "pem_stack"}
