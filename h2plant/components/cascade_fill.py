"""Fills banks one after the other: the first that is not full takes the flow."""

from h2plant.core.bus import EVENT_AMOUNT, STREAM_WIDTH
from h2plant.core.declare import Kind, Port, output, parameter
from h2plant.core.jit import kernel, leaf
from h2plant.core.role import Control
from h2plant.core.status import LIMITED, OK
from h2plant.laws.banks import fill_balance, fill_order
from h2plant.physics.stream import put_nothing, put_stream, read_stream

_NOTHING = 1.0e-6
"""Share placed below which all banks count as full."""


@leaf
def room(level, full, band):
    """Return how far a bank takes gas: 1 below the band under full, 0 at full, a straight line between."""
    return min(max((full - level) / band, 0.0), 1.0)


@leaf
def bank_share(c, level, left, amount_kg):
    """Return a bank's share of the flow: what is left, as far as the bank takes it and has room in this step."""
    share = left * room(level, c.full_frac, c.band_frac)
    if c.bank_capacity_kg * share > 0.0 and amount_kg > 0.0:
        share = min(share, (c.full_frac - level) * c.bank_capacity_kg / amount_kg)
    return share


@kernel
def step(c, bus, props, dt):
    """Share the flow among the banks, in order."""
    h2, o2, n2, vapour, liquid, enthalpy_w, temperature_k, pressure_pa = read_stream(bus, c.inlet)
    flow = h2 + o2 + n2 + vapour + liquid
    n = min(c.n_outlets, c.n_levels)
    left = 1.0
    mean = 0.0
    for i in range(n):
        level = bus[c.levels + i]
        mean += level
        share = bank_share(c, level, left, flow * dt)
        left -= share
    if n > 0:
        mean /= n
    bus[c.level] = mean
    c.mean_level_frac = mean
    c.unplaced_frac = left
    if flow <= 0.0:
        for i in range(c.n_outlets):
            put_nothing(bus, c.outlets + i * STREAM_WIDTH, temperature_k, pressure_pa)
        return OK
    unplaced = left
    left = 1.0
    given = 0.0
    for i in range(c.n_outlets):
        slot = c.outlets + i * STREAM_WIDTH
        part = 0.0
        if i < n:
            share = bank_share(c, bus[c.levels + i], left, flow * dt)
            left -= share
            part = share + unplaced / n  # what no bank has room for is spread evenly
            if i == n - 1:
                part = max(1.0 - given, 0.0)
            given += part
        elif n == 0:
            part = 1.0 / c.n_outlets
        put_stream(
            bus,
            slot,
            part * h2,
            part * o2,
            part * n2,
            part * vapour,
            part * liquid,
            part * enthalpy_w,
            temperature_k,
            pressure_pa,
        )
    if left > 1.0 - _NOTHING:
        bus[EVENT_AMOUNT] = flow
        return LIMITED
    return OK


KIND = Kind(
    name="cascade_fill",
    doc="Shares a flow among banks: the first that is not full takes it, with a band in which two share.",
    fields=(
        parameter("full_frac", "1", "level at which a bank is full", 1.0, 0.0, 2.0),
        parameter(
            "bank_capacity_kg",
            "kg",
            "usable mass of one bank from level 0 to full: keeps long steps from overfilling it; 0: not known",
            0.0,
            0.0,
            1.0e7,
        ),
        parameter("band_frac", "1", "band below full in which the next bank takes its share", 0.05, 1.0e-3, 2.0),
        output("mean_level_frac", "1", "mean level of the banks"),
        output("unplaced_frac", "1", "share of the flow for which no bank has room (given to all)"),
    ),
    ports=(
        Port("inlet", "stream", "in", "gas to be stored", is_required=True),
        Port("outlets", "stream", "out", "to the banks", is_required=True, is_multi=True),
        Port(
            "levels",
            "signal",
            "in",
            "level of the bank at the outlet of the same number",
            paired_with="outlets",
            is_required=True,
            is_multi=True,
            unit="1",
        ),
        Port("level", "signal", "out", "mean level of the banks", unit="1"),
    ),
    step=step,
    laws=(fill_balance(), fill_order()),
    role=Control(),
    costs=(),
)
