"""What a protection has in common: a component that passes a limit trips, stands, and comes back when it has cooled."""

from h2plant.core.declare import Field, Port, counter, memory, state
from h2plant.core.jit import leaf

PROTECTION_FIELDS: tuple[Field, ...] = (
    state("is_tripped", "1", "1 from a trip until it may work again"),
    state("standing_s", "s", "time for which it has stood since it tripped"),
    counter("n_trips", "1", "trips"),
    counter("tripped_s", "s", "time in which it stood after a trip"),
    memory("trip_k", "K", "by how much it would have been too warm when it tripped: the amount of its event"),
)
TRIPPED_PORT = Port("tripped", "signal", "out", "1 while it stands after a trip", unit="1")


@leaf
def trip(c, beyond_k):
    """Let it trip: by so many kelvin it would be beyond its limit; 0 where another limit tripped it."""
    c.is_tripped = 1.0
    c.standing_s = 0.0
    c.n_trips += 1.0
    c.trip_k = beyond_k


@leaf
def stand(c, has_cooled, restart_delay_s, dt):
    """Count a step in which it stood; it may work from the next one on if it has cooled and stood long enough."""
    c.tripped_s += dt
    c.standing_s += dt
    if has_cooled and c.standing_s >= restart_delay_s:
        c.is_tripped = 0.0


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
