"""The measurements behind the checklist, each taken once when a line first asks for it."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable

from h2plant.config.scenario import Scenario, changed_scenario, load_scenario
from h2plant.core.jit import PACKAGE_ROOT
from h2plant.measure.bench import comparison, figures, scaling
from h2plant.measure.bench.thermal_timing import thermal_work
from h2plant.measure.measured import Measured
from h2plant.measure.tables import kernel_timing, lookup_statistics
from h2plant.plant.finding import PlantError
from h2plant.session.session import prepare

BASELINE_DAYS = 3


class NotMeasured(Exception):
    """A figure was not taken; the text says why."""


class Measures:
    """Takes measurements by name and keeps them.

    Parameters
    ----------
    hours
        Span of the runs, h (default: the year).
    with_tests
        Whether the test suite is run.
    on_progress
        Takes a line about what is done now.
    """

    def __init__(self, hours: float | None, with_tests: bool, on_progress: Callable[[str], None]) -> None:
        self._hours = hours
        self._with_tests = with_tests
        self._on_progress = on_progress
        self._kept: dict[str, list[Measured] | NotMeasured] = {}
        self._sources: dict[str, Callable[[], Iterable[Measured]]] = {
            "lut": lookup_statistics.test_lut_cache_report,
            "sharing": lambda: lookup_statistics.sharing_figures(lookup_statistics.sample_lookups()),
            "steps": kernel_timing.step_times,
            "tables": kernel_timing.lookup_times,
            "thermal": self._thermal,
            "command": lambda: self._command("test_full_year"),
            "short": lambda: self._command("test_8hour"),
            "year": lambda: figures.year(self._year()),
            "comparison": self._comparison,
            "scaling": self._scaling,
            "tests": self._tests,
            "gpu": self._gpu,
        }

    def figure(self, source: str, name: str) -> Measured:
        """Return the figure of a source whose name begins so.

        Raises
        ------
        NotMeasured
            It could not be taken.
        """
        if source not in self._kept:
            self._kept[source] = self._take(source)
        kept = self._kept[source]
        if isinstance(kept, NotMeasured):
            raise kept
        for found in kept:
            if found.name.startswith(name):
                return found
        raise NotMeasured(f"'{source}' gives no figure '{name}'")

    def _take(self, source: str) -> list[Measured] | NotMeasured:
        self._on_progress(f"measuring: {source}")
        try:
            return list(self._sources[source]())
        except NotMeasured as why:
            return why
        except PlantError as error:
            return NotMeasured(error.findings[0].what)

    def _year(self, name: str = "test_full_year") -> Scenario:
        return changed_scenario(load_scenario(name), self._hours)

    def _span(self) -> list[str]:
        return [] if self._hours is None else ["--hours", str(self._hours)]

    def _thermal(self) -> Iterable[Measured]:
        scenario = load_scenario("test_8hour")
        return thermal_work(prepare(scenario)[1], figures.n_steps(scenario))

    def _command(self, name: str) -> Iterable[Measured]:
        figures.run_command(None, name, *self._span())  # whatever is missing compiles here
        runs = [figures.run_command(None, name, *self._span()) for _ in range(3)]
        yield Measured("whole command", statistics.median(run.wall_s for run in runs), "s")
        yield Measured("peak memory", max(run.peak_mb for run in runs), "MB", 300.0)

    def _comparison(self) -> Iterable[Measured]:
        arguments = ["test_full_year", *self._span()]
        return comparison.compare(self._year(), arguments, BASELINE_DAYS, self._on_progress).figures()

    def _scaling(self) -> Iterable[Measured]:
        return scaling.measure_scaling(self._year(), on_progress=self._on_progress).figures()

    def _tests(self) -> Iterable[Measured]:
        folder = PACKAGE_ROOT.parent
        if not self._with_tests:
            raise NotMeasured("run with --with-tests")
        if not (folder / "tests").is_dir():
            raise NotMeasured("the tests are in the sources, not in an installed package")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        counts = {what: int(n) for n, what in re.findall(r"(\d+) (passed|failed|error)", done.stdout)}
        if not counts and done.returncode != 0:
            raise NotMeasured(f"pytest ended with exit code {done.returncode}")
        yield Measured("tests failed", counts.get("failed", 0) + counts.get("error", 0), "tests", 0.0)
        yield Measured("tests passing", counts.get("passed", 0), "tests")

    def _gpu(self) -> Iterable[Measured]:
        raise NotMeasured("run `python -m benchmarks.cuda`" if _has_gpu() else "no GPU on this machine")


def _has_gpu() -> bool:
    """Tell whether the driver of a CUDA device can be loaded and knows a device."""
    import ctypes
    import ctypes.util

    name = ctypes.util.find_library("cuda")
    if name is None:
        return False
    count = ctypes.c_int(0)
    try:
        driver = ctypes.CDLL(name)
        return driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0 and count.value > 0
    except (OSError, AttributeError):
        return False
