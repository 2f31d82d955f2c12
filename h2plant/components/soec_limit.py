"""Temperatures of a solid oxide module: its set point, and the limits that follow from it where a plant gives none."""

from h2plant.core.declare import Field, parameter

TEMPERATURES: tuple[Field, ...] = (
    parameter(
        "temperature_start_k",
        "K",
        "temperature at the start of the run",
        1073.15,
        230.0,
        1140.0,
        size_from="temperature_set_k",
    ),
    parameter("temperature_set_k", "K", "temperature that the heater holds", 1073.15, ge=800.0, le=1140.0),
    parameter(
        "temperature_ready_k",
        "K",
        "heating ends here, standby begins",
        1053.15,
        700.0,
        1140.0,
        size_from="temperature_set_k - 20",
    ),
    parameter(
        "temperature_run_min_k",
        "K",
        "no current below",
        973.15,
        600.0,
        1140.0,
        size_from="temperature_ready_k - 80",
    ),
    parameter(
        "temperature_limit_k",
        "K",
        "stack power is reduced above",
        1123.15,
        800.0,
        1145.0,
        size_from="min(temperature_set_k + 50, 1144)",
    ),
    parameter(
        "temperature_trip_k",
        "K",
        "trips above",
        1138.15,
        800.0,
        1149.0,
        size_from="min(temperature_limit_k + 15, 1148)",
    ),
)
