"""Splitter: shares a stream out equally or by weights, every share in the same state."""

from h2plant.core.bus import STREAM_WIDTH
from h2plant.core.declare import Kind, Port
from h2plant.core.jit import kernel
from h2plant.core.role import Process
from h2plant.core.status import OK
from h2plant.laws.gas import SPLITTER_LAWS
from h2plant.physics.stream import put_nothing, put_stream, read_stream

PORTS = (
    Port("inlet", "stream", "in", "stream to share out", is_required=True),
    Port("outlets", "stream", "out", "shares", is_multi=True, is_required=True),
    Port(
        "weights",
        "signal",
        "in",
        "weight of each outlet, in the same order (such as what each asks for); unlinked: equal shares",
        is_multi=True,
        is_lagged=True,
        unit="any",
    ),
)


@kernel
def step(c, bus, props, dt):
    """Write the shares; weights that are all zero, or not one for each outlet, mean equal shares."""
    h2, o2, n2, vapour, liquid, enthalpy_w, temperature_k, pressure_pa = read_stream(bus, c.inlet)
    n = int(c.n_outlets)
    is_weighted = c.n_weights == c.n_outlets
    total = 0.0
    if is_weighted:
        for k in range(n):
            total += max(bus[c.weights + k], 0.0)
    share = 1.0 / n
    for k in range(n):
        slot = c.outlets + k * STREAM_WIDTH
        if total > 0.0:
            share = max(bus[c.weights + k], 0.0) / total
        if share > 0.0:
            put_stream(
                bus,
                slot,
                share * h2,
                share * o2,
                share * n2,
                share * vapour,
                share * liquid,
                share * enthalpy_w,
                temperature_k,
                pressure_pa,
            )
        else:
            put_nothing(bus, slot, temperature_k, pressure_pa)
    return OK


KIND = Kind(
    "splitter",
    "Shares a stream out",
    (),
    PORTS,
    step,
    role=Process(is_apart=True),
    laws=SPLITTER_LAWS,
    costs=(),
)
