"""Laws of rectifiers: what they lose, how their heat sink warms, and at which limits they block."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core.law import ROUNDING, FloatArray, Law, Seen, at_most, equal
from h2plant.laws.protection import stood


def rectifier_loss() -> Law:
    """Return: a rectifier loses what its three coefficients say, and without load what its controls draw."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, out = seen.parameter, seen.total("loads")
        x = out / p("rating_w")
        share = p("standby_loss_frac") + (p("linear_loss_frac") + p("quadratic_loss_frac") * x) * x
        wanted = p("rating_w") * np.where(out > 0.0, share, p("blocked_loss_frac"))
        wanted = np.where(stood(seen), 0.0, wanted)
        yield equal(seen.at("power") - out, wanted, abs_=ROUNDING * out)
        yield equal(seen.after("loss_w"), wanted)

    return Law(
        "rectifier-loss",
        "a rectifier loses what its rating and load say, without load what its controls draw",
        "P_v = P_r (a + b x + c x^2), x = P_dc / P_r; P_v = a_0 P_r for x = 0, none when it stands",
        "Schmidt and Sauer 1996, Sonnenenergie 4:43-47; Dobos 2014, NREL/TP-6A20-62641 (grid converters)",
        check,
        takes_arrays=True,
    )


def rectifier_hours() -> Law:
    """Return: hours with load are counted, and no others."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        wanted = np.where((seen.total("loads") > 0.0) & ~stood(seen), seen.step_s / 3600.0, 0.0)
        yield equal(seen.change("running_h"), wanted, abs_=seen.rounding("running_h"))

    return Law(
        "rectifier-hours",
        "a rectifier's hours are those with load",
        "dt_run = dt where P_dc > 0",
        "definition",
        check,
        takes_arrays=True,
    )


def _rated_loss(seen: Seen) -> FloatArray:
    p = seen.parameter
    share = p("standby_loss_frac") + p("linear_loss_frac") + p("quadratic_loss_frac")
    return np.asarray(p("rating_w") * np.maximum(share, 1.0e-4))


def rectifier_heat_sink() -> Law:
    """Return: the heat sink nears the rise of the loss over the air; the air takes what the heat sink does not keep."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, air, dt = seen.parameter, seen.at("ambient_temperature"), seen.step_s
        conductance = _rated_loss(seen) / p("rated_sink_rise_k")
        before, after = seen.before("sink_temperature_k"), seen.after("sink_temperature_k")
        loss = seen.after("loss_w")
        final = air + loss / conductance
        yield equal(after, final + (before - final) * np.exp(-dt / p("sink_time_constant_s")), rel=0.0, abs_=1.0e-6)
        capacity = conductance * p("sink_time_constant_s")
        yield equal(seen.change("sink_j"), capacity * (after - before), rel=1.0e-9, abs_=capacity * 1.0e-9)
        given = loss - capacity * (after - before) / dt
        yield equal(seen.at("heat_loss"), given, rel=1.0e-6, abs_=capacity * 1.0e-9 / dt + 1.0e-9 * loss)

    return Law(
        "rectifier-heat-sink",
        "a rectifier's heat sink nears the rise of its loss; the air takes what it does not keep",
        "C dT/dt = P_v - G (T - T_air), G = P_v,rated / dT_r, C = G tau",
        "first law of thermodynamics; first-order thermal model",
        check,
        takes_arrays=True,
    )


def rectifier_protection() -> Law:
    """Return: neither heat sink nor current is beyond its limit while it works; it starts when it has cooled."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, sink, stands = seen.parameter, seen.after("sink_temperature_k"), stood(seen)
        yield at_most(sink, p("sink_limit_k"), where=~stands)
        yield at_most(seen.total("loads"), p("rating_w") * p("current_limit_ratio"), rel=1.0e-8, where=~stands)
        yield at_most(sink, p("restart_sink_k"), where=stands & (seen.after("standing_s") <= 0.0))

    return Law(
        "rectifier-protection",
        "a rectifier blocks before its heat sink or its current pass their limits, and starts when it has cooled",
        "T_sink <= T_limit, P_dc <= 1.5 P_r while it works; T_sink <= T_restart when it starts again",
        "IEC 60146-1-1:2009, duty classes; rating of the heat sink",
        check,
        takes_arrays=True,
    )
