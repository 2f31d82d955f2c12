"""Connection to the public grid: takes up the balance of a bus within its limits, at market prices."""

from types import SimpleNamespace

from h2plant.components.protection import OUTAGE_PORT
from h2plant.core.bus import EVENT_AMOUNT, ZERO
from h2plant.core.constants import EUR_PER_MWH
from h2plant.core.cost import ESTIMATE, cost
from h2plant.core.declare import Kind, Port, counter, output, parameter, state
from h2plant.core.jit import kernel, leaf, plain
from h2plant.core.role import Grid
from h2plant.core.status import CURTAILED, IMBALANCE, OK, SHED
from h2plant.laws.money import grid_cost, grid_fees, grid_metered_peak, grid_revenue
from h2plant.laws.power import grid_balance, grid_flows, grid_unplanned

_QUARTER_S = 900.0
_DAY_H = 24.0
_ROUNDING = 1.0e-9  # share of a limit below which an excess is rounding, not an event


@leaf
def _export_price(c, bus):
    """Return what a joule fed in earns, EUR/J."""
    return bus[c.price] * c.export_market_ratio + c.export_premium_eur_per_j


@leaf
def energy_fee(c, bus):
    """Return what is paid on a joule beside its market price, EUR/J: more in hours and months of the high tariff."""
    fee = c.import_fee_eur_per_j
    if c.high_fee_eur_per_j != 0.0:
        day = float(int(bus[c.hour_of_week] / _DAY_H))
        if day < 4.5 or c.is_high_on_weekends > 0.5:
            hour = bus[c.hour_of_week] - _DAY_H * day
            if within(hour, c.high_start_h, c.high_end_h) and in_season(c, bus[c.month_of_year]):
                fee += c.high_fee_eur_per_j
    return fee


@leaf
def proportional_fee(c, market_eur_per_j, fee_eur_per_j):
    """Return what goes by the price itself, EUR/J: the supplier's margin, and a tax on all of it, never paid out."""
    if c.margin_frac == 0.0 and c.power_tax_frac == 0.0:
        return 0.0
    margin = c.margin_frac * abs(market_eur_per_j)
    return margin + c.power_tax_frac * max(market_eur_per_j + fee_eur_per_j + margin, 0.0)


@leaf
def within(hour, start_h, end_h):
    """Return whether an hour of the day lies in a window, which may go over midnight."""
    if start_h <= end_h:
        return start_h <= hour < end_h
    return hour >= start_h or hour < end_h


@leaf
def in_season(c, month):
    """Return whether a month, 1 to 12, has the high tariff; the season may go over the end of the year."""
    if c.high_first_month_number <= c.high_last_month_number:
        return c.high_first_month_number <= month <= c.high_last_month_number
    return month >= c.high_first_month_number or month <= c.high_last_month_number


@leaf
def meter_peak(c, month, imported, dt):
    """Keep the largest mean over a quarter of an hour, of all time and of the month, as the meter does."""
    if month != c.metered_month:
        if c.metered_month > 0.0:
            c.past_months_peak_w += c.month_peak_w
            c.n_past_months += 1.0
        c.metered_month = month
        c.month_peak_w = 0.0
        c.quarter_s = 0.0
        c.quarter_j = 0.0
    if c.quarter_s + dt > _QUARTER_S * (1.0 + _ROUNDING):
        c.quarter_s = 0.0
        c.quarter_j = 0.0
    c.quarter_s += dt
    c.quarter_j += imported * dt
    mean = c.quarter_j / max(_QUARTER_S, dt)
    c.month_peak_w = max(c.month_peak_w, mean)
    c.metered_peak_w = max(c.metered_peak_w, mean)


@kernel
def emit(c, bus, props, dt):
    """Say what the grid can give now, its import limit, and what it takes: at no price below its floor."""
    left_frac = 1.0 - bus[c.outage]
    bus[c.available] = c.import_limit_w * left_frac
    bus[c.accepts] = c.export_limit_w * left_frac if _export_price(c, bus) >= c.export_price_floor_eur_per_j else 0.0
    return OK


@kernel
def step(c, bus, props, dt):
    """Import or export what the bus wants within the limits; the rest is unserved or curtailed, and said so.

    What is imported beyond the plan is imbalance, at its own price: import price + ratio |market price| + surcharge.
    Where neither plant nor site say the surcharge, it is the mean of those who took too much in the Netherlands in
    2013, and a note says so: 130.36 EUR/MWh for 415 GWh that the day-ahead market had sold at 55.62 EUR/MWh
    (EnergyGlobal 2014, from the data of TenneT,
    energyglobal.nl/de-kosten-van-onbalans-t-o-v-het-gehele-consumptievolume-van-nederland). How it is made: Regulation
    (EU) 2017/2195, article 55.
    """
    wanted = bus[c.bus]
    price = bus[c.price]
    imported = 0.0
    exported = 0.0
    unserved = 0.0
    curtailed = 0.0
    imbalance = 0.0
    market = price * c.import_market_ratio * (1.0 + c.loss_frac)
    fee = energy_fee(c, bus)
    fee += proportional_fee(c, market, fee)
    import_price = market + fee
    export_price = _export_price(c, bus)
    imbalance_price = import_price
    status = OK
    if wanted >= 0.0:
        carried = 0.0
        for i in range(c.n_carried_behind):
            carried += bus[c.carried_behind + i]
        imported = min(max(wanted - carried, 0.0), c.import_limit_w * (1.0 - bus[c.outage]))
        unserved = wanted - imported
        if c.planned_import != ZERO:  # else nobody plans, and all of it is as if planned
            imbalance = max(imported - max(bus[c.planned_import], 0.0), 0.0)
            if imbalance <= _ROUNDING * imported:
                imbalance = 0.0
            else:
                imbalance_price += abs(price) * c.imbalance_market_ratio + c.imbalance_surcharge_eur_per_j
                if imbalance > c.imbalance_band_frac * c.import_limit_w:
                    status = IMBALANCE
                    bus[EVENT_AMOUNT] = imbalance
        if unserved > _ROUNDING * wanted:
            status = SHED
            bus[EVENT_AMOUNT] = unserved
            c.unserved_s += dt
    else:
        if export_price >= c.export_price_floor_eur_per_j:
            exported = min(-wanted, c.export_limit_w * (1.0 - bus[c.outage]))
        curtailed = -wanted - exported
        if curtailed > -_ROUNDING * wanted:
            status = CURTAILED
            bus[EVENT_AMOUNT] = curtailed
    bus[c.source] = imported - exported
    bus[c.unserved] = unserved
    bus[c.curtailed] = curtailed
    bus[c.cost] = (imported - imbalance) * import_price + imbalance * imbalance_price
    bus[c.revenue] = exported * export_price
    c.import_w = imported
    c.export_w = exported
    c.imbalance_w = imbalance
    c.import_price_eur_per_j = import_price
    c.export_price_eur_per_j = export_price
    c.imported_j += imported * dt
    if imbalance > 0.0:
        c.imbalance_j += imbalance * dt
        c.imbalance_eur += imbalance * imbalance_price * dt
        c.imbalance_fee_eur += imbalance * fee * dt
    c.fee_eur += imported * fee * dt
    c.emitted_kg += imported * bus[c.carbon_intensity] * dt
    c.exported_j += exported * dt
    c.curtailed_j += curtailed * dt
    c.unserved_j += unserved * dt
    meter_peak(c, bus[c.month_of_year], imported, dt)
    c.peak_import_w = max(c.peak_import_w, imported)
    c.peak_export_w = max(c.peak_export_w, exported)
    return status


def terms(values, hour_of_week, month):
    """Return (share of the market price in the import price, fee on it in EUR/J, margin, tax), as a plan takes them."""
    c = SimpleNamespace(**values, hour_of_week=0, month_of_year=1)
    fee = plain(energy_fee, {"within": within, "in_season": in_season})(c, (hour_of_week, month))
    market_ratio = values["import_market_ratio"] * (1.0 + values["loss_frac"])
    return market_ratio, fee, values["margin_frac"], values["power_tax_frac"]


KIND = Kind(
    name="grid_connection",
    doc="Connection to the public grid with limits, prices and fees, and imbalance where import was not planned.",
    fields=(
        parameter("import_limit_w", "W", "largest power taken from the grid", 20.0e6, 0.0),
        parameter("export_limit_w", "W", "largest power fed into the grid", 30.0e6, 0.0),
        parameter(
            "import_market_ratio", "1", "market price's share in the import price (0: fixed price)", 1.0, 0.0, 2.0
        ),
        parameter(
            "import_fee_eur_per_j",
            "EUR/J",
            "added to it: grid fee and levies, or the fixed price",
            10.0 * EUR_PER_MWH,
            -1e-6,
            1e-5,
            site=("grid_fee_eur_per_mwh", "power_tax_eur_per_mwh"),
            default_note="an estimate",
        ),
        parameter("loss_frac", "1", "energy bought for the losses of the grid, by what is imported", 0.0, 0.0, 0.5),
        parameter(
            "margin_frac",
            "1",
            "supplier's margin, by the amount of the market's part of the import price",
            0.0,
            0.0,
            1.0,
        ),
        parameter(
            "power_tax_frac",
            "1",
            "tax on market price, margin and fees of imports, by their sum above 0",
            0.0,
            0.0,
            1.0,
        ),
        parameter("high_fee_eur_per_j", "EUR/J", "added to the fee in the hours of the high tariff", 0.0, -1e-6, 1e-5),
        parameter("high_start_h", "h", "hour at which the high tariff begins, local time", 7.0, 0.0, 24.0),
        parameter(
            "high_end_h", "h", "hour at which it ends, local time; before the start: on the next day", 23.0, 0.0, 24.0
        ),
        parameter("is_high_on_weekends", "1", "1: on Saturdays and Sundays too", 0.0, 0.0, 1.0, is_whole=True),
        parameter("high_first_month_number", "1", "first month of the high tariff", 1.0, 1.0, 12.0, is_whole=True),
        parameter(
            "high_last_month_number",
            "1",
            "last one; before the first: in the next year",
            12.0,
            1.0,
            12.0,
            is_whole=True,
        ),
        parameter("export_market_ratio", "1", "market price's share in the export price", 1.0, 0.0, 2.0),
        parameter(
            "export_premium_eur_per_j",
            "EUR/J",
            "added to it; negative: fee of the direct marketer",
            -2.0 * EUR_PER_MWH,
            -1e-5,
            1e-5,
        ),
        parameter(
            "export_price_floor_eur_per_j",
            "EUR/J",
            "export price below which nothing is fed in but curtailed",
            0.0,
            -1.0e-5,
            1.0e-5,
        ),
        parameter(
            "imbalance_market_ratio",
            "1",
            "share of the market price's amount that unplanned import costs beyond the import price",
            0.0,
            0.0,
            10.0,
        ),
        parameter(
            "imbalance_surcharge_eur_per_j",
            "EUR/J",
            "what unplanned import costs beyond that",
            75.0 * EUR_PER_MWH,
            0.0,
            1.0e-5,
            site=("imbalance_surcharge_eur_per_mwh",),
            site_with="planned_import",
            default_note="as in the Netherlands in 2013",
        ),
        parameter(
            "imbalance_band_frac",
            "1",
            "share of the import limit up to which unplanned import is no event (losses, drives; it is paid for)",
            0.01,
            0.0,
            1.0,
        ),
        counter("imported_j", "J", "energy taken from the grid since the start"),
        counter("imbalance_j", "J", "of which beyond the plan"),
        counter("imbalance_eur", "EUR", "paid for it, part of the cost"),
        counter("emitted_kg", "kg", "CO2 equivalent of the energy taken, by the linked intensity of the grid"),
        counter("exported_j", "J", "energy fed into the grid since the start"),
        counter("curtailed_j", "J", "energy not used since the start"),
        counter("unserved_s", "s", "time in which energy was drawn without a source"),
        counter("unserved_j", "J", "energy drawn without a source since the start"),
        counter("fee_eur", "EUR", "fees paid by the energy, part of the cost"),
        counter("imbalance_fee_eur", "EUR", "of which on energy beyond the plan"),
        state("quarter_s", "s", "time of the quarter of an hour so far"),
        state("quarter_j", "J", "energy taken in it"),
        state("metered_peak_w", "W", "largest mean import of a quarter of an hour so far, for the capacity fee"),
        state("metered_month", "1", "month under way"),
        state("month_peak_w", "W", "largest mean import of a quarter of an hour of this month"),
        state("past_months_peak_w", "W", "sum of those of the months that are over"),
        state("n_past_months", "1", "months that are over"),
        state("peak_import_w", "W", "largest import so far"),
        state("peak_export_w", "W", "largest export so far"),
        output("import_w", "W", "power taken from the grid"),
        output("imbalance_w", "W", "of which beyond the plan"),
        output("export_w", "W", "power fed into the grid"),
        output("import_price_eur_per_j", "EUR/J", "price of imported energy"),
        output("export_price_eur_per_j", "EUR/J", "price of exported energy"),
    ),
    ports=(
        Port("bus", "power", "out", "power that the bus draws; negative: feeds back", writes=False, is_required=True),
        Port(
            "source",
            "power",
            "in",
            "power from the public grid; negative: into it",
            writes=True,
            border="source",
            border_label="Public grid",
        ),
        Port("curtailed", "power", "out", "power offered that neither plant nor grid takes", border="surplus"),
        Port(
            "unserved",
            "power",
            "in",
            "power drawn beyond the import limit or past an open converter, where no bus settles it: of no source",
            writes=True,
            border="nothing",
        ),
        Port("price", "signal", "in", "market price", default="series.price_eur_per_mwh", unit="EUR/J"),
        Port(
            "hour_of_week",
            "signal",
            "in",
            "local hour of the week, by which tariffs go",
            default="series.calendar_hour_of_week",
            unit="h",
        ),
        Port(
            "month_of_year",
            "signal",
            "in",
            "local month, 1 to 12, by which tariffs and peaks go",
            default="series.calendar_month",
            unit="1",
        ),
        Port("carbon_intensity", "signal", "in", "CO2 equivalent per energy of the grid", unit="kg/J"),
        Port(
            "planned_import",
            "signal",
            "in",
            "import that was planned; unlinked: all of it",
            default="role.Dispatch.planned_import",
            unit="W",
        ),
        OUTAGE_PORT,
        Port(
            "carried_behind",
            "signal",
            "in",
            "what draws behind converters that have opened: no source gives it",
            is_multi=True,
            default="power.carried",
            unit="W",
        ),
        Port("available", "signal", "out", "power that the grid can give now", is_emitted=True, unit="W"),
        Port("accepts", "signal", "out", "power that the grid would take now", is_emitted=True, unit="W"),
        Port("cost", "money", "out", "paid for imports"),
        Port("revenue", "money", "in", "earned by exports", writes=True),
    ),
    step=step,
    emit=emit,
    group="electrical",
    role=Grid(
        imported="imported_j",
        exported="exported_j",
        available="available",
        accepts="accepts",
        imbalance="imbalance_j",
        imbalance_cost="imbalance_eur",
        import_column="import_w",
        export_column="export_w",
        imbalance_column="imbalance_w",
        curtailed="curtailed",
        unserved="unserved",
        unserved_time="unserved_s",
        cost="cost",
        revenue="revenue",
        fee="import_fee_eur_per_j",
        fees="fee_eur",
        imbalance_fees="imbalance_fee_eur",
        metered_peak="metered_peak_w",
        month_peak="month_peak_w",
        past_months_peak="past_months_peak_w",
        n_past_months="n_past_months",
        begun_anew=("metered_peak_w", "month_peak_w", "past_months_peak_w", "n_past_months", "metered_month"),
        terms=terms,
        import_limit="import_limit_w",
        export_limit="export_limit_w",
        peak_import="peak_import_w",
        peak_export="peak_export_w",
        emitted="emitted_kg",
        price="price",
        fixed_price="import_price_eur_per_j",
        carbon_intensity="carbon_intensity",
    ),
    laws=(
        grid_balance(),
        grid_flows(),
        grid_unplanned(),
        grid_cost(),
        grid_revenue(),
        grid_fees(),
        grid_metered_peak(),
    ),
    costs=(
        cost("switchgear", ("import_limit_w",), 20.0e6, 1.5e6, 0.7, ESTIMATE, life_years=30.0, fixed_cost_frac=0.01),
    ),
)
