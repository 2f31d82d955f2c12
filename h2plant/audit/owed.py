"""What a plant owes of power, hydrogen, water, heat and cooling, from the log; what the log lacks from the summary."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from h2plant.audit.run_sums import RunSums
from h2plant.core.law_constants import J_PER_MWH
from h2plant.core.role import Grid, PowerBus
from h2plant.core.served import OWED, Served

UNITS: dict[str, tuple[str, float]] = {
    "power": ("mwh", J_PER_MWH),
    "hydrogen": ("kg", 1.0),
    "water": ("t", 1000.0),
    "heat": ("mwh", J_PER_MWH),
    "cooling": ("mwh", J_PER_MWH),
}
"""Suffix of a medium's figures, and what one of their units is in kg or J."""
_SPECIES = ("h2", "o2", "n2", "vapour", "liquid")


class Owed(NamedTuple):
    """What was given, what was short, kg or J, and for how long, s; NaN where nobody knows, None where none counts it.

    ``is_known`` tells whether the log alone says how much was short and given.
    """

    given: float
    short: float
    time_s: float | None
    is_known: bool


def owed_by_component(run: RunSums, served: Mapping[str, Any]) -> dict[str, dict[str, Owed]]:
    """Return what each component owed, by medium.

    Parameters
    ----------
    run
        Sums of the run.
    served
        ``served`` of its summary, for shortages that are counted within steps and are in no log.
    """
    found: dict[str, dict[str, Owed]] = {medium: {} for medium in OWED}
    found["power"] = _power(run)
    for id_ in run.plant.components:
        role = run.role(id_)
        for one in () if role is None else role.owes:
            stated = (served.get("components") or {}).get(id_, {}).get(one.medium) or {}
            found[one.medium][id_] = _of(run, id_, one, stated)
    return found


def owed_by_plant(run: RunSums, by_component: Mapping[str, Mapping[str, Owed]]) -> dict[str, dict[str, Owed]]:
    """Return, by medium and component, what counts for the plant: what customers, the process or a series ask."""
    found: dict[str, dict[str, Owed]] = {medium: {} for medium in OWED}
    for medium, entries in by_component.items():
        for id_, all_of_it in entries.items():
            if medium == "power":
                found[medium][id_] = all_of_it
                continue
            one = next(one for one in run.role(id_).owes if one.medium == medium)
            counted = _counted(run, id_, one)
            if counted is not None:
                found[medium][id_] = _part(run, id_, one, all_of_it, counted)
    return found


def _power(run: RunSums) -> dict[str, Owed]:
    found = {}
    kept = run.kept_power()
    for id_, role in {**run.of(Grid), **run.of(PowerBus)}.items():
        is_grid = isinstance(role, Grid)
        port = role.unserved if is_grid else role.emergency
        if not port:
            continue
        short = run.at(id_, port)
        drawn = math.fsum(max(kept.get(one, 0.0), 0.0) for one in run.fed_from(id_))
        time = role.unserved_time if is_grid else role.blackout_time
        found[id_] = Owed(max(drawn, short) - short, short, run.grown(id_, time) if time else None, True)
    order = list(run.plant.components)
    return dict(sorted(found.items(), key=lambda item: order.index(item[0])))


def _amount(run: RunSums, id_: str, name: str, medium: str) -> float:
    """Return what a port or a field of a component that owes a medium stands for, kg or J."""
    port = next((port for port in run.kind(id_).ports if port.name == name), None)
    if port is None:
        return run.grown(id_, name)
    if port.medium == "stream":
        return math.fsum(run.at(id_, name, item) for item in _of_medium(medium))
    if port.medium == "signal":
        links = run.links_at(id_, name)
        return math.fsum(run.link_signal(id_, name, k) for k in range(len(links)))
    return run.at(id_, name)


def _of_medium(medium: str) -> tuple[str, ...]:
    """Return what of a stream counts as given: of hydrogen what else is in the gas does not."""
    return ("vapour", "liquid") if medium == "water" else ("h2",)


def _of(run: RunSums, id_: str, one: Served, stated: Mapping[str, Any]) -> Owed:
    """Return all that a component owed of a medium."""
    suffix, unit = UNITS[one.medium]

    def total(names: tuple[str, ...]) -> float:
        return math.fsum(_amount(run, id_, name, one.medium) for name in names)

    def as_stated(what: str) -> float:
        value = stated.get(what)
        return math.nan if value is None else float(value) * unit

    short, is_known = total(one.short), True
    if math.isnan(short):
        short, is_known = as_stated(f"asked_{suffix}") - as_stated(f"given_{suffix}"), False
    given = total(one.given or one.asked) - total(one.less) - (short if one.asked else 0.0)
    if math.isnan(given):
        given, is_known = as_stated(f"given_{suffix}"), False
    time: float | None = None
    if one.time:
        time = run.grown(id_, one.time)
        hours = stated.get("short_h")
        if math.isnan(time):
            time, is_known = (math.nan if hours is None else float(hours) * 3600.0), False
    return Owed(given, short, time, is_known)


def _counted(run: RunSums, id_: str, one: Served) -> tuple[list[int], int] | None:
    """Return which of the links that ask count for the plant, and how many there are; None: nothing of it counts."""
    links = run.links_at(id_, one.asks) if one.asks else ()
    if not links:
        return ([], 0) if one.counts == "unless_passed_on" else None
    which = [k for k, link in enumerate(links) if link.is_series or _asks_for_itself(run, link, one)]
    return (which, len(links)) if which else None


def _asks_for_itself(run: RunSums, link: Any, one: Served) -> bool:
    """Whether a component asks for the plant: it does not owe the same itself, or it passes on what a series asks."""
    asker = link.source.component
    role = run.role(asker)
    same = [] if role is None else [own for own in role.owes if own.medium == one.medium]
    if one.counts == "unless_passed_on":
        return not same
    return any(at.is_series for own in same if own.is_passed_on and own.asks for at in run.links_at(asker, own.asks))


def _part(run: RunSums, id_: str, one: Served, whole: Owed, counted: tuple[list[int], int]) -> Owed:
    """Return the part of what a component owed that some of those who ask it count for."""
    which, n = counted
    if len(which) == n:
        return whole._replace(given=0.0) if one.is_passed_on else whole
    if one.outlets:
        names = run.port_names(id_, one.outlets)

        def gave(k: int, species: tuple[str, ...]) -> float:
            return math.fsum(run.sum(f"{names[k]}.{item}_kg_per_s") for item in species)

        given = math.fsum(gave(k, ("h2",) if one.medium == "hydrogen" else _SPECIES) for k in which)
        lacks = (run.link_signal(id_, one.asks, k) - gave(k, _SPECIES) for k in which)
        return Owed(given, math.fsum(max(lack, 0.0) for lack in lacks), whole.time_s, whole.is_known)
    asked = [run.link_signal(id_, one.asks, k) for k in range(n)]
    total = math.fsum(asked)
    share = math.fsum(asked[k] for k in which) / total if total > 0.0 else 1.0
    return whole._replace(given=whole.given * share, short=whole.short * share)
