"""Pressure lost by a gas in an apparatus: quadratic in the flow, never down to zero pressure."""

from h2plant.core.jit import leaf

LOWEST_PA = 0.6e5
"""Below ambient pressure by more than that no gas flows on: a machine behind that draws it so low stands, and air comes
in. The tables of gases begin at 0.5 bar."""


@leaf
def pressure_after_drop(pressure_pa, drop_pa):
    """Return the pressure, Pa, behind an apparatus that takes ``drop_pa`` of ``pressure_pa``.

    Up to half of the inlet pressure the drop is subtracted. Beyond it, p_out = p^2 / (4 drop): equal in value
    and slope at one half, always positive, so that an overloaded apparatus throttles instead of handing out
    an absolute pressure below zero. It throttles to 0.6 bar at most: flows are given, not found from pressures, and
    those that need a vacuum are those of an apparatus far too small. Drops of gas coolers and drums are below
    5 %, far from that branch.
    """
    if drop_pa <= 0.5 * pressure_pa:
        return max(pressure_pa - drop_pa, min(pressure_pa, LOWEST_PA))
    return max(0.25 * pressure_pa * pressure_pa / drop_pa, min(pressure_pa, LOWEST_PA))


@leaf
def drop_coefficient(pressure_drop_pa, nominal_flow_kg_per_s):
    """Return k, Pa s2/kg2, of drop = k m^2 (turbulent flow, constant density) from the nominal point."""
    return pressure_drop_pa / (nominal_flow_kg_per_s * nominal_flow_kg_per_s)
