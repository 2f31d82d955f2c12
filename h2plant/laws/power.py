"""Laws of electric power: converters lose, and by how much."""

from __future__ import annotations

from collections.abc import Iterator

from h2plant.core.law import FloatArray, Law, Row, Seen, SumLaw, Term, at_least, equal, sum_law


def converter_balance(inflow: str = "power", outflow: str = "loads", loss: str = "heat_loss") -> SumLaw:
    """Return: what a converter draws is what it gives and what it loses."""
    return sum_law(
        "converter-balance",
        "what a converter draws is what it gives and loses",
        "P_in = P_out + Q",
        "first law of thermodynamics",
        Row((Term(inflow), Term(outflow, -1.0), Term(loss, -1.0))),
    )


def rectifier_loss() -> Law:
    """Return: a rectifier at work loses what its three coefficients say, and not less than the best on the market."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        rating, out, loss = seen.parameter("rating_w"), seen.total("loads"), seen.at("heat_loss")
        load = out / rating
        p = seen.parameter
        wanted = rating * (
            p("standby_loss_frac") + p("linear_loss_frac") * load + p("quadratic_loss_frac") * load * load
        )
        yield equal(loss, wanted, rel=1e-6, where=out > 0.0)
        yield at_least(loss, 0.0)

    return Law(
        "rectifier-loss",
        "a rectifier loses what its rating and load say",
        "Q = P_r (k0 + k1 x + k2 x^2), x = P_dc / P_r",
        "M. Schmidt et al., three-coefficient loss of power electronics; parameters of the component",
        check,
    )
