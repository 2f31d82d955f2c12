"""Laws of transformers: what they lose, how their oil warms, and at which limits they open."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core.law import ROUNDING, FloatArray, Law, Seen, at_least, at_most, equal, within
from h2plant.laws.protection import stood


def _rated_losses(seen: Seen) -> tuple[float, float]:
    """Return a transformer's loss without load and the further loss at its rating, W, from its peak efficiency."""
    k, lost = seen.parameter("peak_load_frac"), 1.0 - seen.parameter("peak_efficiency_frac")
    # 2 P_0 = (1 - PEI) k S_r is what is lost at the load k, where both losses are equal
    half = 0.5 * lost * k * seen.parameter("rating_w")
    return half, half / (k * k)


def transformer_losses() -> Law:
    """Return: iron loss at all times, copper loss with the square of the current."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        load = seen.total("loads")
        apparent = np.abs(load) / seen.parameter("power_factor_ratio")
        iron, copper = _rated_losses(seen)
        closed = ~stood(seen)
        wanted = np.where(closed, iron + copper * np.square(apparent / seen.parameter("rating_w")), 0.0)
        yield equal(seen.at("power") - seen.at("fed_back") - load, wanted, abs_=ROUNDING * np.abs(load))
        yield equal(seen.at("fed_back"), np.where(closed, 0.0, np.maximum(-load, 0.0)))
        yield equal(seen.after("loss_w"), wanted)

    return Law(
        "transformer-loss",
        "a transformer loses its iron loss, and copper loss with the square of its load; open, nothing",
        "P_in - P_out = (1 - PEI) S_r (k + x^2 / k) / 2, x = S / S_r, S = |P_out| / cos phi",
        "IEC 60076-1; Commission Regulation (EU) 548/2014, Annex II (peak efficiency index)",
        check,
        takes_arrays=True,
    )


def transformer_peak_efficiency() -> Law:
    """Return: no load is passed on more efficiently than at the peak."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        load = seen.total("loads")
        least = (1.0 - seen.parameter("peak_efficiency_frac")) * np.abs(load) / seen.parameter("power_factor_ratio")
        yield at_least(seen.at("power") - load, least, abs_=ROUNDING * np.abs(load), where=~stood(seen))

    return Law(
        "transformer-peak-efficiency",
        "a transformer is nowhere better than its peak efficiency index",
        "P_in - P_out >= (1 - PEI) S",
        "Commission Regulation (EU) 548/2014, article 2 (definition of the peak efficiency index)",
        check,
        takes_arrays=True,
    )


def transformer_oil() -> Law:
    """Return: the oil is heated by the losses and cooled by the air, and the tank gives off what is not kept."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        iron, copper = _rated_losses(seen)
        conductance = (iron + copper) / seen.parameter("rated_oil_rise_k")
        time_s = seen.parameter("oil_time_constant_s")
        loss, air, dt = seen.after("loss_w"), seen.at("ambient_temperature"), seen.step_s
        before, after = seen.before("oil_temperature_k"), seen.after("oil_temperature_k")
        final = air + loss / conductance
        yield equal(after, final + (before - final) * np.exp(-dt / time_s), rel=0.0, abs_=1.0e-6)
        capacity = conductance * time_s
        kept = capacity * (after - before) / dt
        rounding = capacity * seen.rounding("oil_temperature_k") / dt
        yield equal(seen.at("heat_loss"), loss - kept, rel=1.0e-6, abs_=rounding)
        yield within(
            seen.at("heat_loss"), conductance * (before - air), conductance * (after - air), abs_=1.0e-6 * conductance
        )

    return Law(
        "transformer-oil",
        "a transformer's oil nears the rise of its losses; its tank gives off what the oil does not keep",
        "C dT/dt = P_v - G (T - T_air), G = (P_0 + P_k) / dT_r, C = G tau",
        "IEC 60076-7 (thermal time constant of the oil), IEC 60076-2 (rise at rated losses)",
        check,
        takes_arrays=True,
    )


def transformer_protection() -> Law:
    """Return: neither oil nor winding is beyond its limit while it is closed; it closes when the oil has cooled."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, oil, stands = seen.parameter, seen.after("oil_temperature_k"), stood(seen)
        share = np.abs(seen.total("loads")) / p("power_factor_ratio") / p("rating_w")
        winding = oil + np.where(share > 1.0, p("winding_rise_k") * share**1.6, 0.0)
        yield at_most(oil, p("oil_limit_k"), where=~stands)
        yield at_most(winding, p("hot_spot_limit_k"), where=~stands & (share > 1.0))
        yield at_most(oil, p("restart_oil_k"), where=stands & (seen.after("standing_s") <= 0.0))

    return Law(
        "transformer-protection",
        "a transformer opens before oil or winding pass their limits, and closes when the oil has cooled",
        "T_oil <= 105 C, T_oil + g K^1.6 <= 140 C while closed; T_oil <= T_restart when it closes",
        "IEC 60076-7:2018, table 2 (limits for loading beyond the rating) and section 8 (hot spot)",
        check,
        takes_arrays=True,
    )
