"""Pressure lost by a gas in an apparatus: quadratic in the flow, never down to zero pressure."""

from h2plant.core.jit import leaf


@leaf
def pressure_after_drop(pressure_pa, drop_pa):
    """Return the pressure, Pa, behind an apparatus that takes ``drop_pa`` of ``pressure_pa``.

    Up to half of the inlet pressure the drop is subtracted. Beyond it, p_out = p^2 / (4 drop): equal in value
    and slope at one half, always positive, so that an overloaded apparatus throttles instead of handing out
    an absolute pressure below zero. Drops of gas coolers and drums are below 5 %, far from that branch.
    """
    if drop_pa <= 0.5 * pressure_pa:
        return pressure_pa - drop_pa
    return 0.25 * pressure_pa * pressure_pa / drop_pa


@leaf
def drop_coefficient(pressure_drop_pa, nominal_flow_kg_per_s):
    """Return k, Pa s2/kg2, of drop = k m^2 (turbulent flow, constant density) from the nominal point."""
    return pressure_drop_pa / (nominal_flow_kg_per_s * nominal_flow_kg_per_s)
