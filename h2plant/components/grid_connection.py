"""Connection to the public grid: takes up the balance of a bus within its limits, at market prices."""

from h2plant.core.bus import EVENT_AMOUNT, ZERO
from h2plant.core.constants import EUR_PER_MWH
from h2plant.core.cost import ESTIMATE, cost
from h2plant.core.declare import Kind, Port, counter, output, parameter, state
from h2plant.core.jit import kernel, leaf
from h2plant.core.role import Grid
from h2plant.core.status import CURTAILED, IMBALANCE, OK, SHED
from h2plant.laws.money import grid_cost, grid_revenue
from h2plant.laws.power import grid_balance, grid_flows, grid_unplanned

_ROUNDING = 1.0e-9  # share of a limit below which an excess is rounding, not an event


@leaf
def _export_price(c, bus):
    """Return what a joule fed in earns, EUR/J."""
    return bus[c.price] * c.export_market_ratio + c.export_premium_eur_per_j


@kernel
def emit(c, bus, props, dt):
    """Say what the grid can give now, its import limit, and what it takes: at no price below its floor."""
    bus[c.available] = c.import_limit_w
    bus[c.accepts] = c.export_limit_w if _export_price(c, bus) >= c.export_price_floor_eur_per_j else 0.0
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
    import_price = price * c.import_market_ratio + c.import_fee_eur_per_j
    export_price = _export_price(c, bus)
    imbalance_price = import_price
    status = OK
    if wanted >= 0.0:
        imported = min(wanted, c.import_limit_w)
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
            exported = min(-wanted, c.export_limit_w)
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
    c.emitted_kg += imported * bus[c.carbon_intensity] * dt
    c.exported_j += exported * dt
    c.curtailed_j += curtailed * dt
    c.unserved_j += unserved * dt
    c.peak_import_w = max(c.peak_import_w, imported)
    c.peak_export_w = max(c.peak_export_w, exported)
    return status


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
        state("peak_import_w", "W", "largest import so far, for the capacity charge"),
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
            "power drawn beyond the import limit where no bus settles it: no source gives it",
            writes=True,
            border="nothing",
        ),
        Port("price", "signal", "in", "market price", default="series.price_eur_per_mwh", unit="EUR/J"),
        Port("carbon_intensity", "signal", "in", "CO2 equivalent per energy of the grid", unit="kg/J"),
        Port(
            "planned_import",
            "signal",
            "in",
            "import that was planned; unlinked: all of it",
            default="role.Dispatch.planned_import",
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
        import_limit="import_limit_w",
        export_limit="export_limit_w",
        peak_import="peak_import_w",
        peak_export="peak_export_w",
        emitted="emitted_kg",
        price="price",
        fixed_price="import_price_eur_per_j",
        carbon_intensity="carbon_intensity",
    ),
    laws=(grid_balance(), grid_flows(), grid_unplanned(), grid_cost(), grid_revenue()),
    costs=(
        cost("switchgear", ("import_limit_w",), 20.0e6, 1.5e6, 0.7, ESTIMATE, life_years=30.0, fixed_cost_frac=0.01),
    ),
)
