"""Contract over power at the border: an agreed volume at an agreed price, settled against the market."""

from h2plant.core.constants import EUR_PER_MWH
from h2plant.core.contract_role import PowerContract
from h2plant.core.declare import Kind, Order, Port, counter, output, parameter
from h2plant.core.jit import kernel, leaf
from h2plant.core.sizing import empty_window
from h2plant.core.status import OK
from h2plant.laws.supply_contract import contract_price, contract_settlement, contract_sums, contract_volume

_DAY_H = 24.0


@leaf
def in_hours(hour, start_h, end_h):
    """Return whether an hour of the day lies in a window, which may go over midnight."""
    if start_h <= end_h:
        return start_h <= hour < end_h
    return hour >= start_h or hour < end_h


@leaf
def in_months(month, first, last):
    """Return whether a month, 1 to 12, lies in a season, which may go over the end of the year."""
    if first <= last:
        return first <= month <= last
    return month >= first or month <= last


@leaf
def shape(c, hour_of_week, month):
    """Return the share of the power that is bought now, by hour, weekday and month."""
    day = float(int(hour_of_week / _DAY_H))
    share = 1.0
    if not in_hours(hour_of_week - _DAY_H * day, c.day_start_h, c.day_end_h):
        share *= c.night_frac
    if day > 4.5:
        share *= c.weekend_frac
    if not in_months(month, c.first_month_number, c.last_month_number):
        share *= c.off_season_frac
    return share


@kernel
def step(c, bus, props, dt):
    """Buy what was agreed at its price, and sell it at the market, where the grid connection buys what is needed."""
    market = bus[c.price]
    power = c.power_w * shape(c, bus[c.hour_of_week], bus[c.month_of_year])
    for k in range(c.n_volume):
        power += c.volume_frac * bus[c.volume + k]
    agreed = c.price_eur_per_j + c.market_ratio * market
    agreed = min(max(agreed, c.price_floor_eur_per_j), c.price_cap_eur_per_j)
    bus[c.cost] = power * agreed
    bus[c.revenue] = power * market
    c.power_bought_w = power
    c.agreed_price_eur_per_j = agreed
    c.contracted_j += power * dt
    c.paid_eur += power * agreed * dt
    c.worth_eur += power * market * dt
    return OK


def _contradictions(values):
    """Yield where its day has no hour."""
    yield from empty_window(values, "day_start_h", "day_end_h")


KIND = Kind(
    name="supply_contract",
    doc="Contract over power: constant, shaped or by a series, at a price that may follow the market within limits.",
    fields=(
        parameter("power_w", "W", "power bought, needed or not", 0.0, -1.0e11, 1.0e11),
        parameter("volume_frac", "1", "share of what 'volume' says that is bought; negative: sold", 1.0, -1.0e9, 1.0e9),
        parameter(
            "price_eur_per_j",
            "EUR/J",
            "agreed price, or what is added to the market's",
            70.0 * EUR_PER_MWH,
            -1e-5,
            1e-5,
        ),
        parameter("market_ratio", "1", "market price's share in the agreed price (0: a fixed price)", 0.0, 0.0, 2.0),
        parameter("price_floor_eur_per_j", "EUR/J", "least agreed price", -1.0e-5, -1.0e-5, 1.0e-5),
        parameter("price_cap_eur_per_j", "EUR/J", "highest agreed price", 1.0e-5, -1.0e-5, 1.0e-5),
        parameter("day_start_h", "h", "hour at which its day begins, local time", 0.0, 0.0, 24.0),
        parameter("day_end_h", "h", "hour at which its day ends; before the start: on the next day", 24.0, 0.0, 24.0),
        parameter("night_frac", "1", "power in the other hours by that of its day", 0.0, 0.0, 10.0),
        parameter("weekend_frac", "1", "power on Saturdays and Sundays by that of a working day", 1.0, 0.0, 10.0),
        parameter("first_month_number", "1", "first month of its season", 1.0, 1.0, 12.0, is_whole=True),
        parameter(
            "last_month_number", "1", "last month; before the first: in the next year", 12.0, 1.0, 12.0, is_whole=True
        ),
        parameter("off_season_frac", "1", "power in the other months by that of its season", 0.0, 0.0, 10.0),
        counter("contracted_j", "J", "energy bought"),
        counter("paid_eur", "EUR", "paid for it"),
        counter("worth_eur", "EUR", "what it was worth at the market"),
        output("power_bought_w", "W", "power bought"),
        output("agreed_price_eur_per_j", "EUR/J", "price paid"),
    ),
    ports=(
        Port("price", "signal", "in", "market price", default="series.price_eur_per_mwh", unit="EUR/J"),
        Port(
            "volume",
            "signal",
            "in",
            "power bought besides 'power', by a series or as a source gives it; several add up",
            is_multi=True,
            unit="W",
        ),
        Port(
            "hour_of_week",
            "signal",
            "in",
            "local hour of the week, by which its power goes",
            default="series.calendar_hour_of_week",
            unit="h",
        ),
        Port(
            "month_of_year",
            "signal",
            "in",
            "local month, 1 to 12, by which its power goes",
            default="series.calendar_month",
            unit="1",
        ),
        Port("cost", "money", "out", "paid to the seller"),
        Port("revenue", "money", "in", "what its power is worth at the market", writes=True),
    ),
    step=step,
    group="electrical",
    role=PowerContract(cost="cost", revenue="revenue", volume="contracted_j"),
    laws=(contract_volume(), contract_price(), contract_settlement(), contract_sums()),
    contradictions=_contradictions,
    orders=(Order("price_floor_eur_per_j", "price_cap_eur_per_j", "no price lies between them"),),
    costs=(),
)
