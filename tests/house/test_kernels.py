"""Kernels keep to what Python, Numba and CUDA all understand; Numba is touched in few places."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from h2plant.core.user_code import is_marked, kernel_violations

PACKAGE = Path(__file__).parents[2] / "h2plant"
KERNEL_FILES = sorted(
    p
    for p in PACKAGE.rglob("*.py")
    if re.search(r"^@(kernel|leaf)$", p.read_text(encoding="utf-8"), re.M) and p.name != "jit.py"
)


def violations(tree: ast.Module) -> Iterator[str]:
    for line, function, what in kernel_violations(tree):
        yield f"{function}:{line}: {what}"
    kernels = [n for n in tree.body if isinstance(n, ast.FunctionDef) and is_marked(n)]
    yield from (f"{node.name}: no docstring" for node in kernels if ast.get_docstring(node) is None)


@pytest.mark.parametrize("path", KERNEL_FILES, ids=[p.stem for p in KERNEL_FILES])
def test_kernels_use_only_what_every_back_end_has(path: Path) -> None:
    assert list(violations(ast.parse(path.read_text(encoding="utf-8")))) == []


def test_the_sieve_catches_what_it_should() -> None:
    bad = ast.parse('@kernel\ndef f(x):\n    """D."""\n    y = [x]\n    return print(f"{x}")\n')
    found = " ".join(violations(bad))
    assert "a list" in found and "call of print" in found and "a text" in found


_PRIVATE = re.compile(
    r"numba\.(core|np|cpython|parfors|typed|misc)\b|\bllvmlite\b|numba\.extending|\b_numba_type_\b|\btargetoptions\b"
    r"|\.overloads\b|\.call_conv\b|_shared_module|\._dispatcher\b|^\s*(import numba|from numba)",
    re.M,
)


def _touching(pattern: re.Pattern[str]) -> list[str]:
    files = {p.relative_to(PACKAGE).as_posix(): p.read_text(encoding="utf-8") for p in PACKAGE.rglob("*.py")}
    return sorted(name for name, text in files.items() if pattern.search(text) and not name.startswith("cuda/"))


def test_numba_is_touched_in_three_modules_and_its_private_parts_in_two() -> None:
    """numba-cuda's in cuda/jit.py apart. ``jit`` has decorators and flags; ``compiler_pages`` names LLVM's file."""
    touching = _touching(_PRIVATE)
    assert touching == ["core/compiler_pages.py", "core/jit.py", "core/kernel_cache.py", "core/native_call.py"]
    public = re.findall(r"(?:from|import) numba.*|numba\.\w+", (PACKAGE / "core/jit.py").read_text(encoding="utf-8"))
    assert set(public) <= {"import numba", "numba.njit", "numba.get_num_threads", "from numba import prange"}
    assert _touching(re.compile(r"cache=True")) == []
    of_cuda = (PACKAGE / "cuda").glob("*.py")
    assert [p.name for p in of_cuda if re.search(r"^\s*(import|from) numba", p.read_text(), re.M)] == ["jit.py"]


def test_files_are_short() -> None:
    allowed_longer: set[str] = set()
    long = {
        p.relative_to(PACKAGE.parent).as_posix()
        for folder in ("h2plant", "tests", "benchmarks")
        for p in (PACKAGE.parent / folder).rglob("*.py")
        if len(p.read_text(encoding="utf-8").splitlines()) > 600
    }
    assert long <= allowed_longer
