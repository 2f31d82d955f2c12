"""Versions agree wherever they stand; the files that run the checks elsewhere run what the Makefile has."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import h2plant

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TOOLS = ("dev", "docs", "browser")
"""Extras of the checkout alone: the package does not run with them."""


def document(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def pinned(name: str) -> dict[str, str]:
    lines = [line for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines), "name==version, nothing else"
    return {canonical(line.partition("==")[0]): line.partition("==")[2] for line in lines}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def bounds(requirements: list[str]) -> dict[str, str]:
    """Return the lower bound of each requirement, empty where it has none."""
    found = {}
    for requirement in requirements:
        match = re.fullmatch(r"([\w.-]+)(\[[\w,]+\])?(?:>=([\w.]+))?", requirement)
        assert match is not None, requirement
        if match[1] != PROJECT["name"]:
            assert found.setdefault(canonical(match[1]), match[3] or "") == (match[3] or ""), "one bound a library"
    return found


def number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def test_the_version_is_one() -> None:
    assert PROJECT["version"] == h2plant.__version__ == document("CITATION.cff")["version"]


def test_the_citation_names_the_authors_and_licence_of_the_package() -> None:
    citation = document("CITATION.cff")
    assert citation["authors"] == PROJECT["authors"] and citation["license"] == PROJECT["license"]
    assert citation["keywords"] == PROJECT["keywords"]
    assert {"cff-version", "message", "title", "type"} <= citation.keys()


def test_the_oldest_libraries_are_the_lower_bounds() -> None:
    extras = [r for name, part in PROJECT["optional-dependencies"].items() if name not in TOOLS for r in part]
    wanted = bounds([*PROJECT["dependencies"], *extras])
    assert all(wanted.values()), "each has a lower bound"
    assert pinned("constraints-oldest.txt") == wanted


def test_the_pinned_libraries_are_admitted() -> None:
    newest = pinned("constraints.txt")
    every = bounds([*PROJECT["dependencies"], *(r for part in PROJECT["optional-dependencies"].values() for r in part)])
    too_old = {n: b for n, b in every.items() if n in newest and b and number(newest[n]) < number(b)}
    assert too_old == {}
    assert {n for n in bounds(PROJECT["dependencies"]) if n not in newest} == set(), "each is pinned"


@pytest.mark.parametrize("name", [".github/workflows/ci.yml", ".pre-commit-config.yaml"])
def test_checks_elsewhere_need_no_address_and_no_secret(name: str) -> None:
    assert not re.search(r"https?://|index-url|secrets\.|token", (ROOT / name).read_text(encoding="utf-8"))


def test_the_matrix_has_every_python_and_calls_what_the_makefile_has() -> None:
    jobs = document(".github/workflows/ci.yml")["jobs"]
    named = [c.rpartition(" ")[2] for c in PROJECT["classifiers"] if re.search(r"Python :: 3\.\d+$", c)]
    assert jobs["newest"]["strategy"]["matrix"]["python"] == named
    assert jobs["without-jit"]["strategy"]["matrix"]["switch"] == ["H2PLANT_DISABLE_JIT", "NUMBA_DISABLE_JIT"]
    oldest = next(step["with"]["python-version"] for step in jobs["oldest"]["steps"] if "with" in step)
    assert PROJECT["requires-python"] == f">={oldest}" == f">={named[0]}"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    assert len(commands) == len(jobs)
    for command in commands:
        target = re.match(r"make ([\w-]+)", command)
        assert target is not None and re.search(rf"^{target[1]}:", makefile, re.M), command


def test_hooks_before_a_commit_are_the_checks_of_the_makefile() -> None:
    (repository,) = document(".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for hook in repository["hooks"]:
        program = hook["entry"].split()[0].removeprefix(".venv/bin/")
        assert hook["language"] == "system" and f"$(BIN)/{program}" in makefile, hook["id"]
