"""Pressure vessels: state of the gas from mass and energy, heat transfer to the wall, geometry.

The gas is hydrogen with a little oxygen, nitrogen and water vapour. Volumes: every mole takes the molar volume
of real hydrogen (Amagat with equal molar volumes; exact for traces). Enthalpies: hydrogen from the tables, the
others linear around a recent temperature, as ``physics/stream.py`` gives them.
"""

import math

from h2plant.core.constants import GRAVITY_M_PER_S2, MOLAR_MASS_H2_KG_PER_MOL
from h2plant.core.jit import kernel, leaf
from h2plant.core.properties import (
    FLUID_H2,
    gas_density,
    gas_density_enthalpy,
    gas_enthalpy,
    gas_pressure_from_density,
    gas_state,
)
from h2plant.core.properties.layout import (
    GAS_CONSTANTS,
    GAS_PRESSURE_MAX_PA,
    GAS_TEMPERATURE_MAX_K,
    GAS_TEMPERATURE_MIN_K,
)
from h2plant.physics.relaxation import mean_decay

_STATE_STEPS = 60
_FIRST_TOLERANCE = 1.0e-6
_STATE_TOLERANCE = 1.0e-8
"""Last relative step: larger for a guess so good that the derivatives are too (1e-4, leaves some 1e-10)."""

_LARGEST_CHANGE = 0.3
_HALVINGS = 50
"""Of the range of temperatures, 1,050 K: to 1e-12 K."""
_HALVED_J_PER_KG = 1.0
"""Most that may be missing of the internal energy then: 1e-4 K."""
_SERIES_END = 0.2
_ROOT_FRAC = 0.03
_FAR_ROOT_FRAC = 0.5
_LINEAR_FRAC = 0.05


@leaf
def hydrogen_viscosity(temperature_k, density_kg_per_m3):
    """Return the viscosity of hydrogen, Pa s.

    Least squares on Muzny et al. 2013 (doi:10.1021/je301273j), 200 to 450 K, 1 to 900 bar, within 0.6 %.
    """
    T = temperature_k
    rho = density_kg_per_m3
    return (
        1.958635e-6 + T * (2.594850e-8 - 9.002583e-12 * T) + rho * (5.480016e-9 + 8.181834e-13 * T + 1.265108e-9 * rho)
    )


@leaf
def hydrogen_conductivity(temperature_k, density_kg_per_m3):
    """Return the thermal conductivity of hydrogen, W/(m K).

    Least squares on Assael et al. 2011 (doi:10.1063/1.3606499), 200 to 450 K, 1 to 900 bar, within 2.8 %.
    """
    T = temperature_k
    rho = density_kg_per_m3
    return 3.630169e-3 + T * (7.432764e-4 - 4.256125e-7 * T) + rho * (2.214272e-4 + 9.096595e-7 * T + 2.774843e-5 * rho)


@kernel
def hydrogen_derivatives(props, pressure_pa, temperature_k):
    """Return what surrounds a state of hydrogen, by differences on the tables.

    (density in kg/m3, isobaric heat capacity and isochoric heat capacity in J/(kg K), T times the thermal
    expansion, p times the isothermal compressibility; both 1 for an ideal gas). cv = cp - T beta^2/(rho kappa).
    """
    density, _, _, cp = gas_state(props, FLUID_H2, pressure_pa, temperature_k)
    warmer = gas_density(props, FLUID_H2, pressure_pa, 1.001 * temperature_k)
    denser = gas_density(props, FLUID_H2, 0.999 * pressure_pa, temperature_k)
    expansion = -math.log(warmer / density) / math.log(1.001)
    compressibility = math.log(denser / density) / math.log(0.999)
    cv = cp - pressure_pa * expansion * expansion / (density * temperature_k * compressibility)
    return density, cp, cv, expansion, compressibility


@kernel
def vessel_state(
    props,
    h2_kg,
    dry_equivalent_kg,
    volume_m3,
    energy_j,
    traces_j,
    traces_j_per_k,
    traces_k,
    expansion,
    compressibility,
    heat_capacity_j_per_kg_k,
    guess_pa,
    guess_k,
):
    """Return (pressure in Pa, temperature in K) of the gas in a vessel from its mass and internal energy.

    Solves rho_H2(p, T) = m_eq / V and U = m_H2 h_H2(p, T) + H_traces(T) - p V, with m_eq the mass of hydrogen that
    has as many moles as all of the gas. Newton's method with the derivatives of a nearby state (``expansion``,
    ``compressibility``, ``heat_capacity_j_per_kg_k`` from ``hydrogen_derivatives``), which converges within one or
    two look-ups from a good guess; NaN where it fails or leaves the tables.
    """
    density = dry_equivalent_kg / volume_m3
    pressure_pa = guess_pa
    temperature_k = guess_k
    tolerance = _FIRST_TOLERANCE
    for _ in range(_STATE_STEPS):
        rho, h = gas_density_enthalpy(props, FLUID_H2, pressure_pa, temperature_k)
        traces = traces_j + traces_j_per_k * (temperature_k - traces_k)
        a = 1.0 - density / rho  # relative density too much
        b = energy_j - h2_kg * h - traces + pressure_pa * volume_m3
        # unknowns: relative changes x of p and y of T:  kappa x - beta y = -a;  e_p x + e_T y = b
        e_p = pressure_pa * (h2_kg / rho * (1.0 - expansion) - volume_m3)
        e_t = temperature_k * (h2_kg * heat_capacity_j_per_kg_k + traces_j_per_k)
        determinant = compressibility * e_t + expansion * e_p
        x = (-a * e_t + expansion * b) / determinant
        y = (compressibility * b + a * e_p) / determinant
        if (abs(x) < tolerance) & (abs(y) < tolerance):
            return pressure_pa * (1.0 + x), temperature_k * (1.0 + y)
        tolerance = _STATE_TOLERANCE
        pressure_pa *= 1.0 + min(max(x, -_LARGEST_CHANGE), _LARGEST_CHANGE)
        temperature_k *= 1.0 + min(max(y, -_LARGEST_CHANGE), _LARGEST_CHANGE)
    return math.nan, math.nan


@kernel
def bracketed_vessel_state(props, h2_kg, dry_equivalent_kg, volume_m3, energy_j, traces_j, traces_j_per_k, traces_k):
    """Return what ``vessel_state`` returns, by halving the range of temperatures: for any state within the tables.

    At a given density pressure and internal energy rise with the temperature, so there is one answer. NaN where it lies
    outside the tables.
    """
    density = dry_equivalent_kg / volume_m3
    low_k, high_k = GAS_TEMPERATURE_MIN_K, GAS_TEMPERATURE_MAX_K
    pressure_pa, temperature_k, missing_j = math.nan, math.nan, math.nan
    for _ in range(_HALVINGS):
        T = 0.5 * (low_k + high_k)
        ideal_pa = density * props[GAS_CONSTANTS + FLUID_H2] * T
        p = gas_pressure_from_density(props, FLUID_H2, density, T, ideal_pa)
        if not p > 0.0:
            if ideal_pa > 0.1 * GAS_PRESSURE_MAX_PA:
                high_k = T  # beyond the highest pressure
            else:
                low_k = T
            continue
        energy = h2_kg * gas_enthalpy(props, FLUID_H2, p, T) + traces_j + traces_j_per_k * (T - traces_k)
        missing_j = energy_j - energy + p * volume_m3
        if missing_j < 0.0:
            high_k = T
        else:
            low_k = T
        pressure_pa, temperature_k = p, T
    # at the edge of the tables halving ends as well, but not where the energy is
    if abs(missing_j) <= _HALVED_J_PER_KG * dry_equivalent_kg:
        return pressure_pa, temperature_k
    return math.nan, math.nan


@leaf
def pressure_ratio(growth, warming, expansion, compressibility):
    """Return about by how much the pressure multiplies when mass and temperature grow by given shares.

    Second order with the derivatives of ``hydrogen_derivatives`` for small growth, otherwise as an ideal gas: the guess
    from which ``vessel_state`` starts.
    """
    if abs(growth) < _LINEAR_FRAC:
        z = (growth * (1.0 - 0.5 * growth) + expansion * warming) / compressibility
        return 1.0 + z * (1.0 + 0.5 * z)
    return (1.0 + growth) * (1.0 + warming)


@leaf
def natural_film_cube(temperature_k, density, expansion, cp, viscosity, conductivity):
    """Return the cube of the film coefficient of the gas at rest, per kelvin to the wall, (W/(m2 K))^3/K.

    Nu = 0.13 Ra^(1/3), turbulent natural convection (McAdams 1954; Geankoplis 1993, table 4.7-1; used for vessels by
    Andreasen 2021, doi:10.21105/joss.03695). The length cancels: h^3 = 0.13^3 k^3 g beta dT rho^2 cp / (mu k).
    Ra above 1e9 (all but laboratory vessels; 25 % off at 1e7). ``expansion`` is T beta (1 for an ideal gas), the
    rest SI.
    """
    per_m3 = GRAVITY_M_PER_S2 * expansion / temperature_k * density * density * cp / (viscosity * conductivity)
    k = 0.13 * conductivity
    return k * k * k * per_m3


@leaf
def jet_nusselt_number(reynolds):
    """Return the Nusselt number of forced convection by an inlet jet: 0.56 Re_d^0.67.

    Re_d = 4 m / (pi d mu) with the diameter d of the nozzle. Woodfield, Monde, Mitsutake 2007
    (doi:10.1299/jtst.2.180), hydrogen, nitrogen and argon to 10 MPa.
    """
    return 0.56 * math.pow(reynolds, 0.67)


@leaf
def cube_root(x, guess):
    """Return the cube root of x >= 0 to 1e-6, by steps of Halley from a guess; by pow() from one 20 % off.

    A step takes 4 ns, pow() 20 ns.
    """
    if x <= 0.0:
        return 0.0
    root = guess
    cube = root * root * root
    if abs(cube - x) > _ROOT_FRAC * x:
        if abs(cube - x) > _FAR_ROOT_FRAC * x:
            return math.pow(x, 1.0 / 3.0)
        root *= (cube + 2.0 * x) / (2.0 * cube + x)
        cube = root * root * root
    return root * (cube + 2.0 * x) / (2.0 * cube + x)


@kernel
def wall_exchange(
    heating_w,
    gas_j_per_k,
    wall_j_per_k,
    inner_w_per_k,
    outer_w_per_k,
    gas_k,
    wall_k,
    inner_offset_k,
    outer_offset_k,
    ambient_k,
    dt,
):
    """Return the mean heat flows over a step, W: (gas to wall, wall to ambient).

    Cg dTg/dt = heating - Gi (Tg - Tw - a);  Cw dTw/dt = Gi (Tg - Tw - a) - Go (Tw + b - Ta), a and b the offsets of
    the surfaces from the mean of the wall, solved exactly (matrix exponential of 2 x 2, by divided differences of its
    eigenvalues), so that it holds for any step. The means make the balances close: change of the wall =
    (first - second) * dt.
    """
    a = inner_w_per_k / gas_j_per_k
    b = inner_w_per_k / wall_j_per_k
    c = outer_w_per_k / wall_j_per_k
    x = gas_k - ambient_k
    y = wall_k - ambient_k
    driving = x - y - inner_offset_k
    rate_x = heating_w / gas_j_per_k - a * driving
    rate_y = b * driving - c * (y + outer_offset_k)
    half = 0.5 * (a + b + c)
    fast = half + math.sqrt(max(half * half - a * c, 0.0))
    slow = a * c / fast if fast > 0.0 else 0.0
    u = fast * dt
    v = slow * dt
    g_u = _mean_growth(u)
    g_v = _mean_growth(v)
    slope = (g_v - g_u) / (u - v) if u - v > 1.0e-6 else 1.0 / 6.0
    # mean of z - z0 is dt (g(u) + slope (M dt + u)) (dz/dt at the start)
    turned_x = dt * a * (rate_y - rate_x) + u * rate_x
    turned_y = dt * (b * (rate_x - rate_y) - c * rate_y) + u * rate_y
    mean_x = x + dt * (g_u * rate_x + slope * turned_x)
    mean_y = y + dt * (g_u * rate_y + slope * turned_y)
    return inner_w_per_k * (mean_x - mean_y - inner_offset_k), outer_w_per_k * (mean_y + outer_offset_k)


@leaf
def _mean_growth(x):
    """Return (1 - (1 - exp(-x)) / x) / x: the mean of an approach, per initial rate and step; any x >= 0."""
    if x < _SERIES_END:  # to 4e-11, and no exponential in most steps
        return 0.5 - x * (
            1.0 / 6.0 - x * (1.0 / 24.0 - x * (1.0 / 120.0 - x * (1.0 / 720.0 - x * (1.0 / 5040.0 - x / 40320.0))))
        )
    return (1.0 - mean_decay(x)) / x


@leaf
def cylinder_length(volume_m3, diameter_m):
    """Return the length of a cylinder with flat ends, m."""
    return 4.0 * volume_m3 / (math.pi * diameter_m * diameter_m)


@leaf
def cylinder_area(length_m, diameter_m):
    """Return the surface of a cylinder with flat ends, m2."""
    return math.pi * diameter_m * (length_m + 0.5 * diameter_m)


@leaf
def shell_volume(length_m, diameter_m, thickness_m):
    """Return the volume of the wall around a cylinder of given inner size, m3."""
    outer = diameter_m + 2.0 * thickness_m
    return 0.25 * math.pi * (outer * outer * (length_m + 2.0 * thickness_m) - diameter_m * diameter_m * length_m)


@leaf
def hydrogen_equivalent_mass(h2_kg, trace_mol):
    """Return the mass of hydrogen, kg, with as many moles as hydrogen and traces together."""
    return h2_kg + trace_mol * MOLAR_MASS_H2_KG_PER_MOL
