"""What is kept is kept under the digest of the code that it came from, wherever in the package that lies."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from h2plant.measure.accuracy import comparison
from h2plant.planning import reduced
from h2plant.studies.study import prepared

PACKAGE = Path(__file__).parents[2] / "h2plant"
MODULES = (
    *("core/properties/gas.py", "physics/held/water.py", "components/pem_stack.py", "dispatch/follow_wind.py"),
    *("simulation/loop.py", "economics/cash_flow.py"),
)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The package's modules, to be changed."""
    return Path(shutil.copytree(PACKAGE, tmp_path / "h2plant", ignore=shutil.ignore_patterns("data", "__pycache__")))


@pytest.mark.parametrize(
    ("module", "name", "digest", "more"),
    [
        (prepared, "PACKAGE", prepared.code_digest, ("results/figures.py", "session/years.py")),
        (reduced, "_PACKAGE", reduced._sources, ("results/run_economics.py", "planning/layout.py")),
    ],
    ids=["study", "plan"],
)
def test_digest_of_the_code_follows_every_module_that_decides_results(
    package: Path,
    module: object,
    name: str,
    digest: Callable[[], str],
    more: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, name, package)
    seen = {digest()}
    for file in (*MODULES, *more):
        with (package / file).open("a", encoding="utf-8") as stream:
            stream.write("# changed\n")
        before = len(seen)
        seen.add(digest())
        assert len(seen) == before + 1, file


def test_folders_of_the_code_are_there() -> None:
    for folder in (*prepared._CODE, *reduced._CODE, *comparison._COMPUTING):
        assert list((PACKAGE / folder).glob("*.py")), folder
