"""Laws of rectifiers: what they lose, and when they run."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core.law import FloatArray, Law, Seen, equal


def rectifier_loss() -> Law:
    """Return: a rectifier loses what its three coefficients say, and without load what its controls draw."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, out, loss = seen.parameter, seen.total("loads"), seen.at("heat_loss")
        x = out / p("rating_w")
        share = p("standby_loss_frac") + (p("linear_loss_frac") + p("quadratic_loss_frac") * x) * x
        wanted = p("rating_w") * np.where(out > 0.0, share, p("blocked_loss_frac"))
        yield equal(loss, wanted)
        yield equal(seen.after("loss_w"), wanted)

    return Law(
        "rectifier-loss",
        "a rectifier loses what its rating and load say, without load what its controls draw",
        "Q = P_r (a + b x + c x^2), x = P_dc / P_r; Q = a_0 P_r for x = 0",
        "Schmidt and Sauer 1996, Sonnenenergie 4:43-47; Dobos 2014, NREL/TP-6A20-62641 (grid converters)",
        check,
        takes_arrays=True,
    )


def rectifier_hours() -> Law:
    """Return: hours with load are counted, and no others."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        wanted = np.where(seen.total("loads") > 0.0, seen.step_s / 3600.0, 0.0)
        yield equal(seen.change("running_h"), wanted, abs_=seen.rounding("running_h"))

    return Law(
        "rectifier-hours",
        "a rectifier's hours are those with load",
        "dt_run = dt where P_dc > 0",
        "definition",
        check,
        takes_arrays=True,
    )
