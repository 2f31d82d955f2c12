"""Quantities that a reader follows over time, found in whatever plant there is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from h2plant.report.page.run_data import MissingData, RunData
from h2plant.simulation.program import FloatArray


class Quantity(NamedTuple):
    """A sum of columns in the unit of the page: ``value * factor + offset``; ``names`` are the columns."""

    label: str
    names: tuple[str, ...]
    colour: str
    factor: float = 1.0
    offset: float = 0.0


class Panel(NamedTuple):
    """Quantities of one axis."""

    title: str
    quantities: tuple[Quantity, ...]


SHOWN_UNITS = 3
"""Most units of a kind whose temperature or pressure is drawn one by one."""

_KELVIN = 273.15
_POWER_PORTS = {"pem_stack": ("power.power_w",), "soec_module": ("power.power_w", "heater_power.power_w")}
_MADE = {"pem_stack": "hydrogen.h2_kg_per_s", "soec_module": "hydrogen_made_kg_per_s"}
ELECTROLYSERS: tuple[tuple[str, str, str], ...] = (("pem_stack", "PEM", "@pem"), ("soec_module", "SOEC", "@soec"))


def _present(data: RunData, quantity: Quantity) -> bool:
    return bool(quantity.names) and all(name in data for name in quantity.names)


def values(data: RunData, quantity: Quantity) -> FloatArray:
    """Return a quantity over the run; Absent if a column is missing."""
    return np.asarray(data.total(quantity.names) * quantity.factor + quantity.offset)


def made(data: RunData, kind: str = "") -> Quantity | None:
    """Return the hydrogen made, kg/h, by one kind or by all; None if the plant has no such electrolyser."""
    names = tuple(
        f"{id_}.{_MADE[name]}" for name, _, _ in ELECTROLYSERS for id_ in data.of_kind(name) if kind in ("", name)
    )
    if not names:
        return None
    colour = next((c for name, _, c in ELECTROLYSERS if name == kind), "@h2")
    label = next((f"{text} hydrogen" for name, text, _ in ELECTROLYSERS if name == kind), "hydrogen made")
    return Quantity(label, names, colour, 3600.0)


def price(data: RunData) -> Quantity | None:
    """Return the market price that the grid connection sees, EUR/MWh."""
    grids = data.of_kind("grid_connection")
    if not grids:
        return None
    links = [*data.plant.links, *data.plant.default_links()]
    for link in links:
        if link.is_series and str(link.target) == f"{grids[0]}.price":
            return Quantity("market price", (f"series.{link.source.port}",), "@price", 3.6e9)
    return Quantity("price of imports", (f"{grids[0]}.import_price_eur_per_j",), "@price", 3.6e9)


def power(data: RunData) -> list[Quantity]:
    """Return what came from wind and grid and what the electrolysers drew, MW."""
    found = [Quantity("wind", tuple(f"{id_}.power.power_w" for id_ in data.of_kind("wind_farm")), "@wind", 1e-6)]
    for kind, label, colour in ELECTROLYSERS:
        names = tuple(f"{id_}.{port}" for id_ in data.of_kind(kind) for port in _POWER_PORTS[kind])
        found.append(Quantity(label, names, colour, 1e-6))
    grids = data.of_kind("grid_connection")
    found.append(Quantity("bought", tuple(f"{id_}.import_w" for id_ in grids), "@grid", 1e-6))
    found.append(Quantity("sold", tuple(f"{id_}.export_w" for id_ in grids), "@price", 1e-6))
    return [quantity for quantity in found if quantity.names]


def pressures(data: RunData) -> list[Quantity]:
    """Return the pressure of every tank, bar."""
    colours = ("@h2", "@pem", "@soec", "@heat", "@wind", "@o2", "@price")
    return [
        Quantity(id_, (f"{id_}.pressure_pa",), colours[k % len(colours)], 1e-5)
        for k, id_ in enumerate(data.of_kind("gas_tank"))
    ]


def levels(data: RunData) -> list[Quantity]:
    """Return the level of every tank, per cent."""
    return [Quantity(id_, (f"{id_}.level",), "@h2", 100.0) for id_ in data.of_kind("gas_tank")]


def panels(data: RunData) -> list[Panel]:
    """Return what is shown together at minute resolution; only what the plant has and the log holds.

    Raises
    ------
    MissingData
        The plant has nothing of it.
    """
    wanted = [Panel("power, MW", tuple(power(data)))]
    cost = price(data)
    if cost is not None:
        wanted.append(Panel("EUR/MWh", (cost,)))
    flows = [q for kind, _, _ in ELECTROLYSERS if (q := made(data, kind)) is not None]
    trucks = tuple(f"{id_}.flow_kg_per_s" for id_ in data.of_kind("truck_loading"))
    flows.append(Quantity("into trailers", trucks, "@h2", 3600.0))
    wanted.append(Panel("hydrogen, kg/h", tuple(flows)))
    for kind, label, colour in ELECTROLYSERS:
        units = data.of_kind(kind)
        lines = [Quantity(id_, (f"{id_}.temperature_k",), colour, 1.0, -_KELVIN) for id_ in units[:SHOWN_UNITS]]
        wanted.append(Panel(f"{label}, °C", tuple(lines)))
    wanted.append(Panel("tanks, bar", tuple(pressures(data)[:6])))
    found = [Panel(p.title, tuple(q for q in p.quantities if _present(data, q))) for p in wanted]
    found = [panel for panel in found if panel.quantities]
    if not found:
        raise MissingData("the log holds none of power, hydrogen, temperatures and pressures")
    return found


def unit_columns(data: RunData) -> tuple[str, ...]:
    """Return the columns by which starts and operating points of single electrolysers are seen."""
    fields = {
        "pem_stack": (
            "n_starts",
            "mode",
            "temperature_k",
            "load_frac",
            "cell_voltage_v",
            "power.power_w",
            _MADE["pem_stack"],
            "current_density_a_per_m2",
        ),
        "soec_module": ("n_starts", "mode", "temperature_k", "power.power_w", _MADE["soec_module"]),
    }
    names = [f"{id_}.{field}" for kind, of_kind in fields.items() for id_ in data.of_kind(kind) for field in of_kind]
    return tuple(name for name in names if name in data)


def minute_columns(data: RunData) -> tuple[str, ...]:
    """Return all columns that are wanted at minute resolution, each once."""
    names = [name for panel in panels(data) for quantity in panel.quantities for name in quantity.names]
    return tuple(dict.fromkeys((*names, *unit_columns(data))))


def hourly(data: RunData, values_: FloatArray) -> FloatArray:
    """Return means over whole hours.

    Raises
    ------
    MissingData
        The log is coarser than an hour, or an hour is no whole number of intervals.
    """
    per_hour = 3600.0 / data.interval_s
    if per_hour < 1.0 or per_hour != round(per_hour):
        raise MissingData(f"the log interval of {data.interval_s:g} s does not fit into hours")
    n = int(per_hour)
    whole = values_[: values_.size // n * n]
    return np.asarray(whole.reshape(-1, n).mean(axis=1))
