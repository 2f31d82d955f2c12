"""What each component owes and gave in a run: asked, given, the share, and the hours in which it was short."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from h2plant.core.constants import SHORT_FRAC
from h2plant.core.served import OWED, Owed
from h2plant.results.served_figures import SERVED_UNITS, SHORT_OF_POWER, TIMES_OF_POWER, share_served
from h2plant.results.totals import Totals


def served_by_component(totals: Totals) -> dict[str, dict[str, dict[str, float | None]]]:
    """Return, by component and medium, what was asked and given, their share, and the hours short.

    Hydrogen is in kg, water in t, all else in MWh. ``short_h`` is None where the time is not counted.
    """
    found: dict[str, dict[str, dict[str, float | None]]] = {}
    for medium in OWED:
        given, short, time_s = _power(totals) if medium == "power" else _owed(totals, medium)
        for i, value in given.items():
            of = found.setdefault(totals.program.component_ids[i], {})
            of[medium] = _entry(medium, value, short.get(i, 0.0), time_s.get(i))
    return found


def served_summary(totals: Totals) -> dict[str, Any]:
    """Return what the summary of a run says of it: by component, and for the plant who was short of most."""
    found = {}
    for medium in OWED:
        short = _of_power(totals, SHORT_OF_POWER) if medium == "power" else totals.quantity(f"short_{medium}")
        if short:
            most = max(short, key=lambda i: short[i])
            found[medium] = {"most_short": totals.program.component_ids[most] if short[most] > 0.0 else ""}
    return {"plant": found, "components": served_by_component(totals)}


def _owed(totals: Totals, medium: Owed) -> tuple[dict[int, float], ...]:
    return tuple(totals.quantity(f"{what}_{medium}_by_component") for what in ("given", "short", "time"))


def _power(totals: Totals) -> tuple[dict[int, float], ...]:
    """Return what had a source of all that is drawn from each grid and bus, what had none, and for how long, s."""
    short = _of_power(totals, SHORT_OF_POWER)
    given = {i: max(totals.drawn_from(i), lacked) - lacked for i, lacked in short.items()}
    return given, short, _of_power(totals, TIMES_OF_POWER)


def _of_power(totals: Totals, names: tuple[str, ...]) -> dict[int, float]:
    return {i: value for name in names for i, value in totals.quantity(name).items()}


def _entry(medium: Owed, given: float, short: float, time_s: float | None) -> dict[str, float | None]:
    suffix, _, factor = SERVED_UNITS[medium]
    return {
        f"asked_{suffix}": (given + short) * factor,
        f"given_{suffix}": given * factor,
        "served_frac": share_served(given, short),
        "short_h": None if time_s is None else time_s / 3600.0,
    }


def short_media(key_figures: Mapping[str, Any]) -> list[tuple[Owed, float]]:
    """Return the media of which not all was served, each with its share, the worst first."""
    shares = [(medium, key_figures.get(f"{medium}_served_frac")) for medium in OWED]
    found = [(medium, float(share)) for medium, share in shares if share is not None and share < 1.0 - SHORT_FRAC]
    return sorted(found, key=lambda one: one[1])


class Short(NamedTuple):
    """A medium of which not all was given, as tables show it."""

    medium: str
    asked: str
    given: str
    unit: str
    share: str
    hours: str
    at: str


_LITTLE_H = 0.05  # hours short that are shown as none

SHORT_HEADINGS = ("not all given", "asked", "given", "unit", "share", "hours short", "most of it at")


def short_rows(summary: Mapping[str, Any]) -> list[Short]:
    """Return a row for each medium of a summary of which not all was given, the worst first."""
    figures = summary.get("key_figures") or {}
    rows = []
    for medium, share in short_media(figures):
        suffix, unit, _ = SERVED_UNITS[medium]
        asked, given = (figures.get(f"{medium}_{what}_{suffix}") for what in ("asked", "given"))
        hours = figures.get(f"{medium}_short_h")
        amounts = ["-" if v is None else format(v, ",.0f" if v >= 1.0e5 else ",.1f") for v in (asked, given)]
        time = "not counted" if hours is None else f"{hours:,.1f}"
        of_plant = (summary.get("served") or {}).get("plant") or {}
        most = str((of_plant.get(medium) or {}).get("most_short") or "")
        near_all = ".2%" if share >= 1.0 - 5.0 * SHORT_FRAC else ".1%"
        rows.append(Short(medium, amounts[0], amounts[1], unit, format(share, near_all), time, most))
    return rows


def all_served(summary: Mapping[str, Any]) -> str:
    """Return in a line which media were served, where all were; '' where one was not, or nothing is owed.

    What was short for a while and made up for later, such as trailers that waited, is named with its hours.
    """
    figures = summary.get("key_figures") or {}
    owed = [medium for medium in OWED if figures.get(f"{medium}_served_frac") is not None]
    if not owed or short_media(figures):
        return ""
    hours = {medium: figures.get(f"{medium}_short_h") or 0.0 for medium in owed}
    late = [f"{medium} {h:,.1f} h" for medium, h in hours.items() if h >= _LITTLE_H]
    end = f"; hours short, in all but little, or made up for later: {', '.join(late)}" if late else ""
    return f"all served, {1.0 - SHORT_FRAC:.1%} of what was asked or more: {', '.join(owed)}{end}"


def promise_text(key_figures: Mapping[str, Any]) -> str:
    """Return what of the hydrogen that customers asked for was missing; '' where all of it was given."""
    if all(medium != "hydrogen" for medium, _ in short_media(key_figures)):
        return ""
    asked, given = key_figures["hydrogen_asked_kg"], key_figures["hydrogen_given_kg"]
    hours = key_figures.get("hydrogen_short_h")
    when = "" if hours is None else f", {hours:,.0f} h short"
    return f"{asked - given:,.0f} of {asked:,.0f} kg hydrogen missing ({given / asked:.1%} served{when})"
