"""What labels say of the hydrogen of a run by what it emits, as tables show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

LABELS_TITLE = "labels by CO2 equivalent, each by its own boundary"


class LabelRow(NamedTuple):
    """A label: its name, where emissions are counted, what a kilogram emits, what it may, and the share that meets it.

    Emissions are in kg and, by the lower heating value, in g/MJ.
    """

    name: str
    counted: str
    kg_per_kg: float
    g_per_mj: float
    limit_kg_per_kg: float
    met_frac: float


def label_rows(summary: Mapping[str, Any]) -> list[LabelRow]:
    """Return the labels that the hydrogen of a run was held against; empty where none was."""
    return [
        LabelRow(
            name=str(one["name"]) + (f", {paid:.2f} USD/kg" if (paid := one.get("usd_per_kg")) else ""),
            counted="delivered" if "delivered" in str(one["boundary"]) else "at the gate",
            kg_per_kg=one["kg_per_kg"],
            g_per_mj=one["g_per_mj"],
            limit_kg_per_kg=one["limit_kg_per_kg"],
            met_frac=one["share_frac"] if one["is_met"] else 0.0,
        )
        for one in _labels(summary).values()
    ]


_NO_MONITOR = (
    "nothing certifies power; add 'origin: {kind: origin_monitor}' with links from the sources, such as "
    "'wind.renewable_power -> origin.renewable'"
)


def why_no_label(summary: Mapping[str, Any]) -> list[str]:
    """Return why a label goes to no hydrogen at all, whatever it emits."""
    labels = _labels(summary)
    of_none = {id_ for id_, one in labels.items() if not one["share_frac"] > 0.0}
    found = []
    if "eu_rfnbo" in of_none:
        figures = summary.get("key_figures", {})
        why = "none of the power was certified" if "rfnbo_frac" in figures else _NO_MONITOR
        if not figures.get("hydrogen_made_kg"):
            why = "no hydrogen was made"
        found.append(f"{labels['eu_rfnbo']['name']}: {why}")
    if "eu_low_carbon" in of_none:
        found.append(f"{labels['eu_low_carbon']['name']}: is for hydrogen that is not renewable, and all of it is")
    return found


def _labels(summary: Mapping[str, Any]) -> Mapping[str, Any]:
    labels: Mapping[str, Any] = ((summary.get("economics") or {}).get("carbon") or {}).get("labels") or {}
    return labels
