"""Origin of the electricity that hydrogen is made with: what counts as renewable by hour and by month.

Delegated Regulation (EU) 2023/1184, articles 5 and 6. Everything is booked as energy, hour by hour and month by month
of the calendar, so that the shares are exact whatever the step and the log interval.
"""

from h2plant.core.constants import EUR_PER_MWH
from h2plant.core.declare import Kind, Port, choice, memory, parameter, state
from h2plant.core.jit import kernel, leaf
from h2plant.core.origin_role import OriginMonitor
from h2plant.core.status import OK
from h2plant.laws.origin import (
    origin_allowance,
    origin_certified,
    origin_energy,
    origin_exempt,
    origin_periods,
    origin_storage,
)

_EUR_PER_T = 1.0e-3  # EUR/t in EUR/kg
_KG_PER_J = 1.0e3 / 3.6e9  # t/MWh in kg/J
_HOUR_S = 3600.0
_ANY_W = 1.0e12  # above any plant's power


@kernel
def matched(renewable_j, used_j):
    """Return the energy of a period, J, that renewable energy of the same period covers."""
    return min(renewable_j, used_j)


@kernel
def monthly_allowance(balance_j, renewable_w, expected_w, left_s, dt):
    """Return the power, W, that the lines may take now so that the month's total will hold.

    Any, while what was generated and not used, with what can be expected of the rest of the month, is above zero;
    where it is not, what is generated now less what is lacking, spread over the rest.
    """
    slack_j = balance_j + expected_w * left_s
    if slack_j > 0.0:
        return slack_j / dt
    return max(renewable_w + slack_j / left_s, 0.0)


@kernel
def begin(c, props):
    """Start with periods that have not begun."""
    c.hour = -1.0
    c.month = -1.0
    return OK


@leaf
def certified_share(c):
    """Return the share of the electricity so far that counts as renewable, the period under way with what it has."""
    if c.certified_by < 0.5:
        counted = c.matched_monthly_j + matched(c.month_renewable_j, c.month_used_j)
    else:
        counted = c.matched_hourly_j + matched(c.hour_renewable_j, c.hour_used_j)
    if not c.used_j > 0.0:
        return 0.0
    return min((counted + c.exempt_j) / c.used_j, c.renewable_j / c.used_j, 1.0)


@kernel
def emit(c, bus, props, dt):
    """Close the periods that are over, look at the price of this hour, and say what may be bought in this step."""
    bus[c.certified_share] = certified_share(c)
    hour = float(int(bus[c.hour_of_week]))
    if hour != c.hour:
        c.matched_hourly_j += matched(c.hour_renewable_j, c.hour_used_j)
        c.hour_renewable_j = 0.0
        c.hour_used_j = 0.0
        c.hour_left_s = _HOUR_S
        c.hour = hour
    month = float(int(bus[c.month_of_year]))
    if month != c.month:
        c.matched_monthly_j += matched(c.month_renewable_j, c.month_used_j)
        c.month_renewable_j = 0.0
        c.month_used_j = 0.0
        c.month = month
    price = bus[c.price]
    allowance_price = bus[c.co2_price]
    if allowance_price == 0.0:
        allowance_price = c.co2_price_eur_per_kg
    is_cheap = price <= c.exempt_price_eur_per_j or price < c.exempt_co2_kg_per_j * allowance_price
    c.is_exempt = 1.0 if is_cheap else 0.0
    if is_cheap:
        bus[c.monthly_allowance] = _ANY_W
        bus[c.hourly_allowance] = _ANY_W
    else:
        bus[c.monthly_allowance] = monthly_allowance(
            c.month_renewable_j - c.month_used_j,
            c.renewable_w,
            c.expected_share_frac * c.renewable_j / max(c.elapsed_s, dt),
            max(bus[c.month_left] * _HOUR_S, dt),
            dt,
        )
        balance = c.hour_renewable_j - c.hour_used_j
        bus[c.hourly_allowance] = max(c.renewable_w + balance / max(c.hour_left_s, dt), 0.0)
    c.hour_left_s -= dt
    return OK


@leaf
def through_batteries(c, bus, used_w, dt):
    """Return what batteries took of the renewable energy, and what they gave of it, J; keeps its share in them.

    They take renewable power that electrolysis leaves; what they give has the share of their content. Their losses
    fall on all of it alike.
    """
    charge = 0.0
    discharge = 0.0
    stored = 0.0
    for i in range(c.n_battery_charge):
        charge += bus[c.battery_charge + i]
    for i in range(c.n_battery_discharge):
        discharge += bus[c.battery_discharge + i]
    for i in range(c.n_battery_content):
        stored += bus[c.battery_content + i]
    taken = min(charge, max(c.renewable_w - used_w, 0.0))
    share = c.stored_renewable_frac
    given = discharge * share
    more = stored - c.stored_j
    if more > 0.0 and charge > 0.0 and stored > 0.0:
        c.stored_renewable_frac = (share * c.stored_j + taken / charge * more) / stored
    c.stored_j = stored
    c.stored_renewable_j += taken * dt
    c.released_renewable_j += given * dt
    return taken * dt, given * dt


@kernel
def step(c, bus, props, dt):
    """Book the renewable energy and the energy into electrolysis of this step."""
    used_w = 0.0
    for i in range(c.n_electrolysis):
        used_w += bus[c.electrolysis + i]
    used = used_w * dt
    c.renewable_w = 0.0
    for i in range(c.n_renewable):
        c.renewable_w += bus[c.renewable + i]
    c.elapsed_s += dt
    renewable = c.renewable_w * dt
    c.renewable_j += renewable
    if c.n_battery_charge > 0 and c.is_storage_counted > 0.5:
        taken, given = through_batteries(c, bus, used_w, dt)
        renewable += given - taken
    c.hour_renewable_j += renewable
    c.month_renewable_j += renewable
    c.used_j += used
    if c.is_exempt > 0.5:
        c.exempt_j += used
    else:
        c.hour_used_j += used
        c.month_used_j += used
    return OK


KIND = Kind(
    name="origin_monitor",
    doc="Origin of the electricity that hydrogen is made with: renewable by hour and by month, and exempt hours.",
    fields=(
        parameter(
            "exempt_price_eur_per_j",
            "EUR/J",
            "day-ahead price up to which an hour needs no matching",
            20.0 * EUR_PER_MWH,
            -1e-6,
            1e-5,
        ),
        parameter(
            "exempt_co2_kg_per_j",
            "kg/J",
            "or below this times the price of an allowance; 0.36 t/MWh",
            0.36 * _KG_PER_J,
            0.0,
            1e-5,
        ),
        parameter(
            "co2_price_eur_per_kg", "EUR/kg", "price of an allowance where none is linked", 85.0 * _EUR_PER_T, 0.0, 10.0
        ),
        choice("certified_by", "period of the matching by which 'certified_share' counts", ("month", "hour")),
        state("renewable_j", "J", "renewable energy generated"),
        state("used_j", "J", "energy into electrolysis"),
        state("exempt_j", "J", "of it in hours that need no matching"),
        state("matched_hourly_j", "J", "of the rest what was matched, hour by hour, in the hours that are over"),
        state("matched_monthly_j", "J", "the same month by month, in the months that are over"),
        state("hour_renewable_j", "J", "renewable energy of the hour so far"),
        state("hour_used_j", "J", "energy into electrolysis of the hour so far, if it is not exempt"),
        state("month_renewable_j", "J", "renewable energy of the month so far"),
        state("month_used_j", "J", "energy into electrolysis of the month so far, in hours that are not exempt"),
        parameter(
            "expected_share_frac",
            "1",
            "share of the mean renewable power so far that is counted on for the rest of the month",
            0.0,
            0.0,
            1.0,
        ),
        parameter(
            "is_storage_counted",
            "1",
            "1: batteries stand behind the connection point of the electrolysers or of the renewable plants, and what "
            "they took of renewable power counts when they give it",
            1.0,
            0.0,
            1.0,
            is_whole=True,
        ),
        state("stored_renewable_frac", "1", "renewable share of what batteries hold"),
        state("stored_j", "J", "what they held at the end of the last step"),
        state("stored_renewable_j", "J", "renewable energy that they took"),
        state("released_renewable_j", "J", "renewable energy that they gave"),
        memory("renewable_w", "W", "renewable power of the last step"),
        memory("elapsed_s", "s", "time since the start"),
        memory("hour_left_s", "s", "time to the end of the hour, over which its balance is handed out"),
        state("hour", "h", "hour of the week"),
        state("month", "1", "month of the year"),
        state("is_exempt", "1", "1: this hour needs no matching"),
    ),
    ports=(
        Port(
            "renewable",
            "signal",
            "in",
            "power of each renewable plant under contract",
            is_multi=True,
            is_required=True,
            unit="W",
        ),
        Port(
            *("electrolysis", "signal", "in", "power into electrolysis, summed"),
            is_multi=True,
            default="power.lines",
            unit="W",
        ),
        Port(
            "battery_charge",
            "signal",
            "in",
            "power that each battery takes",
            is_multi=True,
            default="role.Battery.charge",
            unit="W",
        ),
        Port(
            "battery_discharge",
            "signal",
            "in",
            "power that each battery gives",
            is_multi=True,
            paired_with="battery_charge",
            default="role.Battery.discharge",
            unit="W",
        ),
        Port(
            "battery_content",
            "signal",
            "in",
            "energy in each battery",
            is_multi=True,
            paired_with="battery_charge",
            default="role.Battery.content",
            unit="J",
        ),
        Port("price", "signal", "in", "day-ahead price", default="series.price_eur_per_mwh", unit="EUR/J"),
        Port("co2_price", "signal", "in", "price of an emission allowance", unit="EUR/kg"),
        Port(
            "hour_of_week",
            "signal",
            "in",
            "local hour of the week, by which hours part",
            default="series.calendar_hour_of_week",
            unit="h",
        ),
        Port(
            "month_of_year",
            "signal",
            "in",
            "local month, 1 to 12, by which months part",
            default="series.calendar_month",
            unit="1",
        ),
        Port(
            "month_left",
            "signal",
            "in",
            "time to the end of the local month",
            default="series.calendar_month_left_h",
            unit="h",
        ),
        Port(
            "monthly_allowance",
            "signal",
            "out",
            "power into electrolysis that monthly matching allows in this step",
            is_emitted=True,
            unit="W",
        ),
        Port("hourly_allowance", "signal", "out", "the same by hourly matching", is_emitted=True, unit="W"),
        Port(
            "certified_share",
            "signal",
            "out",
            "share of the electricity so far, and so of the hydrogen, that counts as renewable",
            is_emitted=True,
            unit="1",
        ),
    ),
    step=step,
    emit=emit,
    begin=begin,
    group="dispatch",
    role=OriginMonitor(
        used="used_j",
        renewable="renewable_j",
        exempt="exempt_j",
        matched=(("hour", "matched_hourly_j"), ("month", "matched_monthly_j")),
        under_way=(("hour", ("hour_renewable_j", "hour_used_j")), ("month", ("month_renewable_j", "month_used_j"))),
        renewable_power="renewable_w",
        certified="certified_share",
        certified_by="certified_by",
        stored="stored_renewable_j",
        released="released_renewable_j",
    ),
    laws=(
        origin_energy(),
        origin_exempt(),
        origin_periods(),
        origin_storage(),
        origin_allowance(),
        origin_certified(),
    ),
    costs=(),
)
