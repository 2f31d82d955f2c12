"""Laws of the origin of electricity: what is counted, and what is matched within an hour and within a month."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core.law import (
    BoolArray,
    FloatArray,
    Law,
    Row,
    Seen,
    SumLaw,
    Term,
    at_least,
    at_most,
    equal,
    sum_law,
    within,
)
from h2plant.core.origin_role import OriginMonitor

_RFNBO = "Delegated Regulation (EU) 2023/1184"
_MATCHING = f"{_RFNBO}, articles 5 and 6"
_HOUR_S = 3600.0


def origin_energy() -> SumLaw:
    """Return: energy used and generated is counted as it flows."""
    return sum_law(
        "origin-energy",
        "electricity of electrolysis and renewable electricity are counted as they flow",
        "E = int P dt",
        "definition of energy",
        Row((Term("used_j"), Term("electrolysis", -1.0))),
        Row((Term("renewable_j"), Term("renewable", -1.0))),
    )


def _is_exempt(seen: Seen, price: FloatArray) -> BoolArray:
    p = seen.parameter
    allowance = seen.at("co2_price")
    allowance = np.where(allowance == 0.0, p("co2_price_eur_per_kg"), allowance)
    return np.asarray((price <= p("exempt_price_eur_per_j")) | (price < p("exempt_co2_kg_per_j") * allowance))


def origin_exempt() -> Law:
    """Return: an hour needs no match at a price below that of coal and gas, and what is used in it is exempt."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        is_exempt = seen.after("is_exempt") > 0.5
        # of a series it reads this step's price, of a component that of the step before
        now, then = _is_exempt(seen, seen.at("price")), _is_exempt(seen, seen.asked("price"))
        yield np.fmin(equal(is_exempt, now), equal(is_exempt, then))
        used = seen.total("electrolysis") * seen.step_s
        yield equal(seen.change("exempt_j"), np.where(is_exempt, used, 0.0), abs_=seen.rounding("exempt_j"))

    return Law(
        "origin-exempt",
        "electricity needs no match at a price up to 20 EUR/MWh or 0.36 times that of an allowance",
        "dE_exempt = P dt where p <= 20 EUR/MWh or p < 0.36 p_CO2",
        f"{_RFNBO}, article 6",
        check,
    )


def origin_periods() -> Law:
    """Return: in hours and months that are over the lesser of both energies was matched; the new ones begin at zero."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        used = seen.total("electrolysis") * seen.step_s
        counted = {
            "renewable": seen.total("renewable") * seen.step_s + _given(seen) - _taken(seen),
            "used": np.where(seen.after("is_exempt") > 0.5, 0.0, used),
        }
        for period, clock, matched in (
            ("hour", "hour_of_week", "matched_hourly_j"),
            ("month", "month_of_year", "matched_monthly_j"),
        ):
            yield equal(seen.after(period), np.floor(seen.at(clock)))
            is_new = seen.after(period) != seen.before(period)
            both = [f"{period}_renewable_j", f"{period}_used_j"]
            over = np.where(is_new, np.minimum(seen.before(both[0]), seen.before(both[1])), 0.0)
            yield equal(seen.change(matched), over, abs_=seen.rounding(matched))
            for name in both:
                kept = np.where(is_new, 0.0, seen.before(name))
                come = counted[name.split("_")[1]]
                off = seen.rounding(name) + 1.0e-9 * seen.total("renewable") * seen.step_s
                yield equal(seen.after(name), kept + come, abs_=off)

    return Law(
        "origin-periods",
        "in each hour and month that is over, the lesser of renewable and used electricity was matched",
        "E_matched = sum over periods of min(E_renewable, E_used)",
        _MATCHING,
        check,
    )


def _has_storage(seen: Seen) -> bool:
    return bool(seen.places["battery_charge"].slots) and seen.parameter("is_storage_counted") > 0.5


def _taken(seen: Seen) -> FloatArray:
    """Return the renewable energy that batteries took, J: no more than electrolysis left of it."""
    if not _has_storage(seen):
        return seen.nothing
    left = np.maximum(seen.total("renewable") - seen.total("electrolysis"), 0.0)
    return np.minimum(seen.total("battery_charge"), left) * seen.step_s


def _given(seen: Seen) -> FloatArray:
    """Return the renewable energy that batteries gave, J."""
    if not _has_storage(seen):
        return seen.nothing
    given: FloatArray = seen.total("battery_discharge") * seen.before("stored_renewable_frac") * seen.step_s
    return given


def origin_storage() -> Law:
    """Return: batteries give no more renewable energy than they took, and its share is that of their content."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        taken, given, share = _taken(seen), _given(seen), seen.after("stored_renewable_frac")
        yield equal(seen.change("stored_renewable_j"), taken, abs_=seen.rounding("stored_renewable_j"))
        yield equal(seen.change("released_renewable_j"), given, abs_=seen.rounding("released_renewable_j"))
        yield at_most(seen.after("released_renewable_j"), seen.after("stored_renewable_j"))
        yield within(share, 0.0, 1.0, abs_=1.0e-12)
        if not _has_storage(seen):
            return
        stored, before = seen.total("battery_content"), seen.before("stored_j")
        yield equal(seen.after("stored_j"), stored)
        charge = seen.total("battery_charge") * seen.step_s
        grows = (stored > before) & (charge > 0.0)
        new = np.divide(taken, charge, out=np.zeros(seen.n), where=charge > 0.0) * (stored - before)
        yield equal(share * stored, seen.before("stored_renewable_frac") * before + new, where=grows)
        yield equal(share, seen.before("stored_renewable_frac"), where=~grows)

    return Law(
        "origin-storage",
        "batteries take renewable power that electrolysis leaves, and give of it what share they hold of it",
        "E_in = int min(P_c, P_renewable - P_electrolysis) dt, E_out = int s P_d dt, d(s E) = P_in / P_c dE",
        f"{_RFNBO}, article 6 (storage behind the same network connection point)",
        check,
    )


def origin_allowance() -> Law:
    """Return: matching allows any power in exempt hours, else no more than the period has to spare."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        dt, is_exempt = seen.step_s, seen.after("is_exempt") > 0.5
        renewable = seen.before("renewable_w")
        hourly, monthly = seen.at("hourly_allowance"), seen.at("monthly_allowance")
        yield at_least(np.fmin(hourly, monthly), 0.0)
        yield equal(hourly, monthly, where=is_exempt)
        hour, month = (_to_spare(seen, period) for period in ("hour", "month"))
        soon, late = (np.maximum(renewable + hour / left, 0.0) for left in (dt, max(_HOUR_S, dt)))
        yield within(hourly, soon, late, where=~is_exempt)
        if seen.parameter("expected_share_frac") == 0.0:
            left = np.maximum(seen.at("month_left") * _HOUR_S, dt)
            wanted = np.where(month > 0.0, month / dt, np.maximum(renewable + month / left, 0.0))
            # a balance that is rounding may count as none
            energy = seen.after("month_renewable_j") + seen.after("month_used_j")
            yield equal(monthly, wanted, rel=1.0e-6, where=~is_exempt & (np.abs(month) > 1.0e-12 * energy))

    return Law(
        "origin-allowance",
        "matching allows any power in exempt hours, else no more than hour or month has to spare",
        "P dt <= E_renewable - E_used of the period, or what is generated now less what is lacking",
        _MATCHING,
        check,
    )


def _to_spare(seen: Seen, period: str) -> FloatArray:
    """Return what was generated and not used, J, in the period under way at the start of a step."""
    is_new = seen.after(period) != seen.before(period)
    return np.where(is_new, 0.0, seen.before(f"{period}_renewable_j") - seen.before(f"{period}_used_j"))


def origin_certified() -> Law:
    """Return: certified is what matched and what is exempt, of all electricity so far, and no more than renewable."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        is_by_month = seen.parameter("certified_by") < 0.5
        name, of = ("matched_monthly_j", "month") if is_by_month else ("matched_hourly_j", "hour")
        now = np.minimum(seen.before(f"{of}_renewable_j"), seen.before(f"{of}_used_j"))
        counted = np.minimum(seen.before(name) + now + seen.before("exempt_j"), seen.before("renewable_j"))
        share, used = seen.at("certified_share"), seen.before("used_j")
        yield within(share, 0.0, 1.0)
        yield equal(share * used, np.minimum(counted, used), where=used > 0.0)
        yield equal(share, 0.0, where=used <= 0.0)

    return Law(
        "origin-certified",
        "certified is the share of all electricity so far that matched or is exempt, and no more than is renewable",
        "x = min(E_matched + E_exempt, E_renewable) / E_used",
        f"{_RFNBO}, articles 5 and 6",
        check,
    )


def origin_role(role: OriginMonitor) -> Law:
    """Return: no more is matched than was used and generated, and within hours no more than within months."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        used, renewable = seen.after(role.used), seen.after(role.renewable)
        exempt = seen.after(role.exempt) if role.exempt else seen.nothing
        yield within(exempt, 0.0, used)
        under_way, total = dict(role.under_way), {}
        for period, name in role.matched:
            of_period = seen.after(name)
            if period in under_way:
                of_period = of_period + np.minimum(*(seen.after(one) for one in under_way[period]))
            total[period] = of_period
            yield at_most(of_period, np.minimum(used - exempt, renewable), abs_=1.0e-9 * used)
            yield at_least(seen.change(name), 0.0)
        if "hour" in total and "month" in total and len(under_way) == len(total):
            yield at_most(total["hour"], total["month"])

    return Law(
        "origin-matching",
        "no more is matched than was used and generated, within hours no more than within months",
        "E_hour <= E_month <= min(E_used - E_exempt, E_renewable)",
        _MATCHING,
        check,
    )
