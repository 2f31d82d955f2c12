"""What a run of some days can say of a year: what its stock is worth, and which figures it cannot have."""

from __future__ import annotations

from dataclasses import dataclass

HOURS_PER_YEAR = 8760.0

LEAST_RETURN_H = 28.0 * 24.0
"""Shortest run, h, that has a value, a rate of return or a payback: four whole weeks.

Taken for a year, the margin of single days of the bundled year is off by 69 % (standard deviation), that of weeks by
37 %, of four weeks by 24 %, of a quarter by 18 %.
"""

RETURNS = (
    "net_present_value_eur",
    "internal_rate_nominal_frac",
    "internal_rate_frac",
    "payback_years",
    "discounted_payback_years",
)
"""What a project earns: figures that a run may be too short for."""

MOST_STOCK_FRAC = 0.1
"""Largest change of the stock, as a share of the hydrogen made, at which a run says what a year earns."""


@dataclass(frozen=True)
class Stock:
    """The hydrogen that the plant holds at the end against the start.

    Attributes
    ----------
    change_kg
        What it holds more; below nothing, what it holds less and must make again.
    price_eur_per_kg
        What a kilogram of it is worth; None: nothing says so.
    is_given
        Whether ``economics.stock_value_eur_per_kg`` says so; else it is what power and water cost per kilogram made.
    """

    change_kg: float = 0.0
    price_eur_per_kg: float | None = None
    is_given: bool = False

    @property
    def value_eur(self) -> float | None:
        """Worth of the change: a credit, or below nothing the cost of making it again; None without a price."""
        if self.change_kg == 0.0:
            return 0.0
        return None if self.price_eur_per_kg is None else self.change_kg * self.price_eur_per_kg

    def in_words(self) -> str:
        """Return it in a line, for tables; '' where nothing has changed by half a kilogram."""
        if abs(self.change_kg) < 0.5:
            return ""
        text = f"stock at the end against the start: {self.change_kg:+,.0f} kg"
        if self.value_eur is None or self.price_eur_per_kg is None:
            return f"{text}, {NO_STOCK_VALUE}"
        of = "economics.stock_value_eur_per_kg" if self.is_given else "power and water per kg made"
        return f"{text}, {self.value_eur:+,.0f} EUR ({self.price_eur_per_kg:.3f} EUR/kg, {of})"


NO_STOCK_VALUE = "without a value: nothing was made that tells it, nor does economics.stock_value_eur_per_kg"


def span_in_words(hours: float) -> str:
    """Return a length of time: in days where it is whole days, else in hours."""
    days = hours / 24.0
    if hours >= 24.0 and abs(days - round(days)) < 1e-6:
        return f"{days:,.0f} day{'' if round(days) == 1 else 's'}"
    return f"{hours:,.6g} hour{'' if hours == 1.0 else 's'}"


def stock_dominates(stock: Stock, made_kg: float) -> str:
    """Return why the change of the stock says too much for a figure of a year; '' where it does not."""
    if not made_kg > 0.0 or abs(stock.change_kg) <= MOST_STOCK_FRAC * made_kg:
        return ""
    share = abs(stock.change_kg) / made_kg
    how = "grew" if stock.change_kg > 0.0 else "shrank"
    return (
        f"the stock {how} by {abs(stock.change_kg):,.0f} kg, {share:.0%} of the hydrogen made (at most "
        f"{MOST_STOCK_FRAC:.0%}): a year cannot go on like that"
    )


def no_return(hours: float, stock: Stock, made_kg: float) -> str:
    """Return why a run has no net present value, rate of return and payback; '' where it has."""
    if hours < LEAST_RETURN_H - 1e-6:
        span, least = span_in_words(hours), span_in_words(LEAST_RETURN_H)
        return f"a run of {span} does not tell what a year earns: take at least {least}"
    return stock_dominates(stock, made_kg)


def why_left_out(hours: float) -> str:
    """Return why a scenario of a study may have no return: its span, or else what only its run tells."""
    return no_return(hours, Stock(), 0.0) or (
        f"nothing was sold, or the stock changed by more than {MOST_STOCK_FRAC:.0%} of the hydrogen made"
    )


def scaled_note(hours: float) -> str:
    """Return what is to be known of a cost per kilogram that comes from a run of some length; '' for a year."""
    if abs(hours - HOURS_PER_YEAR) <= 1.0:
        return ""
    return f"scaled to a year, {span_in_words(hours)} times {HOURS_PER_YEAR / hours:,.4g}, so of that time alone"
