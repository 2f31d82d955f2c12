"""Figures of a summary found another way: from sums of the log, end values of states, and plain arithmetic.

Nothing here shares code with ``h2plant.results`` and ``h2plant.economics``, of which it reads tables of data alone;
definitions stand in docs/figures.md and docs/economics.md.
"""

from __future__ import annotations

import datetime
import json
import math
import zoneinfo
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from h2plant.audit import origin
from h2plant.audit.check import NOT_THERE, Check, Checks, verdicts
from h2plant.audit.examine import Verdict
from h2plant.audit.money import check_money
from h2plant.audit.owed import UNITS, Owed
from h2plant.audit.quantities import Quantities
from h2plant.audit.run_sums import HOUR_S, RunSums
from h2plant.core.law import Law
from h2plant.core.origin_role import OriginMonitor
from h2plant.plant.graph import Plant

MOST_RESIDUAL = 1.0e-9
_FIGURES = "definition in docs/figures.md"
_ECONOMICS = "docs/economics.md; Short, Packey and Holt 1995, NREL/TP-462-5173, doi 10.2172/35391"
_ORIGIN = "Commission Delegated Regulation (EU) 2023/1184, articles 5 and 6; (EU) 2023/1185, annex, part A"


def _law(id_: str, text: str, equation: str, source: str = _FIGURES) -> Law:
    return Law(id_, text, equation, source, lambda _: ())


LAWS = (
    _law("figure-span", "the log covers the run, row by row", "sum of intervals = hours"),
    _law(
        "figure-hydrogen",
        "hydrogen made, sold, stored, lost and unserved follow from streams and states",
        "made = M(H2) water split; change of stores = in - out + made; lost = what left the plant unsold",
        "conservation of mass; definition in docs/figures.md",
    ),
    _law(
        "figure-not-delivered",
        "what a component did not hand on of the hydrogen that it made or was given went ways that are told",
        "sum of its ways = in from components - out to components + made",
        "conservation of mass; definition in docs/figures.md",
    ),
    _law(
        "figure-energy",
        "electric energies of the summary are the sums of the log",
        "E = sum of mean power times interval; used = drawn from sources and grid; per kg: E / made",
        "conservation of energy; definition in docs/figures.md",
    ),
    _law(
        "figure-operation",
        "starts, hours and capacity factors follow from states and power",
        "capacity factor = E / (rated power x hours)",
    ),
    _law("figure-water", "raw water is what the mains gave", "water = sum of flow times interval"),
    _law(
        "figure-purity",
        "impurities are the mole fractions of all that passed a monitor",
        "x = (m / M) / sum of (m / M), over the run",
    ),
    _law(
        "figure-money",
        "costs and revenues are sums of money columns, and of products times their price",
        "cost = sum of EUR/s times interval; revenue = mass x price",
    ),
    _law(
        "figure-carbon",
        "emissions are those of imports that do not count as renewable, of emergency supplies and of transport",
        "share of hydrogen x (i (min((1 - s) E, I E/U) + I (U - E)/U) + emergency) / delivered + transport / sold",
        "docs/economics.md; Delegated Regulations (EU) 2023/1185 and 2025/2359; UK LCHS; US Code 26, 45V",
    ),
    _law(
        "figure-origin",
        "the renewable share is what was matched in each period, and exempt power that generation covers",
        "min(1, (matched + min(exempt, generated - matched)) / used); matched = sum of min(generated, used) by period",
        _ORIGIN,
    ),
    _law(
        "figure-revenue-by-origin",
        "hydrogen that is not certified earns no more than the price of other hydrogen",
        "taken off = (1 - certified share) x sum over offtakes of max(paid - other price x mass, 0)",
        _ORIGIN,
    ),
    _law("figure-served", "what was asked is what was given and what was short", "asked = given + short"),
    _law(
        "figure-capital",
        "capital is the sum of the parts' costs by size, index and exchange rate, with indirect cost",
        "K = sum of C0 (S / S0)^n x CEPCI ratio / USD rate x (1 + indirect + contingency)",
        "docs/economics.md; Towler and Sinnott 2013, Chemical Engineering Design, chapter 7",
    ),
    _law(
        "figure-levelised-cost",
        "the cost of hydrogen is its capital recovered over the life and a year's costs, by a year's hydrogen",
        "LCOH = (CRF K + costs - incomes) / mass; CRF = r (1 + r)^n / ((1 + r)^n - 1)",
        _ECONOMICS,
    ),
    _law(
        "figure-cost-per-kg",
        "a kilogram made and one sold cost the same money by two masses, the stock's change credited",
        "LCOH_made m_made = LCOH_sold m_sold + value of the stock's change",
        _ECONOMICS,
    ),
    _law(
        "figure-cash-flow",
        "every column of the cash flow follows from the year, the plant and its economics",
        "flow = earnings - outlay + loans - debt service - cash held - tax; discounted = flow / ((1 + r) (1 + i))^t",
        _ECONOMICS,
    ),
    _law(
        "figure-subsidies",
        "a grant is its share of the capital; hydrogen is paid its premium, and strike less reference, up to the cap",
        "min(m, cap) x (premium + strike - reference) in the years of the contract, deflated unless indexed",
        _ECONOMICS,
    ),
    _law(
        "figure-return",
        "value, rate of return, payback and break-even price follow from the cash flow",
        "NPV = sum of discounted; NPV(IRR) = 0; NPV(break-even price) = 0",
        _ECONOMICS,
    ),
    _law(
        "figure-debt-cover",
        "cash of the year covers interest and principal, and that of the loan's life what is owed, as often as stated",
        "DSCR = (earnings - tax - renewals - cash held) / (interest + principal); LLCR = PV at the loan's rate / owed",
        "docs/economics.md; Yescombe 2014, Principles of Project Finance, 2nd edition, chapter 12",
    ),
    _law(
        "figure-stock",
        "hydrogen held more at the end is worth what making it costs",
        "value = change x (used x mean price of power + water) / made",
        "definition in docs/economics.md",
    ),
    _law(
        "figure-start-cost",
        "a start costs its energy, the production lost and the wear",
        "cost = energy + lost production + ageing; ageing = share of life x price of a stack",
        "definition in docs/economics.md",
    ),
    _law(
        "figure-warnings",
        "what makes an answer void is reported: power without a source, blackouts, drained stores, open balances",
        "lacked / drawn > 0.1 %; residual > 1e-9",
        "definition in docs/validity.md",
    ),
    _law(
        "ledger-against-log",
        "what the ledger booked at each component is what its links carried in the log",
        "booked = sum of mean flow times interval",
        "double entry: both ends of a link book what it carried",
    ),
    _law(
        "figure-residuals",
        "residuals follow from the ledger's columns",
        "in - out + reacted - change of content, over the largest of them",
        "conservation of mass and energy",
    ),
    _law(
        "figure-weather-years",
        "P50, P90, mean and its error over the input years of a life are those of its years",
        "P90: place 0.1 (n - 1) in order from the worse end; standard error = s / sqrt(n)",
        "definition in docs/lifetime.md",
    ),
    _law("figure-years", "figures of a life are those of its years", "sum over years; mean by mass"),
)

NOT_FOUND_ANEW: dict[str, str] = {
    "audit.*": "what the audit of the steps found",
    "performance.*": "times and memory of the machine: no property of the plant",
    "planning.*": "what an optimiser decided: checked against its own constraints by the tests of planning",
    "site.*": "taken from the plant's file and the tables of countries",
    "step_s": "given, not found",
    "economics.assumptions.*": "given, not found",
    "format": "version of the file",
    "has_checksums": "that SHA256SUMS was written beside the file",
    "served.components.*.*.short_h": "counted within steps (less than 99.9 % given) in memory that no log holds, but "
    "for power; found where the run hands its counters over",
    "served.components.*.heat.*": "what a steam generator gave above its feed water is counted within steps, in memory "
    "that no log holds; found where the run hands its counters over",
    "economics.start_cost.*.energy_eur": "energy of starts is counted within steps, in memory that no log holds; found "
    "where the run hands its counters over",
    "economics.start_cost.*.lost_production_eur": "as energy_eur",
    "economics.start_cost.*.hydrogen_kg": "as energy_eur",
    "economics.start_cost.*.time_s": "as energy_eur",
    "economics.start_cost.*.ageing_eur": "of PEM stacks: the voltage at the end of life is memory that no log holds; "
    "found where the run hands it over",
    "start_cost_*_kg": "as energy_eur; that it is what economics.start_cost says is checked",
    "economics.capital.parts.*.source": "text",
    "economics.capital.parts.*.low_ratio": "range of the literature, as declared",
    "economics.capital.parts.*.high_ratio": "as low_ratio",
}
"""What of a summary is not found another way, by pattern, each with the reason."""


def examine_figures(
    summary: Mapping[str, Any],
    log: Any,
    ledger: pa.Table | None,
    cash_flow: str | None,
    plant: Plant,
    settings: Mapping[str, Any],
    counters: Mapping[str, float] | None = None,
) -> list[Verdict]:
    """Return what each law of the run as a whole says of a summary.

    Parameters
    ----------
    summary
        ``summary.json`` of a run.
    log
        Its log: an Arrow table, or an open Parquet file.
    ledger
        ``ledger.parquet``; None: its sums are not examined.
    cash_flow
        Text of ``cash_flow.csv``; None: there is none (a year of a life).
    plant
        The plant that ran.
    settings
        Its economics, defaults included (``Settings.model_dump()``).
    counters
        What came in the run to counters that no log holds (declared as memory), and other memory at the end, by
        ``component.field``; without them some figures of shortage and starts are only compared among themselves.
    """
    return verdicts(LAWS, check_run(summary, log, ledger, cash_flow, plant, settings, counters)[0])


def check_run(
    summary: Mapping[str, Any],
    log: Any,
    ledger: pa.Table | None,
    cash_flow: str | None,
    plant: Plant,
    settings: Mapping[str, Any],
    counters: Mapping[str, float] | None = None,
    earlier: RunSums | None = None,
) -> tuple[list[Check], Quantities | None]:
    """Return all checks of a run, and what its log adds up to; see ``examine_figures``.

    ``earlier`` are the sums of the year before, of a later year of a life.
    """
    checks = Checks()
    hours = float(summary["hours"])
    if not hours > 0.0 or log is None:
        return checks, None
    run = RunSums(plant, log, hours, earlier, counters)
    stopped_by = summary.get("stopped_by") or ""
    # a failure cuts a step in two: what states counted of it is in no sum
    is_cut = not summary.get("is_complete", True) and stopped_by != "interrupted"
    q = Quantities(run, summary, settings, ledger, is_cut)
    _check_span(checks, run, is_cut)
    figures = summary.get("key_figures") or {}
    missing = summary.get("missing") or {}
    if "key figures" not in missing:
        for law, id_, expected, scale in q.key_figures():
            checks.add(law, id_, figures.get(id_, NOT_THERE), expected, scale)
        _check_origin(checks, q, figures)
        _check_served(checks, q, figures, summary.get("served") or {})
    if "not_delivered" in summary and "hydrogen not delivered" not in missing:  # summaries of 0.1.0 have none
        _check_not_delivered(checks, q, summary["not_delivered"])
    if "economics" not in missing and "key figures" not in missing:
        check_money(checks, q, figures, summary, cash_flow)
    if ledger is not None and ledger.num_rows:
        _check_ledger(checks, q, ledger, summary)
    _check_warnings(checks, q, ledger, summary)
    return checks, q


def _check_span(checks: Checks, run: RunSums, is_cut: bool) -> None:
    """Check that the rows of the log follow one another and fill the run."""
    law, n = "figure-span", run.time_s.size
    if n > 1:
        gaps = np.abs(np.diff(run.time_s) - run.interval_s).max()
        checks.add(law, "hours", float(gaps), 0.0, abs_=1.0e-3)
    if not is_cut:
        rows = math.ceil(run.hours * HOUR_S / run.interval_s - 1.0e-9)
        checks.add(law, "hours", n, rows)


def _check_origin(checks: Checks, q: Quantities, figures: Mapping[str, Any]) -> None:
    """Check the shares of renewable electricity: by the states of monitors, and by the rows of the log."""
    run, law = q.run, "figure-origin"
    monitors = run.of(OriginMonitor)
    if not monitors:
        for id_ in ("rfnbo_frac", "rfnbo_hourly_frac"):
            checks.add(law, id_, figures.get(id_, NOT_THERE), NOT_THERE)
        return
    for period, id_ in (("month", "rfnbo_frac"), ("hour", "rfnbo_hourly_frac")):
        from_rows = math.fsum(_matched_in_rows(run, monitor, role, period) for monitor, role in monitors.items())
        for matched_j in (origin.matched_j(q, period), from_rows):
            checks.add(law, id_, figures.get(id_, NOT_THERE), origin.share(q, matched_j))


def _matched_in_rows(run: RunSums, monitor: str, role: OriginMonitor, period: str) -> float:
    """Return what was matched by calendar hours or months, J, from the rows; NaN where rows reach over hours."""
    zone = zoneinfo.ZoneInfo(run.plant.timezone)
    local = [datetime.datetime.fromtimestamp(t, datetime.UTC).astimezone(zone) for t in run.time_s.tolist()]
    is_even = HOUR_S % run.interval_s == 0.0 and all(
        (one.minute * 60 + one.second) % run.interval_s == 0.0 for one in local[:1]
    )
    if run.is_later or not (is_even or (run.time_s.size == 1 and run.hours <= 1.0)):
        return math.nan
    grown = {
        name: np.diff(run.column(f"{monitor}.{name}"), prepend=run.start(monitor, name))
        for name in (role.used, role.renewable, role.exempt, role.stored, role.released)
        if name
    }
    if role.stored:  # what batteries take of renewable energy counts when they give it
        grown[role.renewable] = grown[role.renewable] - grown[role.stored] + grown[role.released]
    keys = [(one.year, one.month, *((one.day, one.hour, one.fold) if period == "hour" else ())) for one in local]
    _, which = np.unique(np.array(keys), axis=0, return_inverse=True)
    which = which.reshape(-1)
    generated = np.bincount(which, grown[role.renewable])
    to_match = np.bincount(which, grown[role.used] - grown[role.exempt])
    return float(np.minimum(generated, to_match).sum())


def _check_not_delivered(checks: Checks, q: Quantities, stated: Mapping[str, Any]) -> None:
    """Check the ways of each component that buys no hydrogen by what it was given by others and handed on to them."""
    law, run, buyers = "figure-not-delivered", q.run, q.sold_kg["hydrogen"]
    checks.add(law, "not_delivered.made_kg", stated.get("made_kg", NOT_THERE), q.total_made_kg)
    checks.add(law, "not_delivered.delivered_kg", stated.get("delivered_kg", NOT_THERE), q.total_sold_kg)
    if q.is_cut:
        return
    ways: dict[str, list[float]] = {id_: [] for id_ in run.plant.components}
    for way in stated.get("ways") or ():
        ways.setdefault(way["component"], []).append(way["kg"])
    for id_, told in ways.items():
        if id_ not in run.plant.components:  # not accounted for
            checks.add(law, f"not_delivered.ways.{id_}", math.fsum(told), 0.0)
        elif id_ not in buyers:
            given = [run.carried(flow, "h2") for flow in run.into(id_, "stream") if flow.source]
            handed_on = [-run.carried(flow, "h2") for flow in run.out_of(id_, "stream") if flow.target]
            rest = math.fsum((*given, *handed_on, q.made_kg.get(id_, 0.0)))
            checks.add(law, f"not_delivered.ways.{id_}", math.fsum(told), rest, q.through_kg)


def _check_served(checks: Checks, q: Quantities, figures: Mapping[str, Any], served: Mapping[str, Any]) -> None:
    law = "figure-served"
    components = served.get("components") or {}
    for medium, entries in q.owed_by_component.items():
        suffix, unit = UNITS[medium]
        for id_, one in entries.items():
            stated = (components.get(id_) or {}).get(medium) or {}
            where = f"served.components.{id_}.{medium}"
            time = None if one.time_s is None else one.time_s / HOUR_S
            _check_owed(checks, where, stated, [one], suffix, unit, (".asked_", ".given_", ".served_frac", ".short_h"))
            checks.add(law, f"{where}.short_h", stated.get("short_h"), time)
    for medium, by_component in q.owed_by_plant.items():
        all_of_it = list(by_component.values())
        suffix, unit = UNITS[medium]
        names = (f"{medium}_asked_", f"{medium}_given_", f"{medium}_served_frac", f"{medium}_short_h")
        if not all_of_it:
            for name in names:
                id_ = f"{name}{suffix}" if name.endswith("_") else name
                checks.add(law, id_, figures.get(id_, NOT_THERE), NOT_THERE)
            continue
        if medium == "power":
            all_of_it = [_power_of_plant(q, all_of_it)]
        _check_owed(checks, "", figures, all_of_it, suffix, unit, names)
        times = [one.time_s for one in all_of_it if one.time_s is not None]
        expected: Any = max(times) / HOUR_S if times else NOT_THERE
        if times and any(math.isnan(time) for time in times):
            expected = math.nan
        checks.add(law, names[3], figures.get(names[3], NOT_THERE), expected)


def _power_of_plant(q: Quantities, entries: Iterable[Owed]) -> Owed:
    entries = list(entries)
    short = math.fsum(one.short for one in entries)
    times = [one.time_s for one in entries if one.time_s is not None]
    return Owed(q.used_j - short, short, max(times) if times else None, True)


def _check_owed(
    checks: Checks,
    where: str,
    stated: Mapping[str, Any],
    entries: list[Owed],
    suffix: str,
    unit: float,
    names: tuple[str, ...],
) -> None:
    """Check asked, given and share; where the log does not know what was short, the share by what is stated."""
    law = "figure-served"
    given, short = (math.fsum(getattr(one, name) for one in entries) for name in ("given", "short"))
    asked = given + short
    keys = [f"{name}{suffix}" if name.endswith("_") else name for name in names[:3]]
    own = [key.lstrip(".") if where else key for key in keys]
    share = math.nan if math.isnan(asked) else given / asked if asked > 0.0 else 1.0
    scale = abs(asked) / unit
    for key, name, expected in zip(keys, own, (asked / unit, given / unit, share), strict=True):
        checks.add(law, f"{where}{key}", stated.get(name, NOT_THERE), expected, 1.0 if key == keys[2] else scale)
    # short is never below nothing
    if not math.isnan(short):
        checks.add(law, f"{where}{keys[0]}", max(-short, 0.0), 0.0, abs(asked))


# Ledger and warnings -------------------------------------------------------------------------------------------------
_ITEMS = ("h2_kg", "o2_kg", "n2_kg", "h2o_kg", "energy_j", "money_eur")
_OF_ITEM = {"h2_kg": ("h2",), "o2_kg": ("o2",), "n2_kg": ("n2",), "h2o_kg": ("vapour", "liquid")}


def _booked(run: RunSums, component: str, way: str, item: str) -> tuple[float, float]:
    """Return what flowed into or out of a component of an item of the ledger by the log, and its size."""
    flows = {"in": run.into, "out": run.out_of}[way]
    if item == "money_eur":
        pairs = [(flow, "") for flow in flows(component, "money")]
    elif item == "energy_j":
        pairs = [(flow, "enthalpy") for flow in flows(component, "stream")]
        pairs += [(flow, "") for medium in ("power", "heat") for flow in flows(component, medium)]
    else:
        pairs = [(flow, one) for flow in flows(component, "stream") for one in _OF_ITEM[item]]
    return (
        math.fsum(run.carried(flow, one) for flow, one in pairs),
        math.fsum(run.carried_size(flow, one) for flow, one in pairs),
    )


def _check_ledger(checks: Checks, q: Quantities, ledger: pa.Table, summary: Mapping[str, Any]) -> None:
    """Check the ledger by the log, and the residuals by the ledger."""
    run, law = q.run, "ledger-against-log"
    columns = {name: ledger.column(name).to_pylist() for name in ledger.column_names}
    residuals: dict[str, float] = {}
    for row, id_ in enumerate(columns["component"]):
        moved = {}
        for item in _ITEMS:
            of = {name: columns[f"{name}_{item}"][row] for name in _LEDGER}
            if any(math.isnan(value) for value in of.values()):
                continue
            for way in ("in", "out"):
                expected, size = _booked(run, id_, way, item)
                checks.add(law, f"{id_}.{item}", of[f"{way}flow"], expected, size)
                moved[way] = size
            if item in ("h2_kg", "o2_kg", "n2_kg", "h2o_kg"):
                expected = q.reacted_kg(id_).get(item, 0.0)
                checks.add(law, f"{id_}.{item}", of["reacted"], expected)
            if item != "money_eur":
                change = of["stored_after"] - of["stored_before"]
                off = of["inflow"] - of["outflow"] + of["reacted"] - change
                scale = max(abs(value) for value in of.values())
                residuals[f"{id_}.{item}"] = off / scale if scale > 0.0 else 0.0
                stated = columns[f"relative_residual_{item.rsplit('_', 1)[0]}"][row]
                checks.add("figure-residuals", f"{id_}.{item}", stated, residuals[f"{id_}.{item}"], abs_=1.0e-12)
                # by the log alone: what is held more came in, or was made
                net = _booked(run, id_, "in", item)[0] - _booked(run, id_, "out", item)[0] + of["reacted"]
                held = max(abs(of["stored_after"]), abs(of["stored_before"]), moved["in"], moved["out"])
                if not q.is_cut:
                    checks.add(law, f"{id_}.{item}", change, net, held)
    stated_residuals = summary.get("residuals") or {}
    if residuals and "residuals" not in (summary.get("missing") or {}):
        worst = max(map(abs, residuals.values()))
        checks.add(
            "figure-residuals", "residuals.worst_relative", stated_residuals.get("worst_relative"), worst, abs_=1.0e-12
        )
    _check_boundary(checks, q, ledger, columns, stated_residuals)


_LEDGER = ("inflow", "outflow", "reacted", "stored_before", "stored_after")


def _check_boundary(
    checks: Checks, q: Quantities, ledger: pa.Table, columns: Mapping[str, list[Any]], stated: Mapping[str, Any]
) -> None:
    """Check what crossed the plant's boundary by the log, and the residuals of the plant."""
    meta = ledger.schema.metadata or {}
    if b"boundary" not in meta:
        return
    boundary = json.loads(meta[b"boundary"])
    crossed: dict[str, dict[str, float]] = {"in": {}, "out": {}}
    for way, other in (("in", "out"), ("out", "in")):
        for k, item in enumerate(_ITEMS):
            # what comes into the plant leaves the outside, and the other way round
            expected, size = _booked(q.run, "", other, item)
            crossed[way][item] = boundary[way][k]
            checks.add("ledger-against-log", f"boundary.{item}", boundary[way][k], expected, size)
    for item in _ITEMS[:5]:
        reacted, before, after = (
            math.fsum(columns[f"{name}_{item}"]) for name in ("reacted", "stored_before", "stored_after")
        )
        off = crossed["in"][item] - crossed["out"][item] + reacted - (after - before)
        held = math.fsum(abs(value) for value in columns[f"stored_after_{item}"])
        scale = max(abs(crossed["in"][item]), abs(crossed["out"][item]), abs(reacted), held)
        name = item.rsplit("_", 1)[0]
        checks.add(
            "figure-residuals",
            f"residuals.plant_relative.{name}",
            (stated.get("plant_relative") or {}).get(name),
            off / scale if scale > 0.0 else 0.0,
            abs_=1.0e-11,
        )


def _check_warnings(checks: Checks, q: Quantities, ledger: pa.Table | None, summary: Mapping[str, Any]) -> None:
    """Check that what makes the answer void is reported, and nothing else."""
    law = "figure-warnings"
    if "validity" in (summary.get("missing") or {}):
        return
    expected = {(id_, component): mwh for id_, component, mwh in q.power_faults()}
    stated = {
        (fault.get("id"), fault.get("component")): fault.get("unsourced_mwh") or fault.get("emergency_mwh") or 0.0
        for fault in summary.get("not_valid") or ()
        if fault.get("id") in ("power-without-source", "blackout", "store-drained")
    }
    checks.add(law, "not_valid", len(stated), len(expected))
    for key in {*expected, *stated}:
        checks.add(law, f"not_valid.{key[0]}.{key[1]}", stated.get(key, NOT_THERE), expected.get(key, NOT_THERE))
    if ledger is None or q.is_cut or not ledger.num_rows:
        return
    open_ones = set()
    for name in ledger.column_names:
        if name.startswith("relative_residual_"):
            pairs = zip(ledger.column("component").to_pylist(), ledger.column(name).to_pylist(), strict=True)
            open_ones |= {id_ for id_, value in pairs if abs(value) > MOST_RESIDUAL}
    reported = {fault.get("component") for fault in summary.get("not_valid") or () if fault.get("id") == "open-balance"}
    checks.add(law, "not_valid.open-balance", len(reported - {""}), len(open_ones))


# A life --------------------------------------------------------------------------------------------------------------
def examine_life(
    summary: Mapping[str, Any],
    years: Iterable[tuple[Mapping[str, Any], Any, pa.Table | None]],
    cash_flow: str | None,
    plant: Plant,
    settings: Mapping[str, Any],
) -> list[Verdict]:
    """Return what each law says of the summaries of a life and of its years.

    Parameters
    ----------
    summary, cash_flow
        ``summary.json`` and ``cash_flow.csv`` of the life.
    years
        Summary, log and ledger of each year, in their order; they are asked for one after another.
    plant, settings
        As for ``examine_figures``.
    """
    from h2plant.audit.life import check_life

    return verdicts(LAWS, check_life(summary, years, cash_flow, plant, settings))
