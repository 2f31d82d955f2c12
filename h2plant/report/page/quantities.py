"""Quantities that a reader follows over time, found in whatever plant there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from h2plant.core.constants import TEMPERATURE_OFFSET_K
from h2plant.core.role import Grid, Maker, Offtake, PowerBus, Source, Store
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

_COLOURS = {"pem": "@pem", "soec": "@soec", "wind": "@wind"}
_OTHER_COLOURS = ("@magenta", "@olive", "@cyan", "@brown")
"""Of technologies that have no colour of their own, in this order."""


class Electrolysers(NamedTuple):
    """All units of a technology, by id, with their roles and their colour.

    ``key`` is the technology as it stands in the names of figures.
    """

    key: str
    technology: str
    units: Mapping[str, Maker]
    colour: str

    @property
    def name(self) -> str:
        """What they are called together."""
        return next(iter(self.units.values())).units


def source_label(data: RunData, id_: str) -> str:
    """Return what an own source is called: its label, or what its kind makes power from."""
    component = data.plant.components[id_]
    return getattr(component, "label", "") or data.of_role(Source)[id_].technology


def colours(data: RunData) -> dict[str, str]:
    """Return the colour of every technology and own source of the plant, by its name in lower case."""
    keys = [role.key for role in data.of_role(Maker).values()]
    keys += [source_label(data, id_).lower() for id_ in data.of_role(Source)]
    others = [key for key in dict.fromkeys(keys) if key not in _COLOURS]
    return {**_COLOURS, **{key: _OTHER_COLOURS[k % len(_OTHER_COLOURS)] for k, key in enumerate(others)}}


def electrolysers(data: RunData) -> list[Electrolysers]:
    """Return the plant's electrolysers by technology; those with a colour of their own first."""
    found: dict[str, dict[str, Maker]] = {}
    for id_, role in data.of_role(Maker).items():
        found.setdefault(role.key, {})[id_] = role
    of = colours(data)
    order = [*of, *found]
    return [
        Electrolysers(key, next(iter(found[key].values())).technology, found[key], of[key])
        for key in sorted(found, key=order.index)
    ]


def _present(data: RunData, quantity: Quantity) -> bool:
    return bool(quantity.names) and all(name in data for name in quantity.names)


def values(data: RunData, quantity: Quantity) -> FloatArray:
    """Return a quantity over the run; MissingData if a column is missing."""
    return np.asarray(data.total(quantity.names) * quantity.factor + quantity.offset)


def made(data: RunData) -> Quantity | None:
    """Return the hydrogen made, kg/h; None if the plant has no electrolyser."""
    names = tuple(name for group in electrolysers(data) for name in made_by(group).names)
    return Quantity("hydrogen made", names, "@h2", 3600.0) if names else None


def made_by(group: Electrolysers) -> Quantity:
    """Return the hydrogen made by a technology, kg/h."""
    names = tuple(f"{id_}.{role.made}" for id_, role in group.units.items())
    return Quantity(f"{group.technology} hydrogen", names, group.colour, 3600.0)


def price(data: RunData) -> Quantity | None:
    """Return the market price that the grid connection sees, EUR/MWh."""
    grids = data.of_role(Grid)
    if not grids:
        return None
    id_, role = next(iter(grids.items()))
    links = [*data.plant.links, *data.plant.default_links()]
    for link in links:
        if link.is_series and str(link.target) == f"{id_}.{role.price}":
            return Quantity("market price", (f"series.{link.source.port}",), "@price", 3.6e9)
    return Quantity("price of imports", (f"{id_}.{role.fixed_price}",), "@price", 3.6e9) if role.fixed_price else None


def power(data: RunData) -> list[Quantity]:
    """Return what came from own sources and the grid and what the electrolysers drew, MW."""
    own: dict[str, list[str]] = {}
    for id_, source in data.of_role(Source).items():
        own.setdefault(source_label(data, id_), []).append(f"{id_}.{source.power}.power_w")
    of = colours(data)
    found = [Quantity(label, tuple(names), of[label.lower()], 1e-6) for label, names in own.items()]
    for group in electrolysers(data):
        names = tuple(f"{id_}.{port}.power_w" for id_, role in group.units.items() for port in role.drawn)
        found.append(Quantity(group.technology, names, group.colour, 1e-6))
    grids = data.of_role(Grid).items()
    for label, columns, colour in (
        ("bought", tuple(f"{id_}.{grid.import_column}" for id_, grid in grids), "@grid"),
        ("sold", tuple(f"{id_}.{grid.export_column}" for id_, grid in grids), "@price"),
    ):
        found += [Quantity(label, columns, colour, 1e-6)] if columns else []
    emergency = tuple(f"{id_}.{bus.emergency}.power_w" for id_, bus in data.of_role(PowerBus).items() if bus.emergency)
    if any(name in data and data.column(name).any() for name in emergency):
        found.append(Quantity("emergency supply", emergency, "@bad", 1e-6))
    return found


def _tanks(data: RunData) -> dict[str, Store]:
    return {id_: role for id_, role in data.of_role(Store).items() if role.medium == "hydrogen"}


def pressures(data: RunData) -> list[Quantity]:
    """Return the pressure of every tank, bar."""
    colours = ("@h2", "@pem", "@soec", "@heat", "@wind", "@o2", "@price")
    return [
        Quantity(id_, (f"{id_}.{role.pressure}",), colours[k % len(colours)], 1e-5)
        for k, (id_, role) in enumerate(_tanks(data).items())
        if role.pressure
    ]


def levels(data: RunData) -> list[Quantity]:
    """Return the level of every tank, per cent."""
    return [Quantity(id_, (f"{id_}.{role.level}",), "@h2", 100.0) for id_, role in _tanks(data).items()]


def _deliveries(data: RunData) -> list[Quantity]:
    """Return the hydrogen that customers took, kg/h: into trailers together, any other customer by itself."""
    takers = {id_: role for id_, role in data.of_role(Offtake).items() if role.flow}
    trailers = tuple(f"{id_}.{role.flow}" for id_, role in takers.items() if role.deliveries)
    found = [Quantity("into trailers", trailers, "@h2", 3600.0)]
    others = [id_ for id_, role in takers.items() if not role.deliveries and not role.prices]
    n_taken = len(colours(data)) - len(_COLOURS)
    for k, id_ in enumerate(others):
        colour = _OTHER_COLOURS[(n_taken + k) % len(_OTHER_COLOURS)]
        found.append(Quantity(f"to {id_}", (f"{id_}.{takers[id_].flow}",), colour, 3600.0))
    return found


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
    groups = electrolysers(data)
    wanted.append(Panel("hydrogen, kg/h", (*(made_by(group) for group in groups), *_deliveries(data))))
    for group in groups:
        warm = [(id_, role.temperature) for id_, role in group.units.items() if role.temperature][:SHOWN_UNITS]
        lines = tuple(Quantity(id_, (f"{id_}.{name}",), group.colour, 1.0, -TEMPERATURE_OFFSET_K) for id_, name in warm)
        wanted.append(Panel(f"{group.technology}, °C", lines))
    wanted.append(Panel("tanks, bar", tuple(pressures(data)[:6])))
    found = [Panel(p.title, tuple(q for q in p.quantities if _present(data, q))) for p in wanted]
    found = [panel for panel in found if panel.quantities]
    if not found:
        raise MissingData("the log holds none of power, hydrogen, temperatures and pressures")
    return found


def unit_columns(data: RunData) -> tuple[str, ...]:
    """Return the columns by which starts and operating points of single electrolysers are seen."""
    names = [
        f"{id_}.{name}"
        for group in electrolysers(data)
        for id_, role in group.units.items()
        for name in (
            *(role.n_starts, role.mode, role.temperature, role.load, role.voltage),
            *(f"{port}.power_w" for port in role.power),
            *(role.made, role.current_density or role.current),
        )
        if name
    ]
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
