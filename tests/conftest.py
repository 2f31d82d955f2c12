"""Settings for all tests."""

import os
import signal
import subprocess
import sys

import pytest
from hypothesis import settings

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


_COMPILE = """
from h2plant.components import KINDS
from h2plant.config.scenario import load_scenario
from h2plant.session.session import make_engine, prepare
from h2plant.simulation.warm_up import compile_missing, missing_of
compile_missing(missing_of(KINDS), make_engine("optimized", prepare(load_scenario("minimal_day"))[1])._compile_loop)
"""


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist starts its processes
def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile all kinds before the whole suite runs in several processes, which would each compile the same ones."""
    config = session.config
    is_whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.collectonly
    if is_whole and config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        root = str(config.rootpath)
        subprocess.run([sys.executable, "-c", _COMPILE], cwd=root, env={**os.environ, "PYTHONPATH": root}, check=False)


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests that share a fixture of their file in one process where the suite runs in several: it is made once."""
    for item in items:
        fixtures = item._fixtureinfo.name2fixturedefs.values()  # type: ignore[attr-defined]
        if any(fixture.scope == "module" for named in fixtures for fixture in named):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
