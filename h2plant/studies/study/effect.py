"""Which parameters of a study set nothing that is read: found before it runs where that can be known, else after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from h2plant.economics.settings import unread_keys
from h2plant.plant.finding import Finding, listing
from h2plant.plant.graph import Plant
from h2plant.results.figures import reads_economics
from h2plant.studies.study.design import Point
from h2plant.studies.study.output import Output
from h2plant.studies.study.parameter import Parameter
from h2plant.studies.study.target import (
    INPUT_YEAR,
    BlockTarget,
    EconomicsTarget,
    FaultTarget,
    FieldTarget,
    KindTarget,
    SeriesTarget,
    Target,
    YearTarget,
)

if TYPE_CHECKING:
    from h2plant.studies.study.outcome import Outcome

_Place = tuple[str, str]


def unread_parameters(
    parameters: Sequence[Parameter],
    targets: Mapping[str, Target],
    outputs: Sequence[Output],
    plant: Plant,
    file: Path | None,
) -> list[Finding]:
    """Return what is wrong with parameters that change nothing: others undo them, or no output reads the economics.

    Parameters
    ----------
    parameters, targets
        Of the study, and what each sets, by its name.
    outputs
        Of the study, those of objectives and constraints among them.
    plant, file
        The plant as it stands, and the study's file.
    """
    findings = []

    def find(id: str, p: Parameter, what: str, remedy: str) -> None:
        findings.append(Finding(id, f"{p.where}.path", what, remedy, file, p.line))

    places = {p.name: _places(targets[p.name]) for p in parameters if p.name in targets}
    last = {place: name for name, of in places.items() for place in of}
    hung_on = {name for p in parameters if p.expression is not None for name in p.expression.names}
    is_money_read = any(o.source == "economics" or (o.source == "figure" and reads_economics(o.of)) for o in outputs)
    varied = {t.key for t in targets.values() if isinstance(t, EconomicsTarget)}
    unread = unread_keys(plant.economics, varied)
    for p in parameters:
        target, own = targets.get(p.name), places.get(p.name, ())
        if own and not any(last[place] == p.name for place in own):
            other = listing(sorted({last[place] for place in own}))
            what = f"'{p.path}' is set by {other} as well, which stands after it: what it sets is undone"
            find("given-twice", p, what, "keep one of them, or let the one for several components stand first")
        elif isinstance(target, EconomicsTarget) and p.name not in hung_on:
            if not is_money_read:
                what = f"no output of the study reads the economics, so '{p.path}' changes nothing"
                remedy = "add an output that does, such as 'hydrogen_cost_eur_per_kg', or remove the parameter"
                find("unread-parameter", p, what, remedy)
            elif target.key in unread:
                find("unread-parameter", p, f"'{p.path}' changes nothing: {unread[target.key]}", "remove the parameter")
    return findings


def _places(target: Target) -> tuple[_Place, ...]:
    if isinstance(target, FieldTarget):
        return tuple((component, field.name) for component, field, _ in target.places)
    if isinstance(target, KindTarget):
        return tuple((component, "kind") for component in target.components)
    if isinstance(target, BlockTarget | FaultTarget):
        return (("block", target.path),)
    if isinstance(target, EconomicsTarget):
        return (("economics", target.key),)
    if isinstance(target, SeriesTarget):
        return ((f"series.{target.name}", target.what),)
    return ((INPUT_YEAR, ""),) if isinstance(target, YearTarget) else ()


def without_effect(
    parameters: Sequence[Parameter], points: Sequence[Point], outcomes: Iterable[Outcome], file: Path | None
) -> list[str]:
    """Return a note for each free parameter that changes no output wherever scenarios differ in nothing else.

    Nothing is said of designs that have no such scenarios, as those that are drawn.
    """
    free = [p for p in parameters if not p.is_tied]
    values = {o.number: repr(sorted(o.values.items())) for o in outcomes if not o.is_failed}
    done = [point for point in points if point.number in values]
    notes = []
    for p in free:
        others = [q.name for q in free if q is not p]
        groups: dict[str, dict[str, str]] = {}
        for point in done:
            group = groups.setdefault(repr([point.values[name] for name in others]), {})
            group[repr(point.values[p.name])] = values[point.number]
        alike = [group for group in groups.values() if len(group) > 1]
        if alike and all(len(set(group.values())) == 1 for group in alike):
            n = sum(map(len, alike))
            what = f"no output changes with '{p.name}', over {n} scenarios that differ in nothing else"
            remedy = "see that its path sets what is meant, and that an output depends on it"
            notes.append(Finding("no-effect", p.where, what, remedy, file, p.line, "note").in_a_line)
    return notes
