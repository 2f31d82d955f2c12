"""Reconversion: a fuel cell or engine runs when power is dear and the store holds more than customers are owed."""

from h2plant.core.constants import EUR_PER_MWH
from h2plant.core.declare import Kind, Port, output, parameter, state
from h2plant.core.jit import kernel
from h2plant.core.role import Control
from h2plant.core.status import OK
from h2plant.dispatch.rule import below_band
from h2plant.laws.reconversion_rule import reconversion_laws

_MORE = 1.1
"""What must be stored by what is kept, before it starts again."""


@kernel
def step(c, bus, props, dt):
    """Ask for load while the price is above its limit, and the store above its level and what is kept."""
    kept, stored = 0.0, 0.0
    for i in range(c.n_owed_today):
        kept += c.kept_ratio * bus[c.owed_today + i]
    for i in range(c.n_storage_surplus):
        stored += bus[c.storage_surplus + i]
    level = bus[c.storage_level]
    c.is_dear = 1.0 - below_band(1.0 - c.is_dear, bus[c.price], c.price_limit_eur_per_j, c.price_band_eur_per_j)
    if level < c.min_level_frac or stored < kept:
        c.is_stored = 0.0
    elif level >= c.min_level_frac + c.level_band_frac and stored >= _MORE * kept:
        c.is_stored = 1.0
    load = c.run_load_frac * c.is_dear * c.is_stored
    bus[c.load] = load
    c.load_frac = load
    return OK


KIND = Kind(
    name="reconversion",
    doc="Runs fuel cells or engines above a price, from a store above a level that holds more than customers are owed.",
    fields=(
        parameter(
            "price_limit_eur_per_j", "EUR/J", "price above which power is made", 150.0 * EUR_PER_MWH, -1e-5, 1e-5
        ),
        parameter("price_band_eur_per_j", "EUR/J", "half of the hysteresis band", 10.0 * EUR_PER_MWH, 0.0, 1.0e-6),
        parameter("min_level_frac", "1", "level of the store below which it stops", 0.3, 0.0, 1.0),
        parameter("level_band_frac", "1", "how far above that it starts", 0.1, 0.0, 1.0),
        parameter(
            "kept_ratio", "1", "hydrogen kept for customers, by what they are owed until midnight", 1.0, 0.0, 100.0
        ),
        parameter("run_load_frac", "1", "load at which it runs", 1.0, 0.0, 1.0),
        state("is_dear", "1", "1: the price is above the limit"),
        state("is_stored", "1", "1: the store holds enough"),
        output("load_frac", "1", "load asked for"),
    ),
    ports=(
        Port("price", "signal", "in", "market price", default="series.price_eur_per_mwh", unit="EUR/J"),
        Port(
            "storage_level",
            "signal",
            "in",
            "level of the store, 0 to 1; unlinked that of the only one",
            default="role.Store.hydrogen_level",
            is_required=True,
            unit="1",
        ),
        Port(
            "storage_surplus",
            "signal",
            "in",
            "what stores can give",
            is_multi=True,
            default="role.Store.surplus",
            unit="kg",
        ),
        Port(
            "owed_today",
            "signal",
            "in",
            "late, and wanted by customers until local midnight",
            is_multi=True,
            default="role.Offtake.owed_today",
            unit="kg",
        ),
        Port("load", "signal", "out", "load asked for, 0 to 1", unit="1", gives="run_load_frac"),
    ),
    step=step,
    group="dispatch",
    role=Control(load="load"),
    laws=reconversion_laws(),
    costs=(),
)
