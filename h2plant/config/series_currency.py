"""Prices in other currencies become euros, by the mean exchange rate of the year that each price is of."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from h2plant.plant.exchange import PER_EUR
from h2plant.plant.finding import Finding
from h2plant.plant.series_spec import SeriesSpec


def rates_of(
    spec: SeriesSpec, currency: str, times_s: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64] | None, Finding]:
    """Return how many units of a currency a euro was at each instant, and what is to be said of it.

    Parameters
    ----------
    spec
        The series.
    currency
        Money of its numbers.
    times_s
        Instants, seconds since 1970 UTC.

    Returns
    -------
    rates, finding
        Rates of shape (n,), with a note; or None, with an error where a year has none.
    """
    where = f"series.{spec.name}"
    if spec.per_eur is not None:
        what = f"converted from {currency or 'another currency'} at {spec.per_eur:g} for a euro, as 'per_eur:' says"
        note = Finding("currency", where, what, "nothing to do", spec.declared_in, spec.line, "note")
        return np.full(times_s.shape, spec.per_eur), note
    years = times_s.astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64) + 1970
    known = PER_EUR[currency]
    used = np.unique(years).tolist()
    missing = [year for year in used if year not in known]
    if missing:
        listed = ", ".join(map(str, missing[:3])) + (" and more" if len(missing) > 3 else "")
        what = f"there is no exchange rate of {currency} for {listed}, only for {min(known)} to {max(known)}"
        remedy = f"give 'per_eur:', how many {currency} a euro is"
        return None, Finding("unknown-currency", where, what, remedy, spec.declared_in, spec.line)
    listed = ", ".join(f"{known[year]:g} in {year}" for year in used)
    what = f"converted from {currency} at {listed} for a euro (ECB, mean of the price's year)"
    note = Finding("currency", where, what, "nothing to do, or 'per_eur:'", spec.declared_in, spec.line, "note")
    return np.array([known[year] for year in years.tolist()]), note
