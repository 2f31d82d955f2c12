"""Ports and fields that all kinds of dispatch share, so that they can be exchanged in a plant file."""

from h2plant.core.declare import Field, Port, output, parameter, state

EUR_PER_MWH = 1.0 / 3.6e9
"""One EUR/MWh in EUR/J."""

KWH_PER_KG = 3.6e6
"""One kWh/kg in J/kg."""

PORTS: tuple[Port, ...] = (
    Port("available_power", "signal", "in", "own power: wind", unit="W"),
    Port("price", "signal", "in", "market price", default="series.price_eur_per_mwh", unit="EUR/J"),
    Port("storage_level", "signal", "in", "filling of the storage, 0 to 1", unit="1"),
    Port(
        "auxiliary_load",
        "signal",
        "in",
        "power of the auxiliaries on the same supply, summed",
        is_multi=True,
        is_lagged=True,
        unit="W",
    ),
    Port(
        "forecast_power",
        "signal",
        "in",
        "own power at the end of the SOEC's ramp; unlinked: not looked at",
        unit="W",
    ),
    Port("soec_setpoint", "signal", "out", "power for the SOEC line, alternating current", unit="W"),
    Port("pem_setpoint", "signal", "out", "power for the PEM line, alternating current", unit="W"),
)

UNIT_FIELDS: tuple[Field, ...] = (
    parameter("soec_power_w", "W", "largest power of the SOEC line", 11.52e6, 0.0),
    parameter("soec_minimum_w", "W", "smallest power of the running SOEC line", 0.12e6, 0.0),
    parameter("soec_idle_w", "W", "set point of the SOEC line when it is not to run", 0.0, 0.0),
    parameter("soec_min_up_s", "s", "shortest run of the SOEC line", 1800.0, 0.0),
    parameter("soec_min_down_s", "s", "shortest rest of the SOEC line", 600.0, 0.0),
    parameter("pem_power_w", "W", "largest power of the PEM line", 5.0e6, 0.0),
    parameter("pem_minimum_w", "W", "smallest power of the running PEM line", 0.25e6, 0.0),
    parameter("pem_idle_w", "W", "set point of the PEM line when it is not to run", 0.0, 0.0),
    parameter("pem_min_up_s", "s", "shortest run of the PEM line", 600.0, 0.0),
    parameter("pem_min_down_s", "s", "shortest rest of the PEM line", 300.0, 0.0),
    parameter("import_limit_w", "W", "largest power that may be bought from the grid", 10.0e6, 0.0),
    parameter("throttle_level_frac", "1", "storage level above which the lines are throttled", 0.9, 0.0, 0.999),
    parameter("full_level_frac", "1", "storage level at which they stop", 1.0, 0.001, 1.0),
    state("is_soec_on", "1", "1: the SOEC line is to run"),
    state("soec_held_s", "s", "time since this was last decided otherwise"),
    state("is_pem_on", "1", "1: the PEM line is to run"),
    state("pem_held_s", "s", "time since this was last decided otherwise"),
    state("soec_setpoint_w", "W", "set point of the SOEC line"),
    state("pem_setpoint_w", "W", "set point of the PEM line"),
    output("throttle_frac", "1", "share of rated power that the storage allows"),
    output("planned_import_w", "W", "power to be bought by this plan"),
    output("planned_export_w", "W", "own power that this plan leaves to be sold"),
)
