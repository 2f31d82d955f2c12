"""Lines of electrolysers as a rule of dispatch is offered them, for tests of rules by themselves."""

from typing import Any

from h2plant.core.constants import EUR_PER_MWH, J_PER_KWH
from h2plant.core.declare import Kind
from h2plant.testing import Rig

ANY_W = 1.0e12
"""Power above any plant's."""

SOEC = {
    **{"maximum": 11.52e6, "minimum": 0.12e6, "reach": -1.0, "start_margin": 1.0, "load": 1.0, "reserve_load": 1.0},
    **{"min_up": 1800.0, "min_down": 600.0, "held": 600.0, "is_making": 1.0, "is_bought_for": 1.0},
    **{"standby": 0.37e6, "cold_start": 43.0e3, "specific_energy": 44.0 * J_PER_KWH, "price_limit": 80.0 * EUR_PER_MWH},
}
"""Six modules of the reference plant; starts at its smallest power."""
PEM = {
    **{"maximum": 5.0e6, "minimum": 0.25e6, "reach": -1.0, "start_margin": 1.0, "load": 1.0, "reserve_load": 1.0},
    **{"min_up": 600.0, "min_down": 300.0, "held": 300.0, "is_making": 1.0, "is_bought_for": 1.0},
    **{"standby": 0.0, "cold_start": 140.0, "specific_energy": 58.0 * J_PER_KWH, "price_limit": 60.0 * EUR_PER_MWH},
}
"""Five stacks of the reference plant."""
AT_ONCE = {"min_up": 0.0, "min_down": 0.0}
"""A line that starts and stops as its rule says."""


def rule_with(
    kind: Kind,
    *lines: dict[str, float],
    is_plain: bool = False,
    sources: int = 1,
    batteries: int = 0,
    **parameters: float,
) -> Rig:
    """Return a rule that serves lines, those of the reference plant by default, on a grid without a limit of its own.

    Parameters
    ----------
    kind, parameters
        The rule; a purchase limit of 10 MW holds unless another is given.
    lines
        What each offers.
    is_plain, sources, batteries
        As plain Python; number of sources and of batteries.
    """
    lines = lines or (SOEC, PEM)
    n_links = {"lines": len(lines), "plans": len(lines), "available_power": sources}
    n_links |= {"battery_charge": batteries, "battery_discharge": batteries, "battery_level": batteries}
    known: dict[str, Any] = {port.name: port for port in kind.ports}
    values = {"purchase_limit_w": 10.0e6, **parameters}
    rig = Rig(kind, values, {name: n for name, n in n_links.items() if name in known}, is_plain)
    rig.set_signal("grid_limit", ANY_W)
    for k, line in enumerate(lines):
        rig.set_line("lines", k, **line)
    return rig


def setpoints(rig: Rig, n: int = 2) -> list[float]:
    """Return the set points of the first n lines, W."""
    return [rig.line("setpoint", k) for k in range(n)]
