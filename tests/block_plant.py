"""A plant of blocks of a few lines, wind alone, from which tests leave out or change parts."""

from pathlib import Path

PARTS = {
    "wind": "{block: turbine_park, capacity_mw: 4}",
    "grid": "{block: grid, import_mw: 1, export_mw: 6}",
    "battery": "{block: battery_park, power_mw: 1, energy_mwh: 2}",
    "electrolysis": "{block: alkaline_train, power_mw: 4, n_stacks: 2}",
    "compression": "{block: compression, pressure_bar: 100}",
    "storage": "{block: tank_park, capacity_t: 2}",
    "customer": "{kind: hydrogen_demand, kg_per_day: 100, price_eur_per_kg: 6, penalty_eur_per_kg: 3}",
    "trailers": "{block: trailer_station, price_eur_per_kg: 6}",
    "rule": "{kind: demand_first}",
}

HEAD = """h2plant: 1
name: small
timezone: Europe/Amsterdam
site: {latitude: 52.1, longitude: 4.3, country: NL}
series:
  weather: {file: nl_2023}
  price_eur_per_mwh: {file: nl_2023}
components:
"""


def block_plant(folder: Path, links: str = "", **parts: str | None) -> Path:
    """Write the plant with parts in place of its own, or without those that are None; returns its file."""
    chosen = {name: text for name, text in {**PARTS, **parts}.items() if text is not None}
    path = folder / "small.yaml"
    body = "".join(f"  {name}: {text}\n" for name, text in chosen.items())
    path.write_text(HEAD + body + (f"links:\n{links}" if links else ""), encoding="utf-8")
    return path
