"""The formats that are recognised by what is in a file, each in a module of its own.

A format is a function that takes a ``Sheet``, what an entry says of the file (``Description``) and ``Flaws``, and
returns a ``Table`` with ``taken_for``, stamps, quantities and place, or None where the file is not of that format. A
file that is of a format, but broken, is None with a finding.
"""

from __future__ import annotations

from collections.abc import Callable

from h2plant.config.tables.formats.aemo import aemo
from h2plant.config.tables.formats.energy_charts import energy_charts
from h2plant.config.tables.formats.entsoe import entsoe
from h2plant.config.tables.formats.epw import epw
from h2plant.config.tables.formats.ninja import ninja
from h2plant.config.tables.formats.omie import omie
from h2plant.config.tables.formats.open_meteo import open_meteo
from h2plant.config.tables.formats.pvgis import pvgis
from h2plant.config.tables.formats.sam_csv import sam_csv
from h2plant.config.tables.formats.smard import smard, smard_with_zones
from h2plant.config.tables.formats.srw import srw
from h2plant.config.tables.formats.tmy3 import tmy3
from h2plant.config.tables.formats.wide import wide
from h2plant.config.tables.sheet import Sheet
from h2plant.config.tables.table import Flaws, Table
from h2plant.plant.series_spec import Description

Format = Callable[[Sheet, Description, Flaws], Table | None]

PRICES: tuple[Format, ...] = (entsoe, smard, smard_with_zones, energy_charts, omie, aemo)
WEATHER_FORMATS: tuple[Format, ...] = (epw, pvgis, tmy3, open_meteo, ninja, sam_csv, srw)
FORMATS: tuple[Format, ...] = (*WEATHER_FORMATS, *PRICES, wide)
