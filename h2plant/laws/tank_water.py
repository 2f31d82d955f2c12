"""Law of the water that condenses in a tank of hydrogen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core.bus import LIQUID
from h2plant.core.law import FloatArray, Law, Seen, at_most, equal
from h2plant.core.law_constants import (
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_N2_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
)
from h2plant.laws.water_properties import saturation_pressure


def drained_before(seen: Seen) -> FloatArray:
    """Return the water that a tank drained in the step before, kg/s."""
    return np.asarray(seen.slots_before[:, seen.places["drain"].slots[0] + LIQUID])


def tank_condensate() -> Law:
    """Return: vapour over its saturation leaves a tank as water, and no other."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        held = {"h2_kg": MOLAR_MASS_H2_KG_PER_MOL, "o2_kg": MOLAR_MASS_O2_KG_PER_MOL,
                "n2_kg": MOLAR_MASS_N2_KG_PER_MOL, "h2o_kg": MOLAR_MASS_H2O_KG_PER_MOL}  # fmt: skip
        moles = sum((seen.after(name) / mass for name, mass in held.items()), seen.nothing)
        vapour = seen.after("h2o_kg") / MOLAR_MASS_H2O_KG_PER_MOL * seen.after("pressure_pa") / moles
        saturated = saturation_pressure(seen.after("temperature_k"))
        # what is blown off cools the gas after its water has left
        is_known = (seen.after("temperature_k") > 243.0) & (seen.stream("relief").mass <= 0.0)
        drain = seen.stream("drain")
        yield at_most(vapour, saturated, rel=1e-2, where=is_known)
        yield equal(vapour, saturated, rel=1e-2, where=is_known & (drain.mass > 0.0))
        yield equal(drain.mass, drain.liquid)

    return Law(
        "tank-condensate",
        "vapour over its saturation condenses in a tank and is drained, down to saturation",
        "n_H2O p/n <= p_sat(T); = p_sat(T) where m_drain > 0",
        "Dalton's law; IAPWS SR1-86(1992)",
        check,
        takes_arrays=True,
    )
