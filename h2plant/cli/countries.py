"""The command that shows the table of countries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from h2plant.core.terminal import hanging

if TYPE_CHECKING:
    from rich.console import Console

_HEADINGS = ("country", "money", "CO2", "tax", "fee", "fee/kW", "levy", "imbal.")
_LEGEND = (
    ("money", "currency of its own; all prices of a plant are in EUR"),
    ("CO2", "grid_intensity_g_per_kwh"),
    ("tax", "tax_frac"),
    ("fee", "grid_fee_eur_per_mwh"),
    ("fee/kW", "grid_capacity_fee_eur_per_kw_year"),
    ("levy", "power_tax_eur_per_mwh"),
    ("imbal.", "imbalance_surcharge_eur_per_mwh"),
)


def countries(
    country: Annotated[
        str | None, typer.Argument(help="a code (DE, DEU) or an English name; without it: the table of all")
    ] = None,
) -> None:
    """Show what a plant takes from its site's country where it says nothing itself: CO2, tax and fees, with sources.

    For example:

        h2plant countries

        h2plant countries DE
    """
    from h2plant.plant.country import countries as table
    from h2plant.plant.country import find_country
    from h2plant.plant.finding import Finding, PlantError, nearest

    if country is None:
        _print_all()
        return
    found = find_country(country)
    if found is None:
        names = [name for one in table().values() for name in (one.id, one.alpha_3, one.name)]
        what = f"there is no country '{country}' in the table"
        raise PlantError([Finding("unknown-country", "countries", what, nearest(country, names))])
    _print_one(found.id)


def _print_one(id_: str) -> None:
    from rich.padding import Padding

    from h2plant.core.terminal import Terminal
    from h2plant.plant.country import QUANTITIES
    from h2plant.plant.country import countries as table

    one, console = table()[id_], Terminal()
    console.print(f"{one.name}: {one.id}, {one.alpha_3}; its own money: {one.currency}", markup=False)
    for name, meaning in QUANTITIES.items():
        figure = one.figures.get(name)
        value = "not known: give it" if figure is None else f"{figure.value:g} ({figure.year})"
        console.print(f"{name}: {value}", markup=False, highlight=False)
        about = meaning if figure is None else f"{meaning}. {figure.source}"
        console.print(Padding(about, (0, 0, 0, 2)))
    _print_tariffs(console, one.id)


def _print_tariffs(console: Console, country: str) -> None:
    """Print the tariffs of grid operators of a country, if the table has any."""
    from h2plant.plant.grid_tariff import grid_tariffs

    found = [tariff for tariff in grid_tariffs().values() if tariff.country_id == country]
    if not found:
        return
    console.print("tariffs of the grid (site.grid_tariff): EUR/kW and year, EUR/kW and month, EUR/MWh", markup=False)
    for tariff in found:
        fees = "  ".join(f"{figure.value:7.2f}" for figure in tariff.figures.values())
        console.print(f"  {tariff.id:22}{tariff.title:17}{fees}", markup=False, highlight=False)
    for source in dict.fromkeys(figure.source for tariff in found for figure in tariff.figures.values()):
        console.print(hanging("  ", source, width=console.width), markup=False, highlight=False)


def _print_all() -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from h2plant.core.terminal import Terminal
    from h2plant.plant.country import QUANTITIES
    from h2plant.plant.country import countries as table

    console = Terminal()
    shown = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for i, heading in enumerate(_HEADINGS):
        shown.add_column(heading, justify="right" if i > 1 else "left")
    names = [name for _, name in _LEGEND[1:]]
    for one in table().values():
        cells = (f"{one.figures[name].value:.3g}" if name in one.figures else "" for name in names)
        shown.add_row(f"{one.id} {one.name}", one.currency, *cells)
    console.print(shown)
    for heading, name in _LEGEND:
        console.print(f"{heading:7}{name}", markup=False, highlight=False)
    console.print("sources:", markup=False)
    for name in QUANTITIES:
        of_source: dict[tuple[str, int], list[str]] = {}
        for one in table().values():
            if name in one.figures:
                figure = one.figures[name]
                of_source.setdefault((figure.source, figure.year), []).append(one.id)
        for (source, year), ids in of_source.items():
            which = ", ".join(ids) if len(ids) <= 20 else f"{len(ids)} countries"
            console.print(f"  {name}, {year}, {which}: {source}", markup=False, highlight=False)
