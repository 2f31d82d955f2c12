"""Kinds with declarations only, on which files, links and checks are tested."""

from h2plant.core.declare import Kind, Port, parameter, state


def still(*_: object) -> int:
    return 0


SOURCE = Kind(
    "source",
    "gives gas and power, costs money",
    (
        parameter("power_w", "W", "rated power", 1e6, ge=0.0, le=1e9),
        parameter("pressure_pa", "Pa", "outlet pressure", ge=1e5, le=1e8),
        parameter("temperature_k", "K", "outlet temperature", 298.15, ge=250.0, le=450.0),
        parameter("approach_k", "K", "approach of the cooler", 5.0, ge=0.0, le=50.0),
        parameter("ramp_w_per_s", "W/s", "ramp limit", 1e3, ge=0.0),
        parameter("min_load_frac", "1", "smallest load", 0.1, ge=0.0, le=1.0),
        parameter("n_cells", "1", "cells in series", 10.0, ge=1.0),
        parameter("is_hot", "1", "starts hot", 0.0, ge=0.0, le=1.0),
        state("running_h", "h", "hours run"),
    ),
    (
        Port("gas", "stream", "out", "gas made"),
        Port("power", "power", "in", "power drawn", writes=True),
        Port("cost", "money", "out", "what it costs"),
        Port("setpoint", "signal", "in", "power wanted", unit="W", is_required=True),
        Port("ambient_temperature", "signal", "in", "air", default="series.temp_air_degc", unit="K"),
        Port("rate", "signal", "out", "what it makes", unit="kg/s"),
    ),
    still,
)
BUS = Kind(
    "bus",
    "shares power",
    (),
    (
        Port("supplies", "power", "in", "what feeds it", is_multi=True),
        Port("consumers", "power", "out", "what it serves", is_multi=True, writes=False),
        Port("load", "signal", "out", "total load", unit="W"),
        Port("grid", "power", "in", "the balance", writes=True, border="source"),
    ),
    still,
)
WIND = Kind(
    "wind",
    "gives power",
    (parameter("capacity_w", "W", "rated power", 10e6, ge=0.0),),
    (
        Port("power", "power", "out", "power made"),
        Port("available", "signal", "out", "what the wind offers", unit="W"),
        Port("price", "signal", "in", "spot price", default="series.price_eur_per_mwh", unit="EUR/J"),
    ),
    still,
)
PIPE = Kind(
    "pipe",
    "passes gas on",
    (),
    (
        Port("inlets", "stream", "in", "gas", is_multi=True),
        Port("outlet", "stream", "out", "gas"),
        Port("side", "stream", "in", "one stream more"),
        Port("hint", "signal", "in", "flow hint", unit="kg/s"),
        Port("late_hint", "signal", "in", "flow hint of the step before", unit="kg/s", is_lagged=True),
        Port("flow", "signal", "out", "flow", unit="kg/s"),
    ),
    still,
)
TANK = Kind(
    "tank",
    "stores gas",
    (parameter("volume_m3", "m3", "volume", 1.0, ge=0.0),),
    (
        Port("inlet", "stream", "in", "gas"),
        Port("outlets", "stream", "out", "gas", is_multi=True, is_emitted=True),
        Port("demands", "signal", "in", "flow wanted at each outlet", is_multi=True, is_lagged=True, unit="kg/s"),
    ),
    still,
)
KINDS = {kind.name: kind for kind in (SOURCE, BUS, WIND, PIPE, TANK)}
