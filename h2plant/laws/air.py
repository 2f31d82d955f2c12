"""Laws of blowers: air that is asked for, its composition, the work that moves it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core.law import FloatArray, Law, Seen, at_most, equal
from h2plant.core.law_constants import MOLAR_MASS_N2_KG_PER_MOL, MOLAR_MASS_O2_KG_PER_MOL

_OXYGEN = 0.2095
_GAS_J_PER_KG_K, _KAPPA = 287.05, 1.4  # dry air (ISO 2533)


def air_flow() -> Law:
    """Return: what is blown is what is asked for, in its proportion, up to the rated flow."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, flow = seen.parameter, seen.stream("outlet").mass
        n = len(seen.places["demand"].slots) if seen.is_linked("demand") else 0
        asked = sum((np.maximum(seen.asked("demand", k), 0.0) for k in range(n)), seen.nothing) * p("demand_ratio")
        moves = flow > 0.0
        yield equal(flow, np.minimum(asked, p("rated_flow_kg_per_s")), where=moves)
        yield at_most(flow, p("rated_flow_kg_per_s"))
        yield equal(flow, seen.stream("air").mass)

    return Law(
        "air-flow",
        "a blower moves what is asked for in its proportion, and no more than its rated flow",
        "m = min(k m_asked, m_rated)",
        "parameters of the component; conservation of mass",
        check,
    )


def air_composition() -> Law:
    """Return: what is blown is dry air."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        out = seen.stream("outlet")
        o2, n2 = out.o2 / MOLAR_MASS_O2_KG_PER_MOL, out.n2 / MOLAR_MASS_N2_KG_PER_MOL
        yield equal(o2 * (1.0 - _OXYGEN), n2 * _OXYGEN)
        yield equal(out.h2 + out.vapour + out.liquid, 0.0)

    return Law("air", "what is blown is dry air", "x_O2 = 0.2095", "ISO 2533, standard atmosphere", check)


def air_work() -> Law:
    """Return: power is that of isentropic compression over the efficiencies, and warms the air but for the motor's."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, out, power = seen.parameter, seen.stream("outlet"), seen.at("power")
        T = seen.at("ambient_temperature")
        cp = _GAS_J_PER_KG_K * _KAPPA / (_KAPPA - 1.0)
        ratio = p("discharge_pressure_pa") / p("suction_pressure_pa")
        shaft = out.mass * cp * T * (ratio ** (1.0 - 1.0 / _KAPPA) - 1.0) / p("efficiency_frac")
        yield equal(power * p("motor_efficiency_frac"), shaft, rel=3e-3)
        yield equal(seen.at("heat_loss"), power * (1.0 - p("motor_efficiency_frac")), rel=1e-7)
        # real air: its throttling coefficient is 0.2 K/bar
        warmed = out.mass * cp * (out.temperature_k - T)
        yield equal(warmed, shaft, rel=1e-2, abs_=out.mass * cp * 0.1, where=out.mass > 0.0)

    return Law(
        "blower-work",
        "a blower draws the work of isentropic compression over its efficiencies, which warms the air",
        "P = m cp T ((p2/p1)^(R/cp) - 1) / (eta eta_motor)",
        "first law of thermodynamics; ideal gas",
        check,
    )
