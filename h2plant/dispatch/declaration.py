"""Ports and fields that all kinds of dispatch share, so that they can be exchanged in a plant file."""

from h2plant.core.declare import Field, Port, choice, memory, output, parameter, state
from h2plant.core.role import Dispatch

ANY_W = 1.0e12
"""Power above any plant's."""

PORTS: tuple[Port, ...] = (
    Port("lines", "line", "in", "lines that it serves, the first one first", is_multi=True),
    Port(
        "available_power",
        "signal",
        "in",
        "own power of each source",
        is_multi=True,
        default="role.Source.power",
        unit="W",
    ),
    Port(
        "source_price",
        "signal",
        "in",
        "what the power of each source costs, taken or not",
        is_multi=True,
        paired_with="available_power",
        default="role.Source.price",
        unit="EUR/J",
    ),
    Port(
        "renewable_power",
        "signal",
        "in",
        "renewable part of the power of each source",
        is_multi=True,
        paired_with="available_power",
        default="role.Source.renewable",
        unit="W",
    ),
    Port("price", "signal", "in", "market price", default="series.price_eur_per_mwh", unit="EUR/J"),
    Port("storage_level", "signal", "in", "filling of the storage, 0 to 1", unit="1"),
    Port(
        "auxiliary_load",
        "signal",
        "in",
        "power of all other consumers on the same supply, which comes first",
        is_multi=True,
        is_lagged_in_loops=True,
        default="power.others",
        unit="W",
    ),
    Port("grid_limit", "signal", "in", "what the grid can give", default="role.Grid.available", unit="W"),
    Port("reserve", "signal", "in", "power that the lines must leave", default="role.PowerBus.reserve", unit="W"),
    Port(
        "margin",
        "signal",
        "in",
        "power that must be left at the grid or of sources, not drawn",
        default="role.PowerBus.margin",
        unit="W",
    ),
    Port("monthly_allowance", "signal", "in", "power that monthly matching allows the lines now", unit="W"),
    Port("hourly_allowance", "signal", "in", "power that hourly matching allows the lines now", unit="W"),
    Port(
        "battery_charge",
        "signal",
        "in",
        "power that each battery can take",
        is_multi=True,
        default="role.Battery.can_charge",
        unit="W",
    ),
    Port(
        "battery_discharge",
        "signal",
        "in",
        "power that each battery can give",
        is_multi=True,
        paired_with="battery_charge",
        default="role.Battery.can_discharge",
        unit="W",
    ),
    Port(
        "grid_accepts",
        "signal",
        "in",
        "what grid connections would take",
        is_multi=True,
        default="role.Grid.accepts",
        unit="W",
    ),
    Port("planned_import", "signal", "out", "power that is to be bought, for lines and auxiliaries", unit="W"),
    Port(
        "battery_share",
        "signal",
        "out",
        "share of what they can take that batteries are to take; below 0: of what they can give",
        unit="1",
    ),
)

ROLE = Dispatch(planned_import="planned_import", battery_share="battery_share", throttle="throttle_frac")

RFNBO_CHOICES = ("off", "monthly", "hourly")
"""Where power may be bought: anywhere; where the matching of renewable power by month, or by hour, allows it."""

RULE_FIELDS: tuple[Field, ...] = (
    parameter("purchase_limit_w", "W", "largest power that is bought; the grid's own limit holds always", ANY_W, 0.0),
    parameter(
        "import_peak_w",
        "W",
        "import, auxiliaries included, up to which it buys; more only below the reserve, and for customers",
        ANY_W,
        0.0,
    ),
    parameter("throttle_level_frac", "1", "storage level above which the lines are throttled", 0.9, 0.0, 0.999),
    parameter("full_level_frac", "1", "storage level at which they stop", 1.0, 0.001, 1.0),
    parameter(
        "reserve_level_frac", "1", "storage level below which hydrogen is made whatever the price", 0.0, 0.0, 0.999
    ),
    parameter("reserve_band_frac", "1", "band above it until which that goes on", 0.05, 0.0, 1.0),
    choice("rfnbo", "matching with renewable power that the lines keep", RFNBO_CHOICES),
    state("is_below_reserve", "1", "1: the storage is filled up from below its reserve"),
    memory("is_dark", "1", "1: the bus has a blackout, and the lines are off"),
    memory("available_w", "W", "own power of the last step"),
    memory("before_w", "W", "power that comes before the lines"),
    memory("trend_w_per_s", "W/s", "change of own power of late"),
    output("throttle_frac", "1", "share of the lines' largest power that the storage allows"),
    output("planned_import_w", "W", "power to be bought by this plan"),
    output("planned_export_w", "W", "own power that this plan leaves to be sold"),
    output("battery_plan_w", "W", "power that batteries were to take before the lines; below 0: to give to them"),
    output("battery_w", "W", "power that batteries are to take; below 0: to give"),
)
