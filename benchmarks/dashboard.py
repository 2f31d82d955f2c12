"""Many at the dashboard at once: ``python -m benchmarks.dashboard [--clients 50] [--seconds 30]``.

Each client opens the page and then asks without a pause, as if 50 people each clicked again at the moment they had
their answer: more than 50 pages ask for. Printed are the times of answers by what was asked, and the machine's load.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import random
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h2plant
from benchmarks.dashboard_page import Page

MEDIAN_S = 0.5
"""What the median of all answers shall stay below, s."""
COLUMNS = ("stack.power_w", "grid.import_w", "tank.pressure_pa", "stack.temperature_k", "stack.h2_made_kg_s")
YEAR_MS = (1672531200e3, 1704067200e3)
N_RUNS = 60

WEIGHTS = {
    "tick": 40,
    "list": 8,
    "zoom": 24,
    "choose": 8,
    "compare": 6,
    "edit": 3,
    "fields": 3,
    "check": 8,
    "report": 1,
}
"""How often each thing is asked: a page asks each second whether there is anything new."""


class Client:
    """One person at a page.

    Parameters
    ----------
    port
        Where the dashboard listens.
    seed
        Of what is asked.
    """

    def __init__(self, port: int, seed: int) -> None:
        self._port = port
        self._draw = random.Random(seed)
        self.times: dict[str, list[float]] = defaultdict(list)
        self.failed: list[str] = []
        self._seen: dict[str, Any] = {}

    def live(self, page: Page | None, until_s: float) -> None:
        """Open the page, and ask until a time."""
        self._timed("page", lambda: [self._get(path) for path in ("/", "/_dash-layout")])
        self._page = page or Page(json.loads(self._get("/_dash-dependencies")))
        names = list(WEIGHTS)
        while time.monotonic() < until_s:
            name = self._draw.choices(names, list(WEIGHTS.values()))[0]
            self._timed(name, getattr(self, f"_{name}"))

    def _timed(self, name: str, ask: Callable[[], object]) -> None:
        began = time.monotonic()
        try:
            ask()
        except (OSError, http.client.HTTPException, RuntimeError) as error:
            self.failed.append(f"{name}: {type(error).__name__}: {error}")
        self.times[name].append(time.monotonic() - began)

    def _request(self, method: str, path: str, body: dict[str, Any] | None = None) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120.0)
        with contextlib.closing(connection):
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"} if text else {})
            answer = connection.getresponse()
            content = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{answer.status} {content[:200]!r}")
        return content

    def _get(self, path: str) -> bytes:
        return self._request("GET", path)

    def _ask(self, output: str, values: dict[str, Any], given: str = "") -> dict[str, Any]:
        body = self._page.body(self._page.callback(output, given), values)
        content = self._request("POST", "/_dash-update-component", body)
        return json.loads(content)["response"] if content else {}

    def _run(self) -> str:
        return f"day-{self._draw.randrange(N_RUNS)}"

    def _tick(self) -> None:
        response = self._ask("jobs.children", {"jobs-version.data": 0, **self._seen})
        for name in ("runs-version",):
            if name in response:
                self._seen[f"{name}.data"] = response[name]["data"]

    def _list(self) -> None:
        text = self._draw.choice(("", "day", "minimal", f"day-{self._draw.randrange(N_RUNS)}"))
        self._ask("runs-list.children", {"runs-filter.value": text, "runs-sort.value": "made"}, "runs-filter.value")

    def _zoom(self) -> None:
        begin = self._draw.uniform(*YEAR_MS)
        days = self._draw.choice((365.0, 30.0, 7.0, 1.0))
        values = {"explore-run.value": "year", "explore-columns.value": COLUMNS, "tab.data": "explore",
                  "explore-window.data": [begin, begin + days * 86400e3]}  # fmt: skip
        self._ask("explore-figure.data", values)

    def _choose(self) -> None:
        self._ask("explore-columns.options", {"explore-run.value": self._run()})

    def _compare(self) -> None:
        values = {"compare-runs.value": [self._run(), "year"]}
        self._ask("compare-columns.options", values)
        values |= {"compare-columns.value": COLUMNS[:3], "tab.data": "compare"}
        self._ask("compare-figure.data", values)

    def _edit(self) -> None:
        self._ask(
            "edit-about.children",
            {"edit-source.value": self._draw.choice(("bundled:minimal_day", "bundled:test_8hour"))},
        )

    def _fields(self) -> None:
        values = {"edit-target.value": "stack", "edit-source.value": "bundled:minimal_day", "edit-changed.data": {},
                  "edit-problems.data": {}}  # fmt: skip
        self._ask("edit-fields.children", values)

    def _check(self) -> None:
        changed = {"stack.rated_power_mw": f"{self._draw.uniform(0.5, 1.5):.3f}"}
        values = {"edit-source.value": "bundled:minimal_day", "edit-changed.data": changed, "edit-hours.value": "48"}
        self._ask("edit-findings.children", values, "edit-source.value")

    def _report(self) -> None:
        self._get(f"/report?run={self._run()}")


@contextlib.contextmanager
def dashboard(folder: Path) -> Iterator[int]:
    """Give the port of a dashboard over a folder of runs, in a process of its own."""
    command = [sys.executable, "-m", "h2plant.cli", "dash", str(folder), "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    ) as server:
        assert server.stdout is not None
        try:
            for line in server.stdout:
                if found := re.search(r"127\.0\.0\.1:(\d+)", line):
                    yield int(found[1])
                    return
            raise SystemExit("the dashboard did not start")
        finally:
            server.send_signal(signal.SIGINT)


def make_runs(folder: Path) -> None:
    """Write a year and many days."""
    h2plant.run("minimal_day", hours=8760, start="2023-01-01", out=folder / "year")
    first = h2plant.run("minimal_day", out=folder / "day-0").folder
    for k in range(1, N_RUNS):
        shutil.copytree(first, folder / f"day-{k}")


def main() -> int:
    """Measure and print; returns 1 if an answer failed or the median is too long."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="h2plant-bench-") as name:
        make_runs(Path(name))
        before = os.getloadavg()[0]
        with dashboard(Path(name)) as port:
            clients = [Client(port, seed) for seed in range(asked.clients)]
            until = time.monotonic() + asked.seconds
            threads = [threading.Thread(target=client.live, args=(None, until)) for client in clients]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return report(clients, asked.seconds, before, used.ru_utime + used.ru_stime)


def report(clients: list[Client], seconds: float, load: float, processor_s: float) -> int:
    """Print the times of all answers by what was asked."""
    every: dict[str, list[float]] = defaultdict(list)
    for client in clients:
        for name, times in client.times.items():
            every[name] += times
    answers = sorted(time for times in every.values() for time in times)
    print(f"{len(clients)} clients, {seconds:g} s, load of the machine before {load:.2f}, now {os.getloadavg()[0]:.2f}")
    print(f"{'asked':10}{'answers':>9}{'median, s':>11}{'90 %, s':>9}{'worst, s':>10}")
    for name, times in sorted(every.items(), key=lambda item: -len(item[1])):
        print(_row(name, sorted(times)))
    print(_row("all", answers))
    failed = [text for client in clients for text in client.failed]
    for text in dict.fromkeys(failed):
        print(f"failed: {text}")
    each = processor_s / len(answers)
    print(
        f"the server took {1e3 * each:.1f} ms of a processor an answer, its start included: where it has one to itself,"
    )
    print(f"{len(clients)} clients that never pause wait {len(clients) * each:.2f} s in the mean")
    is_met = statistics.median(answers) < MEDIAN_S and not failed
    print(f"{len(answers) / seconds:.0f} answers a second; median below {MEDIAN_S:g} s: {'yes' if is_met else 'no'}")
    return 0 if is_met else 1


def _row(name: str, times: list[float]) -> str:
    at = times[int(0.9 * (len(times) - 1))]
    return f"{name:10}{len(times):9}{statistics.median(times):11.3f}{at:9.3f}{times[-1]:10.3f}"


if __name__ == "__main__":
    sys.exit(main())
