"""How a PEM stack wears: parameters, with what is published for them.

A start. The model of Tully (NREL's ``electrolyzer``, 2021) takes 148 uV, a 4,880th of a life that ends at 721 mV;
the life here ends when a tenth of the efficiency is lost, some 210 mV, and the same share of it is 43 uV. Read against
this life, 148 uV are a 1,430th of it; 5 uV, of stacks that are kept polarised at rest, a 42,000th.
"""

from h2plant.core.declare import Published, parameter

_HOURS = Published(
    *(1.0e-6 / 3600.0, 10.0e-6 / 3600.0),
    "IRENA 2020, ISBN 978-92-9260-295-6; FCH 2 JU, work plan (addendum 2018): 0.19 %/1000 h in 2020, 3.6 uV/h",
)
_STARTS = Published(
    *(5.0e-6, 148.0e-6),
    "NREL electrolyzer (Tully 2021): 148 uV of a life of 721 mV, the share of a life taken over; low: an estimate, "
    "stacks kept polarised at rest",
)

WEAR_PARAMETERS = (
    parameter(
        *("degradation_v_per_s", "V/s", "cell voltage gain at rated current", 3e-6 / 3600.0),
        ge=0.0,
        le=1e-6,
        published=_HOURS,
    ),
    parameter(
        *("degradation_per_start_v", "V", "voltage gain per cell by each start", 43e-6),
        ge=0.0,
        le=1e-2,
        published=_STARTS,
    ),
    parameter("end_of_life_loss_frac", "1", "loss of efficiency that ends the stack's life", 0.10, ge=0.01, le=0.9),
)
