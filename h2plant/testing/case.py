"""A kind's case: what it asks, what the component answers, and whether that is what is expected."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from h2plant.components import KINDS
from h2plant.components.registry import kind_of
from h2plant.core.bus import LINE_COLUMNS
from h2plant.core.declare import Kind
from h2plant.core.real_path import real_path
from h2plant.core.role import Maker, Role
from h2plant.core.user_code import read_code
from h2plant.testing.rig import LINE_ITEMS, Rig
from h2plant.testing.watched_rig import WatchedRig

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
    """A case that was run.

    Attributes
    ----------
    name, source
        Name of the case's folder; where its numbers come from.
    kind
        The kind.
    answers
        Expected and computed numbers.
    statuses
        (run, expected status, status) where the case names one.
    balance
        Largest relative residual of mass by species and of energy.
    rig
        The component, as it is after the last run.
    """

    name: str
    source: str
    kind: Kind
    answers: tuple[Answer, ...]
    statuses: tuple[tuple[int, int, int], ...]
    balance: float
    rig: WatchedRig

    def require_met(self) -> None:
        """Raise ``AssertionError`` unless numbers and statuses are as expected, mass and energy close, laws hold.

        The water that reacted must have the sign that the kind's role tells of.
        """
        for run, expected, status in self.statuses:
            if status != expected:
                raise AssertionError(f"{self.name}: run {run}: status {status}, expected {expected}")
        for answer in self.answers:
            if not abs(answer.share) <= 1.0:
                raise AssertionError(f"{self.name}: {answer}")
        self.rig.assert_balanced(self.balance)
        reacted_mol = self.rig.field("reacted_h2o_mol") if self.rig.has("reacted_h2o_mol") else 0.0
        if not _agrees(self.kind.role, reacted_mol):
            raise AssertionError(f"{self.name}: {reacted_mol} mol of water split, which its role does not tell of")
        for law, share in self.rig.broken_laws().items():
            raise AssertionError(f"{self.name}: the law '{law}' is broken: {share:.3g} times what is allowed")


def _agrees(role: Role | None, reacted_mol: float) -> bool:
    """Tell whether a role lets so much water be split: electrolysers split it, a recombination makes it."""
    if isinstance(role, Maker):
        return reacted_mol >= 0.0
    return reacted_mol <= 0.0 if getattr(role, "reaction", "") else reacted_mol == 0.0


def run_case(case: str | Path, kind: Kind | str | Path | None = None, is_plain: bool = False) -> CaseRun:
    """Run a kind's case, compiled or as plain Python.

    ``case.yaml`` says which kind it is, its parameters (SI, names as declared), and for one or several runs what is
    set at the ports, how many steps are made, and which numbers are expected, each with its tolerance; its folder is
    named ``<kind>--<condition>``. `h2plant init --kind my_stack` writes one.

    Parameters
    ----------
    case
        The file, or its folder.
    kind
        The kind, or the Python file in which it stands (``KIND``), by default a built-in one.
    is_plain
        Run the kernels as plain Python instead of compiled: with any debugger.

    Returns
    -------
    CaseRun
        What came out; ``run_case(...).require_met()`` is a test.

    Raises
    ------
    KeyError, ValueError
        The case names what the kind does not have, or says too little.
    UserCodeError
        The file declares no kind, or one that is not sound.

    Examples
    --------
    >>> from h2plant.testing import run_case
    >>> run_case("my_stack--design-point", "my_stack.py").require_met()    # doctest: +SKIP
    """
    path = Path(case) / "case.yaml" if Path(case).is_dir() else Path(case)
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    if isinstance(kind, str | Path):
        kind = kind_of(read_code(real_path(Path(kind))))
    elif kind is None:
        kind = next((k for k in KINDS if k.name == content["kind"]), None)
    if kind is None or kind.name != content["kind"]:
        raise KeyError(f"{path}: there is no kind {content['kind']!r} here")
    if real_path(path).parent.name.split("--")[0] != kind.name:
        raise ValueError(f"{path}: its folder must be called {kind.name}--<condition>")
    parameters = {name: float(value) for name, value in content.get("parameters", {}).items()}
    rig = WatchedRig(kind, parameters, content.get("links"), is_plain)
    answers, statuses = [], []
    for number, run in enumerate(content["runs"]):
        for target, value in (run.get("set") or {}).items():
            _set(rig, target, value)
        status = rig.step(int(run.get("steps", 1)), float(run.get("step_s", 60)))
        if "status" in run:
            statuses.append((number, int(run["status"]), status))
        answers += [_answer(rig, number, expected) for expected in run.get("expect", [])]
    if not content["source"] or not answers:
        raise ValueError(f"{path}: a case needs a source and expected numbers")
    balance = float(content.get("balance", 1e-9))
    name = real_path(path).parent.name
    return CaseRun(name, content["source"], kind, tuple(answers), tuple(statuses), balance, rig)


def _set(rig: Rig, target: str, value: Any) -> None:
    port, _, link = target.partition(".")
    if rig.kind.port(port).medium == "line":
        rig.set_line(port, int(link or 0), **{item: float(number) for item, number in value.items()})
    elif isinstance(value, dict):
        rig.set_stream(port, link=int(link or 0), **{k: float(v) for k, v in value.items()})
    else:
        rig.set_signal(port, float(value), link=int(link or 0))


def _answer(rig: Rig, number: int, expected: dict[str, Any]) -> Answer:
    link = int(expected.get("link", 0))
    if "field" in expected:
        what, unit = expected["field"], rig.kind.field(expected["field"]).unit
        computed = rig.field(what)
    elif "item" in expected and rig.kind.port(expected["port"]).medium == "line":
        item = expected["item"]
        what, unit = f"{expected['port']}.{item}", LINE_COLUMNS[LINE_ITEMS[item]][1]
        computed = rig.line(item, link, expected["port"])
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
