"""Connection to the public grid: takes up the balance of a bus within its limits, at market prices."""

from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.constants import EUR_PER_MWH
from h2plant.core.cost import ESTIMATE, cost
from h2plant.core.declare import Kind, Port, counter, output, parameter, state
from h2plant.core.jit import kernel
from h2plant.core.role import Grid
from h2plant.core.status import CURTAILED, OK, SHED

_ROUNDING = 1.0e-9  # share of a limit below which an excess is rounding, not an event


@kernel
def step(c, bus, props, dt):
    """Import or export what the bus wants within the limits; the rest is unserved or curtailed, and said so."""
    wanted = bus[c.bus]
    price = bus[c.price]
    imported = 0.0
    exported = 0.0
    unserved = 0.0
    curtailed = 0.0
    import_price = price * c.import_market_ratio + c.import_fee_eur_per_j
    export_price = price * c.export_market_ratio + c.export_premium_eur_per_j
    status = OK
    if wanted >= 0.0:
        imported = min(wanted, c.import_limit_w)
        unserved = wanted - imported
        if unserved > _ROUNDING * wanted:
            status = SHED
            bus[EVENT_AMOUNT] = unserved
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
    bus[c.cost] = imported * import_price
    bus[c.revenue] = exported * export_price
    c.import_w = imported
    c.export_w = exported
    c.import_price_eur_per_j = import_price
    c.export_price_eur_per_j = export_price
    c.imported_j += imported * dt
    c.emitted_kg += imported * bus[c.carbon_intensity] * dt
    c.exported_j += exported * dt
    c.curtailed_j += curtailed * dt
    c.unserved_j += unserved * dt
    c.peak_import_w = max(c.peak_import_w, imported)
    c.peak_export_w = max(c.peak_export_w, exported)
    return status


KIND = Kind(
    name="grid_connection",
    doc="Connection to the public grid with limits, prices and fees.",
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
        counter("imported_j", "J", "energy taken from the grid since the start"),
        counter("emitted_kg", "kg", "CO2 equivalent of the energy taken, by the linked intensity of the grid"),
        counter("exported_j", "J", "energy fed into the grid since the start"),
        counter("curtailed_j", "J", "energy not used since the start"),
        counter("unserved_j", "J", "energy drawn without a source since the start"),
        state("peak_import_w", "W", "largest import so far, for the capacity charge"),
        state("peak_export_w", "W", "largest export so far"),
        output("import_w", "W", "power taken from the grid"),
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
            "power drawn beyond the import limit: no source gives it",
            writes=True,
            border="nothing",
        ),
        Port("price", "signal", "in", "market price", default="series.price_eur_per_mwh", unit="EUR/J"),
        Port("carbon_intensity", "signal", "in", "CO2 equivalent per energy of the grid", unit="kg/J"),
        Port("cost", "money", "out", "paid for imports"),
        Port("revenue", "money", "in", "earned by exports", writes=True),
    ),
    step=step,
    group="electrical",
    role=Grid(
        imported="imported_j",
        exported="exported_j",
        import_column="import_w",
        export_column="export_w",
        curtailed="curtailed",
        unserved="unserved",
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
    costs=(
        cost("switchgear", ("import_limit_w",), 20.0e6, 1.5e6, 0.7, ESTIMATE, life_years=30.0, fixed_cost_frac=0.01),
    ),
)
