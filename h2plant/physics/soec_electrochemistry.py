"""Solid oxide cell: Nernst voltage along the channel, area-specific resistance, current at a given power.

Steam is split into hydrogen on the fuel side, oxygen leaves on the other side of the electrolyte. The
voltage at the terminals is the Nernst voltage plus the ohmic and polarisation losses, lumped into an
area-specific resistance that falls with temperature:

    V = E(T) + RT/2F <ln(x / (1 - x))> + RT/4F ln(p_O2 / p0) + j ASR(T)

with x the hydrogen share of hydrogen plus steam. The mean <> runs along the channel, where x rises from
inlet to outlet in proportion to the steam split (uniform current density), and has a closed form:

    <ln(x / (1 - x))> = (G(x_out) - G(x_in)) / (x_out - x_in),  G(x) = x ln x + (1 - x) ln(1 - x)

Sources: O'Brien, Stoots, Herring, Hartvigsen 2005, DOI 10.1115/1.2179435 (INL stack, resistance with
temperature, mean Nernst potential); Hauch et al. 2020, DOI 10.1126/science.aba6118 (fuel-electrode-supported
cells). Linear losses hold for solid oxide cells at 950 to 1150 K up to about 1.5 V.
"""

import math

from h2plant.core.constants import FARADAY_C_PER_MOL, GAS_CONSTANT_J_PER_MOL_K
from h2plant.core.exponential import exponential
from h2plant.core.jit import kernel, leaf

_R_PER_2F = GAS_CONSTANT_J_PER_MOL_K / (2.0 * FARADAY_C_PER_MOL)
_R_PER_4F = 0.5 * _R_PER_2F
_SHORT = 1.0e-4
_TOLERANCE = 1.0e-11
_MOST_ITERATIONS = 25
_HALVINGS = 100
_HALVED_FRAC = 1.0e-9

CONVERGED = 0
STARVED = 1
"""The current stands at the most that the steam allows; the power asked for is not reached."""
NO_SOLUTION = 2


@leaf
def mixing_potential(x):
    """Return G(x) = x ln x + (1 - x) ln(1 - x), -, for 0 <= x <= 1."""
    value = 0.0
    if x > 0.0:
        value += x * math.log(x)
    if x < 1.0:
        value += (1.0 - x) * math.log(1.0 - x)
    return value


@leaf
def channel_inlet(x):
    """Return what ``soec_voltage`` takes of the hydrogen share at the inlet: (x, its mixing potential)."""
    return x, mixing_potential(x)


@leaf
def electrolyte_resistivity(temperature_k):
    """Return the resistivity, ohm m, of the scandia/yttria-stabilised zirconia electrolyte of the INL stack.

    rho = 1.07e-4 exp(7237 / T), 900 to 1200 K (O'Brien et al. 2005, DOI 10.1115/1.2179435).
    """
    return 1.07e-4 * exponential(7237.0 / temperature_k)


@leaf
def arrhenius_exponent(activation_k, reference_temperature_k, temperature_k):
    """Return the exponent of ``arrhenius_resistance``, -."""
    return activation_k * (1.0 / temperature_k - 1.0 / reference_temperature_k)


@leaf
def arrhenius_resistance(reference_ohm_m2, activation_k, reference_temperature_k, temperature_k):
    """Return an area-specific resistance, ohm m2: R_ref exp(E/R (1/T - 1/T_ref)), with activation_k = E/R."""
    return reference_ohm_m2 * exponential(arrhenius_exponent(activation_k, reference_temperature_k, temperature_k))


@leaf
def oxygen_logarithm(oxygen_in, gas_in, oxygen_made):
    """Return the mean of ln(x_O2) along the oxygen channel, -: mean of inlet and outlet.

    ``oxygen_in`` and ``gas_in``: oxygen and all gas in the sweep, mol/s; ``oxygen_made``: mol/s. Without
    oxygen in the sweep the outlet counts alone; without sweep it is pure oxygen, 0.
    """
    if gas_in <= 0.0:
        return 0.0
    x_out = (oxygen_in + oxygen_made) / (gas_in + oxygen_made)
    if oxygen_in <= 0.0:
        return math.log(max(x_out, 1.0e-3))
    return 0.5 * math.log(x_out * oxygen_in / gas_in)


@kernel
def soec_voltage(base_v, temperature_k, resistance_ohm, current_a, inlet, x_per_a):
    """Return (cell voltage in V, its slope with current in V/A).

    ``base_v``: E(T) + RT/4F ln(p_O2/p0), V; ``resistance_ohm``: ASR over cell area; ``inlet``:
    hydrogen share there, from ``channel_inlet``; ``x_per_a``: rise of that share to the outlet per
    ampere of cell current, 1/A.
    """
    x_in, mixing_in = inlet
    thermal = _R_PER_2F * temperature_k
    change = x_per_a * current_a
    x_out = x_in + change
    mean = 0.0
    slope = 0.0  # of the mean with x_out
    if change < _SHORT:
        curvature = 1.0 / (x_in * (1.0 - x_in))
        mean = math.log(x_in / (1.0 - x_in)) + 0.5 * change * curvature
        slope = 0.5 * curvature
    else:
        log_x = math.log(x_out)
        log_rest = math.log(1.0 - x_out)
        mean = (x_out * log_x + (1.0 - x_out) * log_rest - mixing_in) / change
        slope = (log_x - log_rest - mean) / change
    return (
        base_v + thermal * mean + resistance_ohm * current_a,
        thermal * slope * x_per_a + resistance_ohm,
    )


@kernel
def soec_current_at_power(power_w, base_v, temperature_k, resistance_ohm, inlet, x_per_a, highest_current_a, start_a):
    """Return (cell current in A, cell voltage in V, dV/dI in V/A, code) of a cell that draws ``power_w``.

    Newton's method on V(I) I = P from ``start_a``; the function is increasing and convex, so it converges
    from either side; where it does not, the range is halved. ``highest_current_a``: the most that the steam
    allows (below full conversion). Codes: ``CONVERGED``, ``STARVED`` (current at that limit, power below what
    was asked), ``NO_SOLUTION`` (a state that is no number).
    """
    if power_w <= 0.0 or highest_current_a <= 0.0:
        voltage, slope = soec_voltage(base_v, temperature_k, resistance_ohm, 0.0, inlet, x_per_a)
        return 0.0, voltage, slope, STARVED if power_w > 0.0 else CONVERGED
    current = start_a if start_a > 0.0 else power_w / 1.2
    for _ in range(_MOST_ITERATIONS):
        if current > highest_current_a:
            current = highest_current_a
        voltage, slope = soec_voltage(base_v, temperature_k, resistance_ohm, current, inlet, x_per_a)
        excess = voltage * current - power_w
        if current >= highest_current_a and excess <= 0.0:
            return current, voltage, slope, STARVED
        change = -excess / (voltage + slope * current)
        if abs(change) <= _TOLERANCE * current:
            return current + change, voltage + slope * change, slope, CONVERGED
        if current + change <= 0.0:
            change = -0.5 * current
        current += change
    low, high = 0.0, highest_current_a
    voltage, slope = soec_voltage(base_v, temperature_k, resistance_ohm, high, inlet, x_per_a)
    if voltage * high <= power_w:
        return high, voltage, slope, STARVED
    for _ in range(_HALVINGS):
        current = 0.5 * (low + high)
        voltage, slope = soec_voltage(base_v, temperature_k, resistance_ohm, current, inlet, x_per_a)
        if voltage * current < power_w:
            low = current
        else:
            high = current
    if abs(voltage * current - power_w) <= _HALVED_FRAC * power_w:
        return current, voltage, slope, CONVERGED
    return current, 0.0, 0.0, NO_SOLUTION


@kernel
def soec_current_at_voltage(
    voltage_v, base_v, temperature_k, resistance_ohm, inlet, x_per_a, highest_current_a, start_a
):
    """Return the cell current, A, at a given cell voltage, V: Newton's method, limited to 0..highest."""
    current = min(start_a, highest_current_a)
    for _ in range(_MOST_ITERATIONS):
        voltage, slope = soec_voltage(base_v, temperature_k, resistance_ohm, current, inlet, x_per_a)
        change = (voltage_v - voltage) / slope
        if current + change >= highest_current_a:
            if current >= highest_current_a:
                return highest_current_a
            current = highest_current_a
        elif current + change <= 0.0:
            if current <= 0.0:
                return 0.0
            current = 0.0
        else:
            current += change
            if abs(change) <= _TOLERANCE * current:
                return current
    return current


@leaf
def oxygen_voltage(temperature_k, logarithm):
    """Return RT/4F ln(p_O2 / p0), V, from the logarithm."""
    return _R_PER_4F * temperature_k * logarithm
