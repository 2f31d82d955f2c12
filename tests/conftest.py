"""Settings for all tests."""

import functools
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

# The same examples in every run: what passed once passes again, and a failure can be repeated. To look further, run
# `pytest --hypothesis-profile=searching`.
settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("searching", derandomize=False, deadline=None, print_blob=True, max_examples=1000)
settings.load_profile("repeatable")


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> None:
    """Let processes that the tests start take Ctrl-C, also where a shell runs the tests behind `&` and ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _home_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the runs of the tests, those of processes that they start among them, out of the user's history."""
    os.environ["H2PLANT_HOME"] = str(tmp_path_factory.mktemp("home"))
    os.environ.pop("H2PLANT_HISTORY", None)


@pytest.fixture(scope="session", autouse=True)
def _unflushed() -> None:
    """Leave files to the system: tests write thousands, each flushed in milliseconds."""
    from h2plant.core import whole_file

    whole_file.is_flushed = False


_COMPILE = """
from h2plant.components import KINDS
from h2plant.config.scenario import load_scenario
from h2plant.session.session import prepare
from h2plant.simulation.loop_forms import types_of
from h2plant.simulation.warm_up import compile_missing, missing_of
compile_missing(missing_of(KINDS), types_of(prepare(load_scenario("minimal_day"))[1].arrays))
"""


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist starts its processes
def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile all kinds before the whole suite runs in several processes, which would each compile the same ones."""
    config = session.config
    is_whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.collectonly
    if is_whole and config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-c", _COMPILE], cwd=ROOT, env=environment, check=False)


@functools.cache
def _shares_fixtures(file: Path) -> bool:
    return 'scope="module"' in file.read_text(encoding="utf-8")


def scope_of(nodeid: str) -> str:
    """Return what runs in one process: the tests of a file that share a fixture, so that it is made once; else a test.

    Marks for pytest-xdist do not do it: it hands them on in the ids of tests, which pytest 9.1 and later keep.
    """
    file = nodeid.partition("::")[0]
    return file if _shares_fixtures(ROOT / file) else nodeid


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give whole scopes to a process, where the suite runs in several with ``--dist loadgroup``."""
    from xdist.scheduler import LoadGroupScheduling

    class ByFixture(LoadGroupScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return scope_of(nodeid)

    return ByFixture(config, log) if config.getvalue("dist") == "loadgroup" else None
