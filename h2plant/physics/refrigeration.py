"""Coefficient of performance of a vapour-compression chiller."""

from h2plant.core.jit import leaf


@leaf
def chiller_cop(carnot_frac, evaporation_k, condensation_k):
    """Return heat removed per electricity, (-): COP = carnot_frac T_evap / (T_cond - T_evap).

    Source: Carnot's cycle between the two saturation temperatures times a second-law efficiency of 0.5 to 0.7
    (K. C. Ng, H. T. Chua, J. M. Gordon, Cool Thermodynamics, Cambridge Int. Science Publ. 2000, ch. 2).
    Range: condensation at least some 10 K above evaporation; the caller sees to that (minimum head pressure).
    With 0.6 and a lift of 35 K: 4.7, falling by 1 / 35 = 2.9 % per kelvin.
    """
    return carnot_frac * evaporation_k / (condensation_k - evaporation_k)


@leaf
def cycling_power(steady_w, lowest_w, loss_frac):
    """Return the mean power, W, of a machine that goes on and off below its lowest step.

    P = (1 - d) P_steady + d P_lowest: the part-load factor r / (Cc r + 1 - Cc) of EN 14825 with r = P_steady / P_lowest
    and Cc = 1 - d, 0.9 where it was not measured.

    Arguments: what the heat would take at the efficiency of steady running, W; power at the lowest step, W; d.
    """
    return (1.0 - loss_frac) * steady_w + loss_frac * lowest_w
