"""Losses of transformers and converters, thermal time constants of transformers, contract prices."""

from h2plant.core.jit import leaf


@leaf
def transformer_no_load_loss(rating_w, peak_efficiency_frac, peak_load_frac):
    """Return the no-load (iron) loss, W, of a transformer from its peak efficiency index.

    At the load fraction k_PEI of the peak, iron and copper losses are equal, so that
    PEI = 1 - 2 P_0 / (k_PEI S_r), hence P_0 = (1 - PEI) k_PEI S_r / 2.
    Source: Commission Regulation (EU) 548/2014, Annex II (peak efficiency index), amended by (EU) 2019/1783;
    cooling power at no load is counted in P_0. Range: 0 < PEI < 1, 0 < k_PEI <= 1.
    """
    return 0.5 * (1.0 - peak_efficiency_frac) * peak_load_frac * rating_w


@leaf
def transformer_load_loss(rating_w, peak_efficiency_frac, peak_load_frac):
    """Return the load (copper) loss, W, of a transformer at its rating from its peak efficiency index.

    P_k = P_0 / k_PEI^2 with P_0 as in ``transformer_no_load_loss``; same source and range.
    """
    return 0.5 * (1.0 - peak_efficiency_frac) * rating_w / peak_load_frac


@leaf
def transformer_loss(load_w, power_factor, rating_w, no_load_loss_w, load_loss_w):
    """Return the loss, W, of a transformer at an active power of either sign.

    P_v = P_0 + P_k (S / S_r)^2 with S = |P| / cos(phi).
    Source: IEC 60076-1 (losses at reference temperature and rated voltage), (EU) 548/2014, Annex II.
    Range: rated voltage, sinusoidal current; harmonic currents of rectifiers raise P_k by some 5 to 15 %.
    """
    load = load_w / (power_factor * rating_w)
    return no_load_loss_w + load_loss_w * load * load


@leaf
def converter_loss(load_w, rating_w, standby_frac, linear_frac, quadratic_frac):
    """Return the loss, W, of a power-electronic converter at an output power of ``load_w``.

    P_v = P_r (a + b x + c x^2), x = P / P_r: a is the supply of controls and cooling, b the threshold voltages
    and switching, c the ohmic resistance of semiconductors, chokes and bars.
    Source: Schmidt and Sauer 1996, Sonnenenergie 4:43-47 (the law); Dobos 2014, PVWatts Version 5 Manual,
    NREL/TP-6A20-62641 (grid converters: efficiency 0.9858 - 0.0162 z - 0.0059 / z of the input share z; in terms
    of the output a = 0.00627, b = 0.01417, c = 0.01721, within 2e-4 of that efficiency for z of 0.1 to 1).
    Range: 0 <= x <= 1.1.
    """
    load = load_w / rating_w
    return rating_w * (standby_frac + load * (linear_frac + load * quadratic_frac))


@leaf
def two_price_cost(power_w, block_power_w, block_price_eur_per_j, excess_price_eur_per_j):
    """Return the cost, EUR/s, of power bought at one price up to a block and at another above it."""
    block = min(power_w, block_power_w)
    return block * block_price_eur_per_j + (power_w - block) * excess_price_eur_per_j
