"""Plants faults: a kind whose source was changed, run in its case or in a plant, and what ledger and audit find."""

import sys
from dataclasses import replace
from importlib import import_module
from inspect import getsource
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from h2plant.audit.examine import Verdict
from h2plant.audit.report import audit_run
from h2plant.components.registry import Kinds
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.declare import Kind
from h2plant.session.session import Session, load_run
from h2plant.testing.case import run_case

CASES = Path(__file__).parents[1] / "cases"
Edit = tuple[str, str, str]
"""Module below ``h2plant``, text in it, and what takes its place; with an empty text the module is only made anew."""


def planted(*edits: Edit) -> Kind:
    """Return the kind of the last module named, after edits of its source and of modules that it imports before it."""
    kept: dict[str, ModuleType] = {}
    made: ModuleType | None = None
    by_module: dict[str, list[tuple[str, str]]] = {}
    for module, old, new in edits:
        by_module.setdefault(f"h2plant.{module}", []).append((old, new))
    try:
        for name, changes in by_module.items():
            original = import_module(name)
            source = getsource(original)
            for old, new in changes:
                assert not old or source.count(old) == 1, f"{name}: {source.count(old)} times {old!r}"
                source = source.replace(old, new) if old else source
            made = ModuleType(name)
            made.__file__ = original.__file__
            kept[name] = original
            sys.modules[name] = made
            exec(compile(source, f"<{name}, changed>", "exec"), made.__dict__)
    finally:
        sys.modules.update(kept)
    return made.KIND


def broken_in_case(case: str, kind: Kind | None = None, is_plain: bool = True) -> dict[str, float]:
    """Run a case and return the laws broken in it, with the largest deviation as a share of what is allowed."""
    return run_case(CASES / case, kind, is_plain).rig.broken_laws()


class Found(NamedTuple):
    """What an audited run of a plant came to."""

    verdicts: list[Verdict]
    faults: list
    session: Session

    @property
    def broken(self) -> dict[str, tuple[str, ...]]:
        """Law -> components where it is broken."""
        return {one.law.id: one.broken_at for one in self.verdicts if one.is_broken}


def audited(
    scenario,
    *kinds: Kind,
    engine: str = "baseline",
    hours: float = 2.0,
    step_s: int = 60,
    start: str | None = None,
    **set_,
) -> Found:
    """Run a bundled scenario or plant, with kinds in place of those of the same name, and audit it in full."""
    from h2plant.results.totals import Totals
    from h2plant.results.validity import faults

    loaded = load_run(changed_scenario(load_scenario(scenario), hours, start, step_s, None, set_ or None))
    if kinds:
        by_name = {kind.name: kind for kind in kinds}
        components = {
            id_: replace(one, kind=by_name.get(one.kind.name, one.kind)) for id_, one in loaded.plant.components.items()
        }
        known = {**Kinds(), **by_name}
        loaded = replace(loaded, plant=replace(loaded.plant, components=components, kinds=known))
    session = Session(loaded, engine=engine)
    session.begin()
    session.keep_steps()
    session.run()
    ledger = session.ledger()
    with session.closed():
        report = audit_run(session.program, ledger.memory_before, session.kept_steps(), is_full=True)
    return Found(list(report.verdicts), faults(Totals(session.program, ledger, loaded.plant)), session)
