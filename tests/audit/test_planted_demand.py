"""Faults planted in a customer with a contract and in the rule that serves it first: the audit names the law."""

import pytest

from tests.audit.planting import broken_in_case, planted

CUSTOMER, RULE = "components.hydrogen_demand", "dispatch.demand_first"
DAYS, SERIES, STORE = (
    "hydrogen_demand--three-days",
    "hydrogen_demand--by-series",
    "demand_first--a-small-store",
)
FAULTS = {
    "customer: night as busy as day": (
        DAYS,
        "demand-profile",
        (CUSTOMER, "(by_day + c.night_frac * (piece - by_day))", "piece"),
    ),
    "customer: Saturday as any day": (
        DAYS,
        "demand-profile",
        (CUSTOMER, "c.saturday_frac if day > 4.5", "1.0 if day > 4.5"),
    ),
    "customer: what is late is not in what is owed": (
        DAYS,
        "demand-profile",
        (CUSTOMER, "bus[c.owed_today] = max(c.owed_kg + today, 0.0)", "bus[c.owed_today] = today"),
    ),
    "customer: tomorrow 1 % low": (
        SERIES,
        "demand-profile",
        (CUSTOMER, "bus[c.owed_tomorrow] = tomorrow", "bus[c.owed_tomorrow] = 0.99 * tomorrow"),
    ),
    "customer: catches up without limit": (
        SERIES,
        "demand-asked",
        (CUSTOMER, "max(c.catch_up_ratio * c.peak_kg_per_s, base)", "1.0e9"),
    ),
    "customer: half of the time short": (
        SERIES,
        "demand-asked",
        (CUSTOMER, "c.short_s += dt", "c.short_s += 0.5 * dt"),
    ),
    "customer: 1 % of what is late forgotten": (
        SERIES,
        "demand-settlement",
        (CUSTOMER, "c.owed_kg += (due - h2) * dt", "c.owed_kg += (due - 1.01 * h2) * dt"),
    ),
    "customer: what is missing is still owed": (
        DAYS,
        "demand-settlement",
        (CUSTOMER, "    c.owed_kg = late\n", "    c.owed_kg += late\n"),
    ),
    "customer: settled by the day instead of by the hour": (
        SERIES,
        "demand-settlement",
        (CUSTOMER, "return 1.0 if c.settlement < 1.5 else _WEEK_H", "return _DAY_H"),
    ),
    "customer: penalty beyond the contract": (
        DAYS,
        "demand-settlement",
        (CUSTOMER, "max(min(missing, contract - (c.asked_kg - missing)), 0.0)", "missing"),
    ),
    "customer: takes and does not pay": (
        DAYS,
        "demand-settlement",
        (CUSTOMER, "untaken * price\n", "0.5 * untaken * price\n"),
    ),
    "customer: 1 % of what falls short not counted": (
        DAYS,
        "demand-settlement",
        (CUSTOMER, "+ (c.missed_kg - missed)", "+ 0.99 * (c.missed_kg - missed)"),
    ),
    "customer: all of it certified": (
        DAYS,
        "demand-price",
        (CUSTOMER, "c.certified_premium_eur_per_kg * bus[c.certified_share]", "c.certified_premium_eur_per_kg"),
    ),
    "customer: penalty not taken off": (
        DAYS,
        "demand-counters",
        (CUSTOMER, "(paid_untaken - penalty) / dt", "paid_untaken / dt"),
    ),
    "customer: 1 % more delivered": (
        DAYS,
        "demand-counters",
        (CUSTOMER, "c.delivered_kg += h2", "c.delivered_kg += 1.01 * h2"),
    ),
    "customer: the clock stands": (
        SERIES,
        "demand-clock",
        (CUSTOMER, "        c.hour_h = read_h\n", "        c.hour_h = read_h + 0.3\n"),
    ),
    "customer: flow 1 % high": (
        SERIES,
        "offtake-flow",
        (CUSTOMER, "c.flow_kg_per_s = flow", "c.flow_kg_per_s = 1.01 * flow"),
    ),
    "rule: forgets the reserve": (
        STORE,
        "demand-first-need",
        (RULE, "lacking = today + c.reserve_ratio * tomorrow - stored", "lacking = today - stored"),
    ),
    "rule: buys as soon as any is lacking": (
        STORE,
        "demand-first-need",
        (RULE, "0.0 < c.urgency_frac * most <= by_midnight", "by_midnight > 0.0"),
    ),
    "rule: stops at what is owed within the hour": (
        STORE,
        "demand-first-need",
        (RULE, "by_hour = (2.0 * soon - stored)", "by_hour = (soon - stored)"),
    ),
    "rule: need ends without its band": (
        STORE,
        "demand-first-need",
        (RULE, "with_band <= 0.0 and", "lacking <= 0.0 and"),
    ),
    "rule: sells while customers need it": (
        STORE,
        "rule-request",
        (RULE, "own_w = max(own_w, most * is_worth)", "own_w = most * is_worth"),
    ),
    "rule: makes what is needed in half an hour": (
        STORE,
        "demand-first-need",
        (RULE, "with_band / max(_CATCH_UP_S, dt)", "2.0 * with_band / max(_CATCH_UP_S, dt)"),
    ),
    "rule: buys 1 % more than is needed": (
        STORE,
        "rule-request",
        (RULE, "min(flow * energy, most)", "min(1.01 * flow * energy, most)"),
    ),
    "rule: makes hydrogen at any price": (
        STORE,
        "rule-price",
        (RULE, "bus[line + IS_MAKING] = is_worth", "is_worth = 1.0\n        bus[line + IS_MAKING] = is_worth"),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_found(fault):
    case, law, edit = FAULTS[fault]
    assert law in broken_in_case(case, planted(edit))
