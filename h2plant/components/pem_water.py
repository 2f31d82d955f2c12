"""Water that protons drag through the membrane of a PEM stack, and what of it comes back: parameters, with sources.

A membrane in liquid water carries 2.5 molecules a proton at 22 molecules a sulphonic group, and in proportion to them.
0.27, which models copy beside the permeabilities of Schalenbach et al. 2013, is a tenth of that.
"""

from h2plant.core.declare import Published, parameter

_DRAG = Published(
    *(2.5, 3.0),
    "Springer et al. 1991, 10.1149/1.2085971, 2.5 at 22 molecules a sulphonic group; Zawodzinski et al. 1993, "
    "10.1149/1.2056194, 2.5; Ge et al. 2006, 10.1149/1.2203934, up to 2.7 in liquid at 85 degC",
)
_SEPARATOR = Published(
    *(0.95, 0.999), "knock-out drums 0.95 to 0.99, with a mesh up to 0.999: GPSA Engineering Data Book"
)

WATER_PARAMETERS = (
    parameter(
        *("drag_ratio", "1", "water that a proton drags through the membrane", 2.84),
        ge=0.0,
        le=5.0,
        size_from="membrane_water_ratio",
        published=_DRAG,
    ),
    parameter(
        *("separator_frac", "1", "liquid water that the cathode's separator leads back to the loop", 0.98),
        ge=0.0,
        le=1.0,
        published=_SEPARATOR,
    ),
)
