"""Sizes of a solid oxide module that cannot hold together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING

from h2plant.core.declare import Contradiction

if TYPE_CHECKING:
    from h2plant.components.soec_curve import SoecCurve

_EASY_W_PER_M2 = 9.0e3  # cells at their usual temperature and voltage carry more than this


def soec_contradictions(values: Mapping[str, float]) -> Iterator[Contradiction]:
    """Yield where cells cannot carry the highest power, and where the lowest power is above it."""
    power, cells, area = values["power_max_w"], values["n_cells"], values["cell_area_m2"]
    stack_w = power * (1.0 - values["parasitic_frac"]) - values["parasitic_fixed_w"]
    if stack_w > _EASY_W_PER_M2 * cells * area:
        new = SimpleNamespace(**values, asr_growth_frac=0.0)
        carried_w = cells * new_soec_curve().highest_power(new)
        if stack_w > carried_w * (1.0 + 1.0e-6):
            what = (
                f"{cells:g} cells of {area:g} m2 carry {carried_w / 1e6:.4g} MW at most "
                f"({values['voltage_max_v']:g} V), and 'power_max_mw' {power / 1e6:.4g} leaves them "
                f"{stack_w / 1e6:.4g} MW"
            )
            remedy = "raise 'voltage_max_v' or lower the resistances: at this voltage they carry nothing"
            if carried_w > 0.0:
                needed = math.ceil(cells * stack_w / carried_w)
                remedy = (
                    f"leave 'n_cells' out to let it follow from the power, give at least {needed}, or lower the power"
                )
            yield Contradiction("n_cells", what, remedy)
    parasitic_w = values["parasitic_fixed_w"] / (1.0 - values["parasitic_frac"])
    if parasitic_w >= power:
        what = f"its parasitic loads take {parasitic_w:.4g} W, all of its highest power of {power:.4g} W and more"
        yield Contradiction("parasitic_fixed_w", what, "lower it, or raise 'power_max_w'")
    if values["power_min_w"] > power:
        what = f"the module never runs: its lowest power is {values['power_min_w']:g} W, its highest {power:g} W"
        yield Contradiction("power_min_w", what, "leave it out to let it follow from the highest, or lower it")


def new_soec_curve() -> SoecCurve:
    """Return the curves of a new stack; loaded where something asks for them."""
    from h2plant.components.soec_curve import SoecCurve

    return SoecCurve()
