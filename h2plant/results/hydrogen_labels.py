"""What labels say of the hydrogen of a run by what it emits, as tables show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

LABELS_TITLE = "labels by CO2 equivalent, each by its own boundary"


class LabelRow(NamedTuple):
    """A label: its name, where emissions are counted, what a kilogram emits, what it may, and the share that meets it.

    Emissions are in kg and, by the lower heating value, in g/MJ. ``period`` is that by which renewable power is
    matched, where the share goes by it.
    """

    name: str
    counted: str
    kg_per_kg: float
    g_per_mj: float
    limit_kg_per_kg: float
    met_frac: float
    period: str = ""

    @property
    def met(self) -> str:
        """The share that meets it, as tables show it."""
        return (f"{self.met_frac:.0%}" + (f", {self.period}" if self.period else "")) if self.met_frac else "none"


def label_rows(summary: Mapping[str, Any]) -> list[LabelRow]:
    """Return the labels that the hydrogen of a run was held against; empty where none was."""
    period = str((_economics(summary).get("revenue_by_origin") or {}).get("certified_by") or "")
    return [
        LabelRow(
            name=str(one["name"]) + (f", {paid:.2f} USD/kg" if (paid := one.get("usd_per_kg")) else ""),
            counted="delivered" if "delivered" in str(one["boundary"]) else "at the gate",
            kg_per_kg=one["kg_per_kg"],
            g_per_mj=one["g_per_mj"],
            limit_kg_per_kg=one["limit_kg_per_kg"],
            met_frac=one["share_frac"] if one["is_met"] else 0.0,
            period=period if id_ in _BY_PERIOD else "",
        )
        for id_, one in _labels(summary).items()
    ]


_BY_PERIOD = ("eu_rfnbo", "eu_low_carbon")


def label_notes(summary: Mapping[str, Any]) -> list[str]:
    """Return what is to be known beside the table: renewable by month and by hour, and why a label goes to nobody."""
    labels, figures = _labels(summary), summary.get("key_figures") or {}
    of_none = {id_ for id_, one in labels.items() if not one["share_frac"] > 0.0}
    monthly, hourly = figures.get("rfnbo_frac"), figures.get("rfnbo_hourly_frac")
    is_watched = "rfnbo_frac" in figures
    found = []
    if "eu_rfnbo" in of_none:
        why = "none of the power was certified" if is_watched else _no_monitor(summary)
        if figures.get("hydrogen_made_kg") == 0.0:
            why = "no hydrogen was made"
        found.append(f"{labels['eu_rfnbo']['name']}: {why}")
    elif "eu_rfnbo" in labels and monthly is not None and hourly is not None:
        by_both = f"{monthly:.0%} matched by the month (EU until 2029), {hourly:.0%} by the hour (from 2030)"
        found.append(f"{labels['eu_rfnbo']['name']}: {by_both}")
    if "eu_low_carbon" in of_none:
        found.append(f"{labels['eu_low_carbon']['name']}: is for hydrogen that is not renewable, and all of it is")
    return found


def _no_monitor(summary: Mapping[str, Any]) -> str:
    """Return how power comes to be certified, by the sources of this plant; results of before do not name them."""
    ports = (_economics(summary).get("carbon") or {}).get("renewable_ports")
    if ports is None:
        ends = "links from the 'renewable_power' of the sources to 'origin.renewable'"
    elif not ports:
        return "nothing certifies power, and the plant has no source of renewable power of its own"
    else:
        sources = str(ports[0]) if len(ports) == 1 else f"[{', '.join(map(str, ports))}]"
        ends = f"the link '{sources} -> origin.renewable'"
    return f"nothing certifies power; add the component 'origin: {{kind: origin_monitor}}' and {ends}"


def _economics(summary: Mapping[str, Any]) -> Mapping[str, Any]:
    economics: Mapping[str, Any] = summary.get("economics") or {}
    return economics


def _labels(summary: Mapping[str, Any]) -> Mapping[str, Any]:
    labels: Mapping[str, Any] = (_economics(summary).get("carbon") or {}).get("labels") or {}
    return labels
