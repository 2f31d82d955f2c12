"""Ports and fields that all kinds of dispatch share, so that they can be exchanged in a plant file."""

from h2plant.core.declare import Field, Port, choice, output, parameter, state

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
        is_lagged_in_loops=True,
        unit="W",
    ),
    Port(
        "forecast_power",
        "signal",
        "in",
        "own power at the end of the SOEC's ramp; unlinked: not looked at",
        unit="W",
    ),
    Port("soec_expected_rest", "signal", "in", "idle time of the SOEC line to come, where a plan knows it", unit="s"),
    Port("pem_expected_rest", "signal", "in", "idle time of the PEM line to come, where a plan knows it", unit="s"),
    Port("monthly_allowance", "signal", "in", "purchase that monthly matching allows now", unit="W"),
    Port("hourly_allowance", "signal", "in", "purchase that hourly matching allows now", unit="W"),
    Port("soec_setpoint", "signal", "out", "power for the SOEC line, alternating current", unit="W"),
    Port("pem_setpoint", "signal", "out", "power for the PEM line, alternating current", unit="W"),
    Port("soec_shut_down", "signal", "out", "1: the SOEC line is to cool down rather than stay hot", unit="1"),
    Port("pem_shut_down", "signal", "out", "1: the PEM line is to go cold rather than stand by", unit="1"),
)

RFNBO_CHOICES = ("off", "monthly", "hourly")
"""Where power may be bought: anywhere; where the matching of renewable power by month, or by hour, allows it."""

UNIT_FIELDS: tuple[Field, ...] = (
    parameter("soec_power_w", "W", "largest power of the SOEC line", 11.52e6, 0.0),
    parameter("soec_minimum_w", "W", "smallest power of the running SOEC line", 0.12e6, 0.0),
    parameter("soec_idle_w", "W", "set point of the SOEC line when it is not to run", 0.0, 0.0),
    parameter("soec_ramp_up_w_per_s", "W/s", "fastest rise of the SOEC line's set point (0: at once)", 0.0, 0.0),
    parameter("soec_ramp_down_w_per_s", "W/s", "fastest fall of the SOEC line's set point (0: at once)", 0.0, 0.0),
    parameter("soec_min_up_s", "s", "shortest run of the SOEC line", 1800.0, 0.0),
    parameter("soec_min_down_s", "s", "shortest rest of the SOEC line", 600.0, 0.0),
    parameter(
        "soec_standby_w", "W", "power that keeps the SOEC line hot at rest (0: free, never shut down)", 0.37e6, 0.0
    ),
    parameter("soec_cold_start_eur", "EUR", "cost of a cold start of the SOEC line instead of a hot one", 43.0e3, 0.0),
    parameter("pem_power_w", "W", "largest power of the PEM line", 5.0e6, 0.0),
    parameter("pem_minimum_w", "W", "smallest power of the running PEM line", 0.25e6, 0.0),
    parameter("pem_idle_w", "W", "set point of the PEM line when it is not to run", 0.0, 0.0),
    parameter("pem_ramp_up_w_per_s", "W/s", "fastest rise of the PEM line's set point (0: at once)", 0.0, 0.0),
    parameter("pem_ramp_down_w_per_s", "W/s", "fastest fall of the PEM line's set point (0: at once)", 0.0, 0.0),
    parameter("pem_min_up_s", "s", "shortest run of the PEM line", 600.0, 0.0),
    parameter("pem_min_down_s", "s", "shortest rest of the PEM line", 300.0, 0.0),
    parameter("pem_standby_w", "W", "power that keeps the PEM line hot at rest (0: free, never shut down)", 0.0, 0.0),
    parameter("pem_cold_start_eur", "EUR", "cost of a cold start of the PEM line instead of a hot one", 140.0, 0.0),
    parameter("import_limit_w", "W", "largest power that may be bought from the grid", 10.0e6, 0.0),
    parameter("throttle_level_frac", "1", "storage level above which the lines are throttled", 0.9, 0.0, 0.999),
    parameter("full_level_frac", "1", "storage level at which they stop", 1.0, 0.001, 1.0),
    parameter(
        "reserve_level_frac", "1", "storage level below which hydrogen is made whatever the price", 0.0, 0.0, 0.999
    ),
    parameter("reserve_band_frac", "1", "band above it until which that goes on", 0.05, 0.0, 1.0),
    parameter("soec_reserve_frac", "1", "load of the SOEC line for it", 1.0, 0.0, 1.0),
    parameter("pem_reserve_frac", "1", "load of the PEM line for it", 1.0, 0.0, 1.0),
    choice("rfnbo", "matching with renewable power without which none is bought", RFNBO_CHOICES),
    state("is_soec_on", "1", "1: the SOEC line is to run"),
    state("soec_held_s", "s", "time since this was last decided otherwise"),
    state("is_pem_on", "1", "1: the PEM line is to run"),
    state("pem_held_s", "s", "time since this was last decided otherwise"),
    state("soec_setpoint_w", "W", "set point of the SOEC line"),
    state("pem_setpoint_w", "W", "set point of the PEM line"),
    state("is_below_reserve", "1", "1: the storage is filled up from below its reserve"),
    state("soec_rest_cost_eur", "EUR", "cost of keeping the SOEC line hot since it last ran"),
    state("pem_rest_cost_eur", "EUR", "cost of keeping the PEM line hot since it last ran"),
    output("throttle_frac", "1", "share of rated power that the storage allows"),
    output("planned_import_w", "W", "power to be bought by this plan"),
    output("planned_export_w", "W", "own power that this plan leaves to be sold"),
)
