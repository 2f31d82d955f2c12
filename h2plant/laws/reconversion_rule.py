"""Law of the rule by which fuel cells and engines run: price, level, and what customers are owed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core.law import FloatArray, Law, Seen, equal


def _check(seen: Seen) -> Iterator[FloatArray]:
    p, price, level = seen.parameter, seen.at("price"), seen.at("storage_level")
    limit, band = p("price_limit_eur_per_j"), p("price_band_eur_per_j")
    off = 1.0e-12 * (np.abs(price) + abs(limit) + band)
    is_up, is_down = price > limit + band + off, price < limit - band - off
    inside = (price > limit - band + off) & (price < limit + band - off)
    dear = np.where(is_up, 1.0, np.where(is_down, 0.0, seen.before("is_dear")))
    yield equal(seen.after("is_dear"), dear, abs_=1.0e-12, where=is_up | is_down | inside)

    stored, kept = seen.total("storage_surplus"), p("kept_ratio") * seen.total("owed_today")
    low, high = p("min_level_frac"), p("min_level_frac") + p("level_band_frac")
    stops, starts = (level < low) | (stored < kept), (level >= high) & (stored >= 1.1 * kept)
    near = 1.0e-9 * (stored + kept)
    is_clear = (np.abs(level - low) > 1.0e-12) & (np.abs(level - high) > 1.0e-12)
    is_clear &= ((np.abs(stored - kept) > near) & (np.abs(stored - 1.1 * kept) > near)) | (
        (kept == 0.0) & (stored >= 0.0)
    )
    enough = np.where(stops, 0.0, np.where(starts, 1.0, seen.before("is_stored")))
    yield equal(seen.after("is_stored"), enough, abs_=1.0e-12, where=is_clear)

    load = p("run_load_frac") * seen.after("is_dear") * seen.after("is_stored")
    yield equal(seen.at("load"), load)
    yield equal(seen.after("load_frac"), load)


def reconversion_laws() -> tuple[Law, ...]:
    """Return the laws of the rule 'reconversion'."""
    return (
        Law(
            "reconversion-request",
            "load is asked for above a price, while the store is above a level and holds more than customers are owed",
            "x where p > p_limit + b until p < p_limit - b, L >= L_min, m_store >= r m_today",
            "definition of the rule",
            _check,
        ),
    )
