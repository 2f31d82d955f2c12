"""What the baseline engine runs in place of held expansions: the state itself, solved at every step.

The compiled engine keeps expansions about the last solved state (``water``, ``gas``, ``compression`` beside this file,
the SOEC's outlet gas) and renews them when the state moves. The baseline never relies on one: these stand-ins for
``h2plant.core.jit.plain`` tell that nothing held serves any other state, and leave out the slopes that nothing would
use. So a comparison of the two engines checks the expansions as well as the tables.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from h2plant.physics.held.water import PARTIAL_0, PRESSURE_0, TEMPERATURE_0


def holds_liquid(held: tuple[float, ...], pressure_pa: float, temperature_k: float) -> bool:
    """Tell whether the held liquid was looked up at this very state."""
    return temperature_k == held[TEMPERATURE_0] and pressure_pa == held[PRESSURE_0]


def holds_water(held: tuple[float, ...], partial_pa: float, pressure_pa: float, temperature_k: float) -> bool:
    """Tell whether the held water was looked up at this very state."""
    return holds_liquid(held, pressure_pa, temperature_k) and partial_pa == held[PARTIAL_0]


def holds_gas(c: Any, pressure_pa: float, temperature_k: float) -> bool:
    """Tell whether the held gases were looked up at this very state."""
    return bool(temperature_k == c.held_gas_k and pressure_pa == c.held_gas_pa)


def holds_outlet(c: Any, temperature_k: float, steam_pa: float, pressure_pa: float) -> bool:
    """Tell whether the outlet gas of an SOEC module was looked up at this very state."""
    is_same = temperature_k == c.held_outlet_k and steam_pa == c.held_steam_pa and pressure_pa == c.held_outlet_pa
    return bool(is_same)


def no_slope(*_state: Any) -> float:
    """Return a slope that nothing multiplies by other than zero."""
    return 0.0


def no_slopes(*_state: Any) -> tuple[float, float, float]:
    """Return slopes of three gases, as ``no_slope``."""
    return 0.0, 0.0, 0.0


def no_evaporation(*_state: Any) -> float:
    """Leave the search to the flash."""
    return 0.0


def holds_no_compression(*_state: Any) -> bool:
    """Tell that no held solution serves."""
    return False


def no_expansion(*_state: Any) -> None:
    """Leave the slopes of the expansion as they are: only its centre is used."""


DIRECT: dict[str, Callable[..., Any]] = {
    "h2plant.physics.held.water.holds_liquid": holds_liquid,
    "h2plant.physics.held.water.holds_water": holds_water,
    "h2plant.physics.held.water.liquid_slope": no_slope,
    "h2plant.physics.held.water.vapour_slope": no_slope,
    "h2plant.physics.held.gas.holds_gas": holds_gas,
    "h2plant.physics.held.gas.gas_slopes": no_slopes,
    "h2plant.physics.soec_heat_balance.holds_outlet": holds_outlet,
    "h2plant.physics.wet_gas.evaporated_temperature": no_evaporation,
    "h2plant.physics.held.compression.holds_compression": holds_no_compression,
    "h2plant.physics.held.compression.expand_compression": no_expansion,
}
"""Full name of each kernel -> what stands in for it."""
