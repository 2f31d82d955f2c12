"""What a case asks and what the component answers, for the test and for the pages of the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from h2plant.components import KINDS
from h2plant.core.declare import Kind
from tests.rig import Rig

FOLDER = Path(__file__).parent
CASES = sorted(FOLDER.glob("*/case.yaml"))
ITEMS = {"h2": 0, "o2": 1, "n2": 2, "vapour": 3, "liquid": 4, "enthalpy": 5, "temperature_k": 6, "pressure_pa": 7}


class Answer(NamedTuple):
    """A number of a case: what it is, what is expected, what came out, in SI."""

    run: int
    what: str
    unit: str
    expected: float
    computed: float
    tolerance: float
    note: str

    @property
    def share(self) -> float:
        """Deviation as a share of the tolerance: within -1 and 1 the case is met."""
        return (self.computed - self.expected) / self.tolerance


class CaseRun(NamedTuple):
    """A case that was run."""

    name: str
    source: str
    kind: Kind
    answers: tuple[Answer, ...]
    statuses: tuple[tuple[int, int, int], ...]
    """(run, expected status, status) where the case names one."""
    balance: float
    rig: Rig


def run_case(path: Path, is_plain: bool, kinds: Sequence[Kind] = KINDS) -> CaseRun:
    """Run a case file, compiled or as plain Python; KeyError or ValueError for a file that says too little."""
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    kind = next(k for k in kinds if k.name == case["kind"])
    rig = Rig(kind, {k: float(v) for k, v in case.get("parameters", {}).items()}, case.get("links"), is_plain)
    answers, statuses = [], []
    for number, run in enumerate(case["runs"]):
        for target, value in (run.get("set") or {}).items():
            _set(rig, target, value)
        status = rig.step(int(run.get("steps", 1)), float(run.get("step_s", 60)))
        if "status" in run:
            statuses.append((number, int(run["status"]), status))
        answers += [_answer(rig, number, expected) for expected in run.get("expect", [])]
    if not case["source"] or not answers:
        raise ValueError(f"{path}: a case needs a source and expected numbers")
    balance = float(case.get("balance", 1e-9))
    return CaseRun(path.parent.name, case["source"], kind, tuple(answers), tuple(statuses), balance, rig)


def _set(rig: Rig, target: str, value: Any) -> None:
    port, _, link = target.partition(".")
    if isinstance(value, dict):
        rig.set_stream(port, link=int(link or 0), **{k: float(v) for k, v in value.items()})
    else:
        rig.set_signal(port, float(value), link=int(link or 0))


def _answer(rig: Rig, number: int, expected: dict[str, Any]) -> Answer:
    link = int(expected.get("link", 0))
    if "field" in expected:
        what, unit = expected["field"], rig.kind.field(expected["field"]).unit
        computed = rig.field(what)
    elif "item" in expected:
        item = expected["item"]
        what, unit = (
            f"{expected['port']}.{item}",
            {"enthalpy": "W", "temperature_k": "K", "pressure_pa": "Pa"}.get(item, "kg/s"),
        )
        computed = float(rig.stream(expected["port"], link)[ITEMS[item]])
    else:
        port = rig.kind.port(expected["port"])
        what, unit = port.name, port.unit or {"power": "W", "heat": "W", "money": "EUR/s"}[port.medium]
        computed = rig.signal(port.name, link)
    if link and "field" not in expected:
        what += f" (link {link})"
    value = float(expected["value"])
    tolerance = float(expected.get("abs", 0.0)) + float(expected.get("rel", 0.0)) * abs(value)
    if not tolerance > 0.0:
        raise ValueError(f"{rig.kind.name}: the expected {what} needs 'rel' or 'abs'")
    return Answer(number, what, unit, value, computed, tolerance, str(expected.get("note", "")))
