"""The laws of streams, for each that a component gives.

A plant has many streams, and an array operation on few numbers costs as much as on many: so these laws take all
streams of all components at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from h2plant.core import bus
from h2plant.core.law import FloatArray, Flow, Law, Seen
from h2plant.core.law_constants import MOL_PER_KG_H2, MOL_PER_KG_H2O, MOL_PER_KG_N2, MOL_PER_KG_O2
from h2plant.core.role import Store
from h2plant.laws import state_equations

NEGLIGIBLE_KG_PER_S = 1.0e-6
"""Flows below this say nothing of their temperature: what is left of a stream after subtractions."""
SATURATION_REL = 0.01
"""Share by which vapour may differ from saturation: 0.15 K, and what a drum's pressure drop changes under drops."""

_TRACE = 2.0e-5  # of a stream's mass: condensing, it would warm it by a hundredth of a kelvin
_REGENERATES = ("purge", "tail_gas")  # ports of adsorbers
_DRUM_RATIO = 3.0  # of the pressures before and behind apparatus that drops pass

_LEAST_HENRY_PA = 2.0e9
"""Partial pressure by mole fraction in water, of hydrogen, oxygen and nitrogen, at least (oxygen at 0 C: 2.6e9 Pa,
IAPWS G7-04)."""

_MOL_PER_KG = np.array([MOL_PER_KG_H2, MOL_PER_KG_O2, MOL_PER_KG_N2, MOL_PER_KG_H2O])
_CAPACITIES = np.array([14300.0, 920.0, 1040.0, 1880.0, 4180.0])  # J/(kg K), of the species near 300 K

# Enthalpies, J/kg, with heats of formation, of H2, O2, N2, vapour and liquid by the rows of ``_terms``: least squares
# on the equations of state of ``state_equations`` (gases at 250 to 450 K up to 900 bar, O2 and N2 90 bar, at 250 to
# 1150 K up to 40 bar; vapour up to 15 bar, liquid at 273 to 525 K up to 350 bar); within ``_FIT_K`` of them
_ENTHALPIES = np.array([
    [-3855634.72, 10139403.8, 16183459.76, -31124601.87, 32516900.78, -17367471.69, 3770422.787, 95411.43389,
     4182.856258, -85584.08168, 29627.03054, -3950.211539, 6891.643364, 1446.419194, 243.8209165, -442.0885201],
    [-281303.1924, 1044790.342, -683055.4254, 1548573.491, -1503948.634, 727172.4405, -142425.032, 13323.10192,
     -32711.85026, -199.8389489, -4945.524854, -3429.159211, 11423.24467, -7193.126953, 0.0, 0.0],
    [-310684.0039, 1042878.99, 45631.75093, -305912.9323, 637054.0133, -457935.883, 115353.3389, 16994.45918,
     -30997.86751, -5904.518026, -2360.550038, -1888.736235, 6274.031645, -1706.276418, 0.0, 0.0],
    [-13947521.09, 1606453.207, 779840.1172, -1313531.552, 1614533.155, -923999.0131, 204492.2985, *([0.0] * 9)],
    [-17210802.65, 5743465.878, -9817321.359, 31773203.35, -56239692.55, 49419212.97, -13083772.15, -26317.5916,
     69660.57784, -34067.45372, *([0.0] * 6)],
])  # fmt: skip
_VAPOUR_RESIDUAL = (-24236.46998, -59750.36329, 5221.652902, -81895.01712)  # q u^2, q u^4, q u^8, q^2 u^16
_FIT_K = np.array([0.3, 0.3, 0.3, 1.2, 0.7])
_ALLOWED_K = 0.4
_PLAIN_TO_PA = 1.5e6  # of vapour
_HOT_K, _HOT_PA = 450.0, 4.0e6
_BLOCK = 2048  # columns at a time: they stay in the cache, and no matrix product spreads over threads


class Streams:
    """All streams that components give and take, in n steps.

    Parameters
    ----------
    components
        What was seen of them; all on the same bus.

    Attributes
    ----------
    values
        Shape (8, k, n), in the order of ``core.bus.STREAM_COLUMNS``.
    given
        Rows (0 to k - 1) of the streams that a component gives, and which component gives each.
    taken
        Rows of the streams that each component takes.
    """

    def __init__(self, components: Sequence[Seen]) -> None:
        self.components = components
        rows: dict[int, int] = {}
        given: list[tuple[int, int]] = []
        self.taken: list[list[int]] = []
        for owner, seen in enumerate(components):
            own: list[int] = []
            for place in seen.places.values():
                if place.stream:
                    at = [rows.setdefault(slot, len(rows)) for slot in place.slots]
                    if place.stream == "out":
                        given += [(row, owner) for row in at]
                    else:
                        own += at
            self.taken.append(own)
        slots = np.array(list(rows), dtype=np.int64)
        bus_values = components[0].slots
        self.values = np.ascontiguousarray(bus_values.T[slots + np.arange(bus.STREAM_WIDTH)[:, None]])
        pairs = np.array(given, dtype=np.int64).reshape(-1, 2)
        self.given, self.owners = pairs[:, 0], pairs[:, 1]

    @property
    def shape(self) -> tuple[int, int]:
        """(k, n)."""
        return self.values.shape[1], self.values.shape[2]

    @property
    def masses(self) -> FloatArray:
        """Mass flows by species, kg/s, shape (5, k, n)."""
        found: FloatArray = self.values[: bus.LIQUID + 1]
        return found

    def flow(self, row: int) -> Flow:
        """Return one of them."""
        return Flow(self.values[:, row].T)

    def of_taken(self, numbers: FloatArray, neutral: float, join: np.ufunc) -> FloatArray:
        """Return, for each stream given, numbers of all streams that its component takes, joined; shape (given, n)."""
        found = np.full((len(self.components), numbers.shape[1]), neutral)
        for owner, rows in enumerate(self.taken):
            for row in rows:
                join(found[owner], numbers[row], out=found[owner])
        result: FloatArray = found[self.owners]
        return result


@dataclass(frozen=True)
class StreamLaw(Law):
    """A law of each stream that a component gives.

    Parameters
    ----------
    shares
        Takes streams, and returns the deviations of those given as shares of what is allowed, shape (given, n); NaN: it
        says nothing of that step.
    """

    shares: Callable[[Streams], FloatArray] = lambda streams: np.empty((0, 0))


def _stream_law(
    id_: str,
    text: str,
    equation: str,
    source: str,
    shares: Callable[[Streams], FloatArray],
    needs_equation_of_state: bool = False,
) -> StreamLaw:
    def check(seen: Seen) -> Iterator[FloatArray]:
        yield from shares(Streams([seen]))

    return StreamLaw(id_, text, equation, source, check, needs_equation_of_state, shares=shares)


# Temperature against enthalpy -----------------------------------------------------------------------------------------
def _terms(pressure_pa: FloatArray, temperature_k: FloatArray) -> FloatArray:
    """Return the powers of temperature and pressure in which enthalpies are written, shape (16, m)."""
    rows = np.empty((16, pressure_pa.size))
    rows[0] = 1.0
    x = np.multiply(temperature_k, 1.0e-3, out=rows[1])
    u = 0.3 / x
    for k in range(2, 7):
        np.multiply(rows[k - 1], x, out=rows[k])
    q = np.multiply(pressure_pa, 1.0e-7, out=rows[7])
    for k in range(8, 11):
        np.multiply(rows[k - 1], u, out=rows[k])
    np.multiply(rows[7:10], q, out=rows[11:14])
    np.multiply(rows[11:13], q, out=rows[14:16])
    return rows


def _missing(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return (enthalpy less that of the temperature, W; partial pressure of vapour, MPa) of columns of streams."""
    masses, temperature_k, pressure_pa = values[:5], values[bus.TEMPERATURE], values[bus.PRESSURE]
    specific = _ENTHALPIES @ _terms(pressure_pa, temperature_k)
    vapour, moles = masses[bus.VAPOUR], _MOL_PER_KG @ masses[:4]
    q = np.divide(pressure_pa * (1.0e-6 * MOL_PER_KG_H2O) * vapour, moles, out=np.zeros_like(moles), where=vapour > 0.0)
    u2 = np.square(400.0 / temperature_k)
    u4 = u2 * u2
    u8 = u4 * u4
    a, b, c, d = _VAPOUR_RESIDUAL
    specific[3] += q * (a * u2 + b * u4 + c * u8 + d * q * u8 * u8)
    return values[bus.ENTHALPY] - np.einsum("ij,ij->j", masses, specific), q


def _plain_shares(streams: Streams) -> FloatArray:
    k, n = streams.shape
    values = streams.values.reshape(bus.STREAM_WIDTH, k * n)
    temperature_k, pressure_pa = values[bus.TEMPERATURE], values[bus.PRESSURE]
    missing_w, q = np.empty(k * n), np.empty(k * n)
    with np.errstate(all="ignore"):
        for start in range(0, k * n, _BLOCK):
            part = slice(start, start + _BLOCK)
            missing_w[part], q[part] = _missing(values[:, part])
        is_silent = (values[:5].sum(axis=0) <= NEGLIGIBLE_KG_PER_S) | (q > _PLAIN_TO_PA * 1.0e-6)
        is_silent |= (temperature_k > _HOT_K) & (pressure_pa > _HOT_PA)
        # far above saturation, which is 2.5e5 MPa exp(-5420 K / T) within 40 %, the fit says nothing
        is_silent |= q > 5.0e5 * np.exp(-5420.0 / temperature_k)
        off_w = np.abs(missing_w).reshape(k, n)
        allowed_w = np.einsum("i,ij->j", _CAPACITIES * (_FIT_K + _ALLOWED_K), values[:5]).reshape(k, n)
        capacity = np.einsum("i,ij->j", _CAPACITIES, values[:5]).reshape(k, n)
        shares: FloatArray = off_w[streams.given] / (allowed_w[streams.given] + _excused(streams, off_w, capacity))
    shares[~np.isfinite(shares)] = np.inf
    shares[is_silent.reshape(k, n)[streams.given]] = np.nan
    return shares


def _excused(streams: Streams, missing_w: FloatArray, capacity: FloatArray) -> FloatArray:
    """Return what else a stream's enthalpy may be off its temperature's, W, shape (given, n)."""
    # what came in with another enthalpy than its temperature has, is no fault of this component
    brought_w = streams.of_taken(np.where(np.isfinite(missing_w), missing_w, 0.0), 0.0, np.add)
    # the mean enthalpy of a step is not that of its mean temperature: cp'/cp of steam and gases 4e-4 1/K at most
    swing_k = np.zeros((len(streams.components), streams.shape[1]))
    for owner, seen in enumerate(streams.components):
        for name in seen.before_:
            if name.endswith("temperature_k"):
                np.fmax(swing_k[owner], np.abs(seen.change(name)), out=swing_k[owner])
    found: FloatArray = brought_w + capacity[streams.given] * (5.0e-5 * swing_k * swing_k)[streams.owners]
    return found


def _exact_shares(streams: Streams) -> FloatArray:
    k, n = streams.shape
    missing_w, capacity = np.empty((k, n)), np.tensordot(_CAPACITIES, np.abs(streams.masses), 1)
    for row in range(k):
        flow = streams.flow(row)
        missing_w[row] = np.abs(flow.enthalpy_w - state_equations.stream_states(flow)[0])
    with np.errstate(all="ignore"):
        shares = missing_w[streams.given] / (
            _ALLOWED_K * capacity[streams.given] + _excused(streams, missing_w, capacity)
        )
    shares[~np.isfinite(shares)] = np.inf
    shares[(streams.masses.sum(axis=0) <= NEGLIGIBLE_KG_PER_S)[streams.given]] = np.nan
    return shares


# Vapour and liquid ----------------------------------------------------------------------------------------------------
def saturation_pressure(temperature_k: FloatArray) -> FloatArray:
    """Return the pressure, Pa, at which water boils, below 273.16 K over supercooled water; above 647 K infinite.

    W. Wagner, A. Pruss 1993, doi 10.1063/1.555926, equation 1; over supercooled water Sonntag 1990.
    """
    t = 1.0 - np.minimum(temperature_k, 647.096) / 647.096
    root = np.sqrt(t)
    t3 = t * t * t
    inner = t * (1.84408259 * root - 7.85951783) + t3 * (22.6807411 * root - 11.7866497 - 15.9618719 * t)
    inner += 1.80122502 * t3 * t3 * t * root
    pressure_pa: FloatArray = 22.064e6 * np.exp(647.096 / temperature_k * inner)
    cold = temperature_k < state_equations.TRIPLE_K
    if cold.any():
        pressure_pa[cold] = state_equations.supercooled_saturation_pressure(temperature_k[cold])
    pressure_pa[temperature_k >= 647.096] = np.inf
    return pressure_pa


def _saturation_shares(streams: Streams) -> FloatArray:
    k, n = streams.shape
    masses, pressure_pa = streams.masses, streams.values[bus.PRESSURE]
    vapour, liquid = masses[bus.VAPOUR], masses[bus.LIQUID]
    with np.errstate(all="ignore"):
        moles = np.tensordot(_MOL_PER_KG, masses[:4], 1)
        saturation_pa = saturation_pressure(streams.values[bus.TEMPERATURE])
        partial_pa = np.divide(pressure_pa * MOL_PER_KG_H2O * vapour, moles, out=np.zeros((k, n)), where=vapour > 0.0)
        saturation = partial_pa / saturation_pa
        # stores hold no liquid: what they give may be supersaturated, and what others pass on of it
        came = streams.of_taken(saturation, 1.0, np.fmax)
        came[[isinstance(streams.components[owner].role, Store) for owner in streams.owners]] = np.inf
        # liquid that holds no more gas than dissolves does not boil; liquid under gas has saturated vapour over it
        is_gas = moles > liquid * MOL_PER_KG_H2O * pressure_pa / _LEAST_HENRY_PA
        least = NEGLIGIBLE_KG_PER_S + 1.0e-6 * masses.sum(axis=0)
        has_vapour, has_liquid = vapour > least, liquid > least
        over = np.where(has_liquid, np.where(is_gas, partial_pa, pressure_pa) / saturation_pa, np.inf)
        # drops that pass an apparatus keep the saturation of its inlet
        came_dry = np.minimum(streams.of_taken(over, np.inf, np.fmin), 1.0)
        # what slips through sieve is no equilibrium
        adsorbs = [not seen.places.keys().isdisjoint(_REGENERATES) for seen in streams.components]
        ratio = streams.of_taken(pressure_pa, 0.0, np.fmax) / pressure_pa[streams.given]
        over = over[streams.given] * np.where((ratio > 1.0) & (ratio < _DRUM_RATIO), ratio, 1.0)
        has_vapour, has_liquid = has_vapour[streams.given], has_liquid[streams.given]
        # of the vapour; gas that dissolves in a drain may leave a trace of vapour too much
        given_vapour = vapour[streams.given]
        allowed = SATURATION_REL + _TRACE * masses.sum(axis=0)[streams.given] / given_vapour
        too_wet = np.where(has_vapour, (saturation[streams.given] / came - 1.0) * SATURATION_REL / allowed, 0.0)
        too_dry = np.where(has_liquid & (over < came_dry), came_dry / over - 1.0, 0.0)
        shares = np.maximum(np.maximum(too_wet, too_dry), 0.0) / SATURATION_REL
    shares[np.isnan(shares)] = np.inf
    shares[~(has_vapour | has_liquid) | np.array(adsorbs)[streams.owners, None]] = np.nan
    return shares


def _physical_shares(streams: Streams) -> FloatArray:
    masses = streams.masses
    # rounding apart, nothing flows backwards
    below = -masses.min(axis=0) / (1.0e-12 + 1.0e-9 * np.abs(masses).sum(axis=0))
    outside = np.abs(streams.values[bus.TEMPERATURE] - 750.0) > 550.0
    outside |= np.abs(streams.values[bus.PRESSURE] - 5.0005e7) > 4.9995e7
    outside &= np.abs(masses).sum(axis=0) > NEGLIGIBLE_KG_PER_S  # an idle port may show nothing
    shares = np.where(outside, np.inf, np.maximum(below, 0.0))
    shares[~np.isfinite(streams.values).all(axis=0)] = np.inf
    found: FloatArray = shares[streams.given]
    return found


STREAM_LAWS: tuple[StreamLaw, ...] = (
    _stream_law(
        "physical-stream",
        "no flow is negative, temperature lies in 200 to 1300 K, pressure in 0.1 to 1000 bar",
        "m_i >= 0; 200 K <= T <= 1300 K; 0.1 bar <= p <= 1000 bar",
        "conservation of mass; the ranges of the equations of state",
        _physical_shares,
    ),
    _stream_law(
        "stream-temperature",
        "a stream's temperature is that of its enthalpy, within 0.6 K, of steam and water 1.5 and 1 K",
        "H = sum m_i h_i(T, p), vapour at its partial pressure",
        "fits to Leachman 2009 (H2), Schmidt and Wagner 1985 (O2), Span 2000 (N2) and IAPWS-95 (water); Amagat's law",
        _plain_shares,
    ),
    _stream_law(
        "stream-temperature-exact",
        "a stream's temperature is that of its enthalpy, within 0.4 K",
        "H = sum m_i h_i(T, p), vapour at its partial pressure",
        "Leachman 2009 (H2), Schmidt and Wagner 1985 (O2), Span 2000 (N2), IAPWS-95 (water), in CoolProp; Amagat's law",
        _exact_shares,
        needs_equation_of_state=True,
    ),
    _stream_law(
        "vapour-liquid",
        "vapour is saturated at most, and saturated where there is liquid",
        "x_v p <= p_sat(T); equal where liquid flows",
        "Dalton's law; W. Wagner, A. Pruss 1993, doi 10.1063/1.555926; IAPWS R14-08(2011)",
        _saturation_shares,
    ),
)
"""Laws of every stream that a component gives."""
