"""What the figures of money of a run hang on, in words: what was assumed, agreed, and scaled to a year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from h2plant.results.figures import figures_in


def money_texts(summary: Mapping[str, Any]) -> list[str]:
    """Return what value and price of a run hang on, its subsidies, the worth of its stock, and what was scaled."""
    economics = summary.get("economics") or {}
    subsidies = economics.get("subsidies") or {}
    texts = [assumptions_text(economics), str((economics.get("stock") or {}).get("text") or "")]
    texts += [f"subsidies: {'; '.join(str(term) for term in terms)}"] if (terms := subsidies.get("terms")) else []
    texts += [str(subsidies.get("text") or ""), scaled_text(summary)]
    return [text for text in texts if text]


def assumptions_text(economics: Mapping[str, Any]) -> str:
    """Return the life, rate, tax and price of hydrogen that value and break-even price hang on; empty without them."""
    of = economics.get("assumptions") or {}
    if not of:
        return ""
    parts = [
        f"{of['project_life_years']:.0f} years at {100.0 * of['real_rate_frac']:.3g} % above inflation",
        f"tax {100.0 * of['tax_frac']:.4g} %",
        f"{100.0 * of['debt_frac']:.3g} % debt" if of["debt_frac"] else "no debt",
        f"prices of {of['price_year']:.0f}",
    ]
    if (price := economics.get("price_eur_per_kg")) is not None:
        parts.append(f"hydrogen earns {price:.2f} EUR per kg {of['hydrogen_basis']}")
    return f"money: {', '.join(parts)}"


def scaled_text(summary: Mapping[str, Any]) -> str:
    """Return which figures are scaled to a year, and by how much; empty where none is."""
    scaled = (summary.get("economics") or {}).get("scaled") or {}
    labels = [
        figure.label.strip() for id_, figure in figures_in(summary).items() if id_ in (scaled.get("figures") or ())
    ]
    return f"{scaled.get('note', '')}: {', '.join(labels)}" if labels else ""
