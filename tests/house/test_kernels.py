"""Kernels keep to what Python, Numba and CUDA all understand; nobody but core/jit.py touches Numba."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "h2plant"
KERNEL_FILES = sorted(
    p
    for p in PACKAGE.rglob("*.py")
    if re.search(r"^@(kernel|leaf)$", p.read_text(encoding="utf-8"), re.M) and p.name != "jit.py"
)
BUILT_INS = {"range", "len", "min", "max", "abs", "float", "int", "bool"}
FORBIDDEN = (
    ast.Try,
    ast.Raise,
    ast.With,
    ast.ListComp,
    ast.DictComp,
    ast.SetComp,
    ast.GeneratorExp,
    ast.Lambda,
    ast.Dict,
    ast.Set,
    ast.List,
    ast.Yield,
    ast.Global,
    ast.Nonlocal,
    ast.Delete,
    ast.JoinedStr,
    ast.Import,
    ast.ImportFrom,
    ast.ClassDef,
)


def _is_kernel(node: ast.FunctionDef) -> bool:
    return any(isinstance(d, ast.Name) and d.id in ("kernel", "leaf") for d in node.decorator_list)


def violations(tree: ast.Module) -> Iterator[str]:
    local = {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
    imported = {a.asname or a.name for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names}
    for function in tree.body:
        if not isinstance(function, ast.FunctionDef) or not _is_kernel(function):
            continue
        arguments = function.args
        if arguments.kwonlyargs or arguments.vararg or arguments.kwarg:
            yield f"{function.name}: only plain arguments"
        body = function.body[1:] if ast.get_docstring(function) is not None else function.body
        if len(body) == len(function.body):
            yield f"{function.name}: no docstring"
        for statement in body:
            for node in ast.walk(statement):
                where = f"{function.name}:{getattr(node, 'lineno', '?')}"
                if isinstance(node, FORBIDDEN):
                    yield f"{where}: {type(node).__name__}"
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield f"{where}: a string"
                if isinstance(node, ast.Call):
                    called = node.func
                    if node.keywords:
                        yield f"{where}: keyword argument"
                    given = {argument.arg for argument in arguments.args}  # kernels may be handed kernels
                    if isinstance(called, ast.Name) and called.id not in BUILT_INS | local | imported | given:
                        yield f"{where}: call of {called.id}"
                    if isinstance(called, ast.Attribute) and not (
                        isinstance(called.value, ast.Name) and called.value.id == "math"
                    ):
                        yield f"{where}: call of {ast.unparse(called)}"


@pytest.mark.parametrize("path", KERNEL_FILES, ids=[p.stem for p in KERNEL_FILES])
def test_kernels_use_only_what_every_back_end_has(path: Path) -> None:
    assert list(violations(ast.parse(path.read_text(encoding="utf-8")))) == []


def test_the_sieve_catches_what_it_should() -> None:
    bad = ast.parse('@kernel\ndef f(x):\n    """D."""\n    y = [x]\n    return print(f"{x}")\n')
    found = " ".join(violations(bad))
    assert "List" in found and "call of print" in found and "JoinedStr" in found


def test_only_one_module_for_each_back_end_touches_numba() -> None:
    touching = [
        p.relative_to(PACKAGE).as_posix()
        for p in PACKAGE.rglob("*.py")
        if re.search(r"^\s*(import numba|from numba)|cache=True", p.read_text(encoding="utf-8"), re.M)
    ]
    assert sorted(touching) == ["core/jit.py", "cuda/jit.py"]


def test_files_are_short() -> None:
    allowed_longer: set[str] = set()
    long = {
        p.relative_to(PACKAGE.parent).as_posix()
        for folder in ("h2plant", "tests", "benchmarks")
        for p in (PACKAGE.parent / folder).rglob("*.py")
        if len(p.read_text(encoding="utf-8").splitlines()) > 600
    }
    assert long <= allowed_longer
