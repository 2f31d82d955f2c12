"""What makes the answer of a run void: power that no source gave, blackouts, and balances that do not close."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from h2plant.audit.report import AuditReport
from h2plant.audit.sums import broken_sums
from h2plant.core.battery_role import Battery
from h2plant.core.constants import J_PER_KWH, J_PER_MWH
from h2plant.core.law import Law
from h2plant.core.role import Converter, Grid, Source
from h2plant.plant.graph import Plant
from h2plant.results.ledger import ITEMS, Ledger
from h2plant.results.totals import Totals
from h2plant.results.warning import MOST_RESIDUAL

MOST_UNSOURCED_FRAC = 1e-3
"""Share of the energy drawn that may lack a source, or come from the emergency supply, before there is no cost."""


_FEW = 3
"""How many are named of those that were out of service."""


class Fault(NamedTuple):
    """Why a run's answer is not valid.

    Attributes
    ----------
    id
        ``power-without-source``, ``blackout``, ``store-drained``, ``open-balance``, ``not-a-number`` or ``law-broken``.
    component
        Where; empty for the plant as a whole.
    violation_frac
        How far the run is from a valid one, by which searches find their way: share of the energy that lacked a source
        or came from the emergency supply; 1 for all else.
    text
        All of it in words.
    remedy
        What to do.
    unsourced_mwh
        Energy without a source; None for a balance.
    residual_ratio
        Relative residual; None for power.
    emergency_mwh
        Energy of the emergency supply; None but for a blackout.
    """

    id: str
    component: str
    violation_frac: float
    text: str
    remedy: str
    unsourced_mwh: float | None = None
    residual_ratio: float | None = None
    emergency_mwh: float | None = None


def faults(totals: Totals) -> list[Fault]:
    """Return what makes the answer of a run void; empty if it is valid."""
    return [*power_faults(totals), *open_balances(totals.ledger), *not_numbers(totals), *broken_laws(totals)]


def broken_laws(totals: Totals) -> list[Fault]:
    """Return the laws that the sums of a run break (``h2plant.audit.sums``)."""
    found = broken_sums(totals.program, totals.ledger.memory_before)
    return [law_fault(one.law, one.component, one.worst, "over the run") for one in found]


def broken_in_steps(report: AuditReport) -> list[Fault]:
    """Return the laws that single steps of a run break, at each component."""
    found = []
    for one in report.broken:
        where = f"worst in step {one.step} of '{one.component}'"
        if one.error:
            text = f"a law could not be worked out: {one.error}"
            found += [Fault("law-broken", id_, 1.0, text, "mend the law of the kind") for id_ in one.broken_at]
        elif one.step >= 0:
            found += [law_fault(one.law, id_, one.worst, where) for id_ in one.broken_at]
    return found


def law_fault(law: Law, component: str, share: float, where: str) -> Fault:
    """Return that a law is broken at a component."""
    text = f"law '{law.id}' is broken at '{component}': {law.text} ({share:.3g} times what is allowed, {where})"
    remedy = "`h2plant audit` of the results shows all laws; mend a kind of your own, else report plant and scenario"
    return Fault("law-broken", component, 1.0, text, remedy)


def not_numbers(totals: Totals) -> list[Fault]:
    """Return where the states and outputs of a kind from outside ended as no number: balances do not tell of them."""
    program = totals.program
    found = []
    for component, id_ in enumerate(program.component_ids):
        kind = program.kind_of(component)
        shown = [f.name for f in kind.fields if f.role in ("state", "output")] if kind.source is not None else []
        bad = [name for name in shown if not np.isfinite(program.value(f"{id_}.{name}"))]
        if bad:
            text = f"{', '.join(bad[:3])} of '{id_}' ended as no finite number"
            remedy = f"mend the kind '{kind.name}'; --engine baseline runs it with any debugger"
            found.append(Fault("not-a-number", id_, 1.0, text, remedy))
    return found


def power_faults(totals: Totals) -> list[Fault]:
    """Return where power had no source, where there was a blackout, and where a store of power was used up."""
    return [*unsourced_power(totals), *blackouts(totals), *drained_stores(totals)]


def drained_stores(totals: Totals) -> list[Fault]:
    """Return where more than ``MOST_UNSOURCED_FRAC`` of what was used came from a store and was not put back.

    What a battery, or a store on a bus, held at the start was paid for by nobody. A battery gives no more than came out
    of it: what it loses standing by is no power of the plant's.
    """
    found = []
    used_j = totals.sum("used_j")
    discharged_j = totals.quantity("battery_discharged_j")
    for component, change_j in totals.quantity("battery_change_j").items():
        given_j = min(-change_j, discharged_j.get(component, -change_j))
        if given_j > MOST_UNSOURCED_FRAC * used_j:
            id_ = totals.program.component_ids[component]
            text = f"{_energy(given_j)} came from the battery '{id_}' and were not put back"
            remedy = "run longer, or start it empty: 'initial_level_frac' at 'min_level_frac'"
            found.append(Fault("store-drained", id_, given_j / used_j, text, remedy, unsourced_mwh=given_j / J_PER_MWH))
    for component, change_j in totals.quantity("ride_through_change_j").items():
        if -change_j > MOST_UNSOURCED_FRAC * used_j:
            id_ = totals.program.component_ids[component]
            text = f"{_energy(-change_j)} came from the ride-through store of '{id_}' and were not put back"
            remedy = f"run longer, or give '{id_}' a smaller 'ride_through_kwh' and the plant a source"
            found.append(
                Fault("store-drained", id_, -change_j / used_j, text, remedy, unsourced_mwh=-change_j / J_PER_MWH)
            )
    return found


def blackouts(totals: Totals) -> list[Fault]:
    """Return the buses that had a blackout, how often and how long, or whose emergency supply gave for what tripped.

    A plant whose file takes a supply out of service is meant to be without it at times: then, as for what tripped, it
    is one where the emergency supply gave more than ``MOST_UNSOURCED_FRAC`` of the energy.
    """
    found = []
    is_declared = totals.plant is not None and loses_a_supply(totals.plant)
    times, lasted_s = totals.quantity("n_blackouts"), totals.quantity("blackout_s")
    for component, given_j, drawn_j in totals.emergency():
        n, id_ = round(times[component]), totals.program.component_ids[component]
        share = given_j / drawn_j if drawn_j > 0.0 else 0.0
        if not lasted_s.get(component, 0.0) > 0.0:  # for what drew behind a converter that had tripped
            if share > MOST_UNSOURCED_FRAC:
                text = (
                    f"{_energy(given_j)} from the emergency supply of '{id_}' for what drew behind tripped converters"
                )
                remedy = _unless_out(
                    totals, "raise the rating of what tripped (among the events), or draw less behind it"
                )
                found.append(Fault("blackout", id_, share, text, remedy, emergency_mwh=given_j / J_PER_MWH))
            continue
        if is_declared and share <= MOST_UNSOURCED_FRAC:
            continue
        often = {0: "one that went on", 1: "once"}.get(n, f"{n:,} times")
        text = (
            f"blackout at '{id_}': {often}, {lasted_s.get(component, 0.0) / 3600.0:,.1f} h, "
            f"{_energy(given_j)} from the emergency supply"
        )
        remedy = f"raise 'ride_through_kwh' of '{id_}' or the import limit, add a source, or draw less at that time"
        remedy = _unless_out(totals, remedy, is_only=False)
        found.append(Fault("blackout", id_, share, text, remedy, emergency_mwh=given_j / J_PER_MWH))
    return found


def loses_a_supply(plant: Plant) -> bool:
    """Tell whether the plant's file takes a grid connection, a source or a battery out of service at times."""
    roles = (plant.components[fault.component].kind.role for fault in plant.faults.of if fault.is_rest)
    return any(isinstance(role, Grid | Source | Battery) for role in roles)


def _unless_out(totals: Totals, remedy: str, is_only: bool = True) -> str:
    """Return what to do where a fault had grids or converters out of service: that comes first, or is all of it."""
    out = [f"'{id_}'" for id_ in _out_of_service(totals)]
    if not out:
        return remedy
    named = ", ".join(out[:_FEW]) + (f" and {len(out) - _FEW} more" if len(out) > _FEW else "")
    one = "was" if len(out) == 1 else "were"
    first = (
        f"{named} {one} out of service by a fault of the plant (among the faults): shorten or move it, "
        "or feed what draws behind from elsewhere"
    )
    return first if is_only else f"{first}; else {remedy}"


def _out_of_service(totals: Totals) -> list[str]:
    """Return the grids and the converters that were out of service for a part of a run, as its faults have it."""
    found = []
    for i in (*totals.of_role(Grid), *totals.of_role(Converter)):
        ports = (port for port in totals.kinds[i].ports if port.fault == "outage" and not port.is_multi)
        if any(totals.port(i, port.name) > 0.0 for port in ports):
            found.append(totals.program.component_ids[i])
    return found


def unsourced_power(totals: Totals) -> list[Fault]:
    """Return where more than ``MOST_UNSOURCED_FRAC`` of the energy drawn over the run had no source.

    Parameters
    ----------
    totals
        Sums of the run.
    """
    found = []
    ids = totals.program.component_ids
    for component, lacked_j, drawn_j in totals.unsourced():
        if lacked_j > MOST_UNSOURCED_FRAC * drawn_j:
            share = lacked_j / drawn_j
            text = (
                f"{_shown(lacked_j)} of {_shown(drawn_j)} MWh ({share:.1%}) drawn at '{ids[component]}' had no source"
            )
            mwh = lacked_j / J_PER_MWH
            remedy = f"raise the import limit of '{ids[component]}', add a source, or lower what draws at that time"
            remedy = _unless_out(totals, remedy, is_only=False)
            found.append(Fault("power-without-source", ids[component], share, text, remedy, unsourced_mwh=mwh))
    return found


def in_words(found: list[Fault]) -> str:
    """Return in a line why an answer is not valid, the first two faults of it; empty if it is valid."""
    return "; ".join(fault.text for fault in found[:2])


def no_source_text(found: list[Fault]) -> str:
    """Return why a cost is not valid; empty if named sources gave it all, and little was emergency."""
    mwh = sum(fault.unsourced_mwh or 0.0 for fault in found)
    if mwh > 0.0:
        return f"not valid: {_shown(mwh * J_PER_MWH)} MWh had no source"
    mwh = sum(fault.emergency_mwh or 0.0 for fault in found if fault.violation_frac > MOST_UNSOURCED_FRAC)
    return f"not valid: {_shown(mwh * J_PER_MWH)} MWh came from the emergency supply" if mwh > 0.0 else ""


def _shown(energy_j: float) -> str:
    """Return an energy in MWh, with three digits at least."""
    mwh = energy_j / J_PER_MWH
    return f"{mwh:,.0f}" if mwh >= 999.5 else f"{mwh:.3g}"


def _energy(energy_j: float) -> str:
    """Return an energy with its unit, kWh below one MWh."""
    return f"{energy_j / J_PER_KWH:.3g} kWh" if energy_j < 0.9995 * J_PER_MWH else f"{_shown(energy_j)} MWh"


def open_balances(ledger: Ledger) -> list[Fault]:
    """Return the balances that do not close, the worst first: of each component its worst, and that of the plant.

    Components whose flows were not kept (NaN, see ``h2plant.cuda``) are left out.
    """
    relative = np.abs(np.asarray(ledger.relative_residual))
    crossed = np.asarray(ledger.inflow) + np.asarray(ledger.outflow)
    rows = zip(ledger.component_ids, relative, crossed, strict=True)
    found = [_open(id_, row) for id_, row, flows in rows if not np.isnan(flows).any()]
    found.append(_open("", np.abs(np.asarray(ledger.plant_residual))))
    worst_first = [fault for fault in found if fault is not None]
    return sorted(worst_first, key=lambda fault: -np.nan_to_num(fault.residual_ratio or 0.0, nan=np.inf))


def _open(id_: str, relative: np.ndarray[Any, Any]) -> Fault | None:
    item = int(np.argmax(np.where(np.isnan(relative), np.inf, relative)))
    worst = float(relative[item])
    if worst <= MOST_RESIDUAL:
        return None
    name = ITEMS[item].rsplit("_", 1)[0].replace("h2o", "water").replace("h2", "hydrogen").replace("o2", "oxygen")
    whose = f"of '{id_}'" if id_ else "of the plant"
    text = f"the balance of {name} {whose} does not close: residual {worst:.2g} (at most {MOST_RESIDUAL:g})"
    remedy = "a kind of your own totals something at one end only; else report plant, scenario and component"
    return Fault("open-balance", id_, 1.0, text, remedy, residual_ratio=worst)


def as_dicts(found: list[Fault]) -> list[dict[str, Any]]:
    """Return faults as plain values, for JSON."""
    return [fault._asdict() for fault in found]
