"""Flow from one store to another: in proportion to the source's level, less as the destination fills."""

from h2plant.core.bus import SHED_ABOVE
from h2plant.core.declare import Kind, Order, Port, output, parameter, state
from h2plant.core.jit import kernel, leaf
from h2plant.core.role import Control
from h2plant.core.status import OK
from h2plant.laws.banks import transfer_flow, transfer_stop


@leaf
def ramp(value, low, high):
    """Return 0 below low, 1 above high and a straight line between."""
    if value <= low:
        return 0.0
    if value >= high:
        return 1.0
    return (value - low) / (high - low)


@kernel
def begin(c, props):
    """Start ready."""
    c.is_open = 1.0
    return OK


@kernel
def step(c, bus, props, dt):
    """Ask for a flow; none while the bus sheds what can wait."""
    destination = bus[c.destination_level]
    if destination >= c.destination_stop_frac:
        if c.is_open > 0.0:
            c.n_stops += 1.0
        c.is_open = 0.0
    elif destination <= c.destination_restart_frac:
        c.is_open = 1.0
    flow = 0.0
    if c.is_open > 0.0 and bus[c.shed] <= SHED_ABOVE:
        give = ramp(bus[c.source_level], c.source_empty_frac, c.source_full_frac)
        take = ramp(c.destination_full_frac - destination, 0.0, c.destination_full_frac - c.destination_taper_frac)
        flow = c.max_flow_kg_per_s * give * take
        surplus = bus[c.source_surplus]
        if surplus > 0.0:
            # what flows in and half of what is there: stable for any step
            flow = min(flow, 0.5 * surplus / dt + bus[c.source_inflow])
        if c.destination_capacity_kg > 0.0:
            room_kg = max(c.destination_full_frac - destination, 0.0) * c.destination_capacity_kg
            flow = min(flow, room_kg / dt)
    bus[c.demand] = flow
    c.flow_kg_per_s = flow
    return OK


KIND = Kind(
    name="transfer_controller",
    doc="Asks for the flow from one store to the next by both levels: proportional bands, and a stop when full.",
    group="control",
    fields=(
        parameter(
            "max_flow_kg_per_s", "kg/s", "flow at a full source and room in the destination", 520.0 / 3600.0, 0.0, 100.0
        ),
        parameter("source_empty_frac", "1", "source level at and below which nothing flows", 0.05, -1.0, 1.0),
        parameter("source_full_frac", "1", "source level from which on the full flow is asked for", 0.60, -1.0, 2.0),
        parameter(
            "destination_taper_frac",
            "1",
            "destination level above which the flow is reduced; not below the full one: nowhere",
            0.92,
            0.0,
            2.0,
            size_from="destination_full_frac",
        ),
        parameter("destination_full_frac", "1", "destination level at which the flow would be zero", 1.0, 0.0, 2.0),
        parameter("destination_stop_frac", "1", "destination level at which the transfer stops", 0.98, 0.0, 10.0),
        parameter(
            "destination_restart_frac",
            "1",
            "destination level at which it starts again; not below that of the stop: at once",
            0.95,
            -1.0,
            2.0,
            size_from="destination_stop_frac",
        ),
        parameter(
            "destination_capacity_kg",
            "kg",
            "usable mass of the destination: keeps long steps from overfilling it; 0: not known",
            0.0,
            0.0,
            1.0e7,
        ),
        state("is_open", "1", "1 while the transfer may run", 1.0),
        state("n_stops", "1", "stops because the destination was full"),
        output("flow_kg_per_s", "kg/s", "flow asked for"),
    ),
    ports=(
        Port("source_level", "signal", "in", "level of the source, 0 to 1", is_required=True, unit="1"),
        Port("destination_level", "signal", "in", "level of the destination, 0 to 1", unit="1"),
        Port("source_surplus", "signal", "in", "usable mass in the source (limits the flow for long steps)", unit="kg"),
        Port("source_inflow", "signal", "in", "flow into the source, passed on in long steps", unit="kg/s"),
        Port(
            "shed",
            "signal",
            "in",
            "1: the bus sheds what can wait, and nothing is asked for",
            is_lagged=True,
            default="role.PowerBus.shed",
            unit="1",
        ),
        Port("demand", "signal", "out", "flow wanted", unit="kg/s"),
    ),
    step=step,
    begin=begin,
    laws=(transfer_stop(), transfer_flow()),
    orders=(Order("source_empty_frac", "source_full_frac", "it would draw from an empty store"),),
    role=Control(),
    costs=(),
)
