"""What a protection has in common: a component that passes a limit trips, stands, and comes back when it has cooled."""

from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.declare import Field, Port, memory, parameter, state
from h2plant.core.jit import kernel, leaf
from h2plant.core.status import OVER_TEMPERATURE, SOLVER_TRIP, TRIP

PROTECTION_FIELDS: tuple[Field, ...] = (
    state("standing_s", "s", "time for which it has stood since it tripped; 0: it works"),
    memory("n_trips", "1", "trips", is_counter=True),
    memory("tripped_s", "s", "time in which it stood after a trip", is_counter=True),
    memory("trip_k", "K", "by how much it would have been too warm when it tripped: the amount of its event"),
)
TRIPPED_PORT = Port("tripped", "signal", "out", "1 while it stands after a trip", unit="1")


@leaf
def trip(c, beyond_k):
    """Let it trip: by so many kelvin it would be beyond its limit; 0 where another limit tripped it."""
    c.n_trips += 1.0
    c.trip_k = beyond_k


@leaf
def stand(c, has_cooled, restart_delay_s, dt):
    """Count a step in which it stood; it may work from the next one on if it has cooled and stood long enough."""
    c.tripped_s += dt
    c.standing_s += dt
    if has_cooled and c.standing_s >= restart_delay_s:
        c.standing_s = 0.0


@kernel
def protected(c, bus, status, is_frozen, dt):
    """Return the status of a step with its protection: too hot by more than an alarm, or frozen, it trips.

    The amount of ``OVER_TEMPERATURE`` is by how much it is too hot; it comes back when there is no such alarm any more.
    What stops is not the component, which goes on to cool, but the plant's lines and transfers: the bus reads of it.
    """
    is_beyond = (status == OVER_TEMPERATURE) | is_frozen
    stands = c.standing_s > 0.0
    if is_beyond and not stands:
        if is_frozen:
            trip(c, 0.0)
            stands = True
        elif bus[EVENT_AMOUNT] > c.trip_above_k:
            trip(c, bus[EVENT_AMOUNT] - c.trip_above_k)
            stands = True
    if stands:
        stand(c, not is_beyond, c.restart_delay_s, dt)
        if status < SOLVER_TRIP:
            bus[EVENT_AMOUNT] = c.trip_k
            status = TRIP
    bus[c.tripped] = 1.0 if c.standing_s > 0.0 else 0.0
    return status


@leaf
def guarded(c, bus, status, dt):
    """Return the status of a step with its protection; most steps have no alarm, and cost a comparison.

    ``tripped`` is written where it changes: what never tripped leaves its slot at 0.
    """
    if (status == OVER_TEMPERATURE) | (c.standing_s > 0.0):
        return protected(c, bus, status, False, dt)
    return status


def protection_fields(trip_above_k: float, restart_delay_s: float) -> tuple[Field, ...]:
    """Return the fields of a component with a protection that stops the plant: its limits by default, its states."""
    return (
        parameter("trip_above_k", "K", "too hot by so much it trips", trip_above_k, 0.0, 1000.0),
        parameter("restart_delay_s", "s", "shortest time from a trip until it is over", restart_delay_s, 0.0, 8.64e5),
        *PROTECTION_FIELDS,
    )


UNPOWERED_PORT = Port(
    "unpowered",
    "signal",
    "in",
    "1: tripped; of the converters above it: it has no power",
    is_multi=True,
    is_lagged=True,
    default="power.above",
    unit="1",
    fault="outage",
    is_read_in_step=True,
)
"""Port of what rests without power; what cools, keeps from freezing or controls draws from the emergency supply."""


@leaf
def is_unpowered(c, bus):
    """Tell whether a converter that feeds it was open at the end of the last step."""
    n_open = 0.0
    for i in range(c.n_unpowered):
        n_open += bus[c.unpowered + i]
    return n_open > 0.5


OUTAGE_PORT = Port("outage", "signal", "in", "share of it that is out of service", unit="1", fault="outage")
"""Port of what rests by a part, or as a whole, while a fault keeps it out of service; unlinked: all of it works."""
FOULING_PORT = Port("fouling", "signal", "in", "share of its heat transfer lost by a fault", unit="1", fault="fouling")
"""Port of what passes on less heat while a fault has fouled it."""


CARRIED_PORTS = (
    Port(
        "carried_behind",
        "signal",
        "in",
        "what converters behind it leave to the emergency supply",
        is_multi=True,
        default="power.carried",
        unit="W",
    ),
    Port("carried", "signal", "out", "what it and those behind it leave to the emergency supply", unit="W"),
)
"""Ports of a converter that may open: what still draws behind it goes past it, from the bus's emergency supply."""
