"""How the stacks of a solid oxide module wear: parameters of one definition and one year, 2020, with what is published.

The European work plan states wear as the production that stacks lose at thermoneutral voltage. There the current is
(V - E)/ASR, so of new stacks it is the growth of the resistance, which is even in time (7 mohm cm2/1000 h over a year,
Schefold et al. 2020). 1.9 %/1000 h of 0.5 ohm cm2 are 5.7 mV/1000 h at 0.6 A/cm2; the US DOE has 6.4 for 2022.
"""

from h2plant.core.declare import Published, parameter

_WEAR = Published(
    0.5e-5, 2.8e-5, "FCH 2 JU, work plan (addendum 2018), production lost at thermoneutral voltage: target 2030, 2017"
)
_REST = Published(
    *(0.0, 1.9e-5),
    "Schefold et al. 2020, Int. J. Hydrogen Energy 45:5143: as much at a tenth of the current (ohmic ageing); low: "
    "nickel moves under current alone (Hauch et al. 2020, doi 10.1126/science.aba6118); default between them",
)
_LIFE = Published(
    *(0.19, 0.57),
    "IRENA 2020, ISBN 978-92-9260-295-6: 20,000 h; IEA 2019, The Future of Hydrogen: 10,000 to 30,000 h; "
    "each at 1.9 %/1000 h",
)

WEAR_PARAMETERS = (
    parameter(
        "growth_per_h",
        "1/h",
        "growth of the resistance under current: the production that new stacks lose at thermoneutral voltage",
        1.9e-5,
        ge=0.0,
        published=_WEAR,
    ),
    parameter(
        "idle_growth_per_h",
        "1/h",
        "growth of the resistance while the stacks are hot enough to run and carry no current",
        0.95e-5,
        ge=0.0,
        published=_REST,
    ),
    parameter("growth_per_cycle_frac", "1", "growth of the resistance per start from cold", 1.0e-3, ge=0.0, le=0.1),
    parameter(
        "end_of_life_growth_frac",
        "1",
        "growth at which the stacks are replaced",
        0.38,
        ge=0.01,
        published=_LIFE,
    ),
)
