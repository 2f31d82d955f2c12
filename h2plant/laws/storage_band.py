"""Laws of the rule by zones of the storage level: what it asks of lines, and in which zone a level is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from h2plant.core import bus
from h2plant.core.law import FloatArray, Law, Seen, equal
from h2plant.laws.dispatch import Line, line_requests, rule_request


def storage_band() -> Law:
    """Return what the rule of that name asks for."""

    def asks(seen: Seen, k: int, line: Line, own: FloatArray) -> tuple[Any, Any, Any]:
        zone = seen.after("zone")
        share = np.select([zone < 1.5, zone < 2.5], [1.0, seen.parameter("high_load_frac")], 0.0)
        buys = (zone < 0.5) & (seen.at("price") <= seen.parameter("purchase_limit_eur_per_j"))
        most = line.now(bus.MAXIMUM)
        return most * share, most * buys, False

    return rule_request(
        "lines run by the zone of the storage: bought for, by own power, reduced, off",
        "P = P_max, min(P_max, P_own), min(x P_max, P_own), 0",
        line_requests(asks),
    )


def storage_zone() -> Law:
    """Return: the zone follows from the level of the storage, down again a band below its limit."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        limits = [seen.parameter(f"{name}_level_frac") for name in ("low", "high", "stop")]
        level, zone, band = seen.at("storage_level"), seen.after("zone"), seen.parameter("level_band_frac")
        if limits == sorted(limits):
            up = np.searchsorted(limits, level, side="right")
            down = np.searchsorted([limit - band for limit in limits], level, side="right")
            yield equal(zone, np.clip(seen.before("zone"), up, down))

    return Law(
        "rule-zone",
        "the zone of a storage band follows from the level, down again a band below its limit",
        "n(L) <= zone <= n(L + b)",
        "definition of the rule",
        check,
    )
