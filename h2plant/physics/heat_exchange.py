"""Heat exchangers: effectiveness from the number of transfer units, and conductance from the flows.

Source: Shah and Sekulic, Fundamentals of Heat Exchanger Design, Wiley 2003, DOI 10.1002/9780470172605,
table 3.4 (effectiveness-NTU formulas) and section 3.2; all hold for constant heat capacity rates, any
ntu >= 0 and 0 <= capacity_ratio <= 1. ``ntu`` is conductance (W/K) over the smaller heat capacity rate,
``capacity_ratio`` the smaller over the larger heat capacity rate.
"""

from h2plant.core.exponential import exponential_less_one
from h2plant.core.jit import leaf


@leaf
def effectiveness_condensing(ntu):
    """Return the effectiveness (-) when one side stays at its temperature (it boils, condenses or is well mixed).

    eps = 1 - exp(-NTU); the limit of every arrangement for capacity_ratio = 0.
    """
    return -exponential_less_one(-ntu)


@leaf
def effectiveness_counter_flow(ntu, capacity_ratio):
    """Return the effectiveness (-) of a counter-flow exchanger.

    eps = (1 - e) / (1 - Cr e) with e = exp(-NTU (1 - Cr)); for Cr = 1: NTU / (1 + NTU). Written with
    expm1, so that it is accurate near Cr = 1 too; the branch holds to 1e-12 where the series is used.
    """
    gap = 1.0 - capacity_ratio
    x = ntu * gap
    if x < 1.0e-6:  # e = 1 - x + ..., eps = NTU (1 - x/2) / (1 + Cr NTU (1 - x/2)) + O(x^2)
        reduced = ntu * (1.0 - 0.5 * x)
        return reduced / (1.0 + capacity_ratio * reduced)
    lost = -exponential_less_one(-x)  # 1 - e
    return lost / (gap + capacity_ratio * lost)


@leaf
def counter_flow_duty(conductance_w_per_k, hot_w_per_k, cold_w_per_k, span_k):
    """Return the duty, W, of a counter-flow exchanger from its heat capacity rates and inlet difference, K."""
    least = min(hot_w_per_k, cold_w_per_k)
    ratio = least / max(hot_w_per_k, cold_w_per_k)
    return effectiveness_counter_flow(conductance_w_per_k / least, ratio) * least * span_k


@leaf
def part_load_conductance(conductance_w_per_k, hot_ratio, cold_ratio, exponent):
    """Return the conductance, W/K, at part load: two equal film resistances in series.

    UA = 2 UA_nominal / (r_hot^-m + r_cold^-m), film coefficients as flow^m (m = 0.8 turbulent,
    Dittus-Boelter; 0.6 across tubes). ``hot_ratio`` and ``cold_ratio``: flow over nominal flow, > 0.
    """
    if exponent == 0.0:
        return conductance_w_per_k
    return 2.0 * conductance_w_per_k / (hot_ratio**-exponent + cold_ratio**-exponent)
