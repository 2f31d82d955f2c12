"""LUTManager: the property tables as an object that builds, stores, loads and interpolates.

The shipped file comes with the package and is loaded without CoolProp. Kernels take ``LUTManager().props``;
``lookup`` and ``lookup_batch`` are for everyone else.
"""

# mypy: allow-untyped-calls

from __future__ import annotations

import hashlib
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from h2plant.core.error import UserError
from h2plant.core.properties import layout
from h2plant.core.properties.batch import BLOCK, fill_gas_quantity, fill_h2o_quantity
from h2plant.core.properties.gas import gas_quantity
from h2plant.core.properties.water import h2o_quantity
from h2plant.core.whole_file import whole_file

SHIPPED_TABLES = Path(__file__).resolve().parent.parent / "data" / "property_tables.npz"

_REMEDY = "run `h2plant tables build` to build the tables anew"
_GASES = {"H2": layout.FLUID_H2, "O2": layout.FLUID_O2, "N2": layout.FLUID_N2}
_FLUIDS = (*_GASES, "H2O")
_QUANTITIES = {
    "D": (layout.DENSITY, "density", "kg/m3"),
    "H": (layout.ENTHALPY, "enthalpy", "J/kg"),
    "S": (layout.ENTROPY, "entropy", "J/(kg K)"),
    "C": (layout.CAPACITY, "isobaric heat capacity", "J/(kg K)"),
}
_CODES = {
    (fluid, prop): (_GASES.get(fluid, -1), quantity[0]) for fluid in _FLUIDS for prop, quantity in _QUANTITIES.items()
}

Array = npt.NDArray[np.float64]


class TableError(UserError, RuntimeError):
    """The file of property tables is missing, damaged or of another version."""


class PropertyRangeError(ValueError):
    """A pressure or temperature outside the range of the tables."""


def _checksum(props: Array) -> str:
    """Return the SHA-256 of the tables, as hexadecimal digits (bytes in little-endian order)."""
    return hashlib.sha256(props.astype("<f8", copy=False).tobytes()).hexdigest()


def _limits(fluid: str) -> tuple[float, float, float, float]:
    """Return (lowest and highest pressure in Pa, lowest and highest temperature in K) of a fluid's tables."""
    if fluid == "H2O":
        return (
            layout.WATER_PRESSURE_MIN_PA,
            layout.WATER_PRESSURE_MAX_PA,
            layout.SUPERCOOLED_MIN_K,
            layout.WATER_TEMPERATURE_MAX_K,
        )
    return (
        layout.GAS_PRESSURE_MIN_PA,
        layout.GAS_PRESSURE_MAX_PA,
        layout.GAS_TEMPERATURE_MIN_K,
        layout.GAS_TEMPERATURE_MAX_K,
    )


def _codes(fluid: str, prop: str) -> tuple[int, int]:
    """Return (gas code, property code); raise where a name is unknown."""
    try:
        return _CODES[fluid, prop]
    except (KeyError, TypeError):
        if fluid not in _FLUIDS:
            raise ValueError(f"unknown fluid {fluid!r}; there are tables of {', '.join(_FLUIDS)}") from None
        known = ", ".join(f"{key} ({name}, {unit})" for key, (_, name, unit) in _QUANTITIES.items())
        raise ValueError(f"unknown property {prop!r}; the tables hold {known}") from None


def _range_error(fluid: str, pressure_pa: float, temperature_k: float) -> PropertyRangeError:
    """Return the error that says which value lies outside which range."""
    p_min, p_max, t_min, t_max = _limits(fluid)
    parts = []
    if not p_min <= pressure_pa <= p_max:
        parts.append(f"pressure {pressure_pa:.6g} Pa outside {p_min:.6g} .. {p_max:.6g} Pa")
    if not t_min <= temperature_k <= t_max:
        parts.append(f"temperature {temperature_k:.6g} K outside {t_min:.6g} .. {t_max:.6g} K")
    return PropertyRangeError(f"{fluid}: {' and '.join(parts)}")


class LUTManager:
    """Property tables of H2, O2, N2 and H2O: load, look up, describe, build.

    Parameters
    ----------
    path : path, optional
        File of tables. Default: the one that the package ships.

    Attributes
    ----------
    props : array of float64
        All tables in one flat array; the first argument of each property kernel.

    Raises
    ------
    TableError
        The file is missing, damaged, or written for another layout.

    Notes
    -----
    Enthalpies are zero for H2, O2, N2 at 298.15 K and 1 bar and -285.830 kJ/mol for liquid water there;
    entropies are absolute. For H2O the temperature chooses the phase: steam at and above the saturation
    temperature, liquid below. Above the critical pressure (220.64 bar) there is one phase; the smoothly
    continued saturation line only decides which table answers, and near the critical point (0.95 to 1.05 Tc
    and 0.85 to 1.35 pc) errors are larger than elsewhere (see ``docs/properties.md``).

    Examples
    --------
    >>> round(LUTManager().lookup("H2", "D", 350e5, 298.15), 3)
    23.315
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = Path(path) if path is not None else SHIPPED_TABLES
        self.props, self.checksum = self._load(self.path)

    @staticmethod
    def _load(path: Path) -> tuple[Array, str]:
        if not path.is_file():
            raise TableError(f"no property tables at {path}; {_REMEDY}")
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                version = int(stored["version"])
                fingerprint = str(stored["layout"])
                checksum = str(stored["checksum"])
                props = np.ascontiguousarray(stored["props"], dtype=np.float64)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise TableError(f"cannot read the property tables in {path} ({error}); {_REMEDY}") from error
        if version != layout.LAYOUT_VERSION or fingerprint != layout.layout_fingerprint():
            raise TableError(
                f"the property tables in {path} are of version {version} (layout {fingerprint}), this program needs "
                f"version {layout.LAYOUT_VERSION} (layout {layout.layout_fingerprint()}); {_REMEDY}"
            )
        if props.shape != (layout.PROPS_SIZE,) or _checksum(props) != checksum:
            raise TableError(f"the property tables in {path} are damaged (checksum differs); {_REMEDY}")
        return props, checksum

    @staticmethod
    def build(path: str | Path | None = None) -> Path:
        """Build all tables from CoolProp and write them to a file.

        Parameters
        ----------
        path : path, optional
            Where to; default: the file that the package ships.

        Returns
        -------
        path
            The file written. It takes its place in one move, so that a reader never finds half a file.
        """
        from h2plant.core.properties.build import build_tables

        target = Path(path) if path is not None else SHIPPED_TABLES
        props = build_tables()
        with whole_file(target) as partial, partial.open("wb") as file:
            np.savez_compressed(
                file,
                props=props,
                version=layout.LAYOUT_VERSION,
                layout=layout.layout_fingerprint(),
                checksum=_checksum(props),
            )
        return target

    def lookup(self, fluid: str, property: str, pressure_pa: float, temperature_k: float) -> float:
        """Return one property of one state.

        Parameters
        ----------
        fluid : str
            ``H2``, ``O2``, ``N2`` or ``H2O``.
        property : str
            ``D`` density (kg/m3), ``H`` enthalpy (J/kg), ``S`` entropy or ``C`` isobaric heat capacity
            (both J/(kg K)).
        pressure_pa, temperature_k : float
            State, Pa and K.

        Returns
        -------
        float
            The property.

        Raises
        ------
        ValueError
            Unknown fluid or property.
        PropertyRangeError
            State outside the tables.
        """
        try:
            gas, quantity = _CODES[fluid, property]
        except (KeyError, TypeError):
            gas, quantity = _codes(fluid, property)  # says which names there are
        if gas >= 0:
            value = gas_quantity(self.props, gas, quantity, float(pressure_pa), float(temperature_k))
        else:
            value = h2o_quantity(self.props, quantity, float(pressure_pa), float(temperature_k))
        if value != value:
            raise _range_error(fluid, pressure_pa, temperature_k)
        return float(value)

    def lookup_batch(
        self, fluid: str, property: str, pressures_pa: npt.ArrayLike, temperatures_k: npt.ArrayLike
    ) -> Array:
        """Return one property of many states.

        Parameters
        ----------
        fluid, property : str
            As in ``lookup``.
        pressures_pa, temperatures_k : array_like
            States, Pa and K; shapes that broadcast against each other.

        Returns
        -------
        array of float64
            The property of each state, in the broadcast shape.

        Raises
        ------
        ValueError
            Unknown fluid or property, or shapes that do not fit.
        PropertyRangeError
            A state outside the tables; names the first one and how many there are.
        """
        gas, quantity = _codes(fluid, property)
        pressures, temperatures = np.broadcast_arrays(
            np.asarray(pressures_pa, dtype=np.float64), np.asarray(temperatures_k, dtype=np.float64)
        )
        shape = pressures.shape
        pressures = np.ascontiguousarray(pressures).reshape(-1)
        temperatures = np.ascontiguousarray(temperatures).reshape(-1)
        results = np.empty(pressures.size)
        work, place = np.empty((4, BLOCK)), np.empty((2, BLOCK), dtype=np.int64)
        if gas >= 0:
            n_missing = fill_gas_quantity(self.props, gas, quantity, pressures, temperatures, results, work, place)
        else:
            n_missing = fill_h2o_quantity(self.props, quantity, pressures, temperatures, results, work, place)
        if n_missing:
            first = int(np.flatnonzero(np.isnan(results))[0])
            error = _range_error(fluid, float(pressures[first]), float(temperatures[first]))
            raise PropertyRangeError(f"{error} (state {first}; {n_missing} of {results.size} states outside)")
        return results.reshape(shape)

    def info(self) -> dict[str, Any]:
        """Return what the tables are: version, checksum, bytes, and range and grid of each table."""
        tables: dict[str, dict[str, Any]] = {}
        for name in _GASES:
            tables[name] = _table_info(
                (layout.GAS_PRESSURE_MIN_PA, layout.GAS_PRESSURE_MAX_PA),
                (layout.GAS_TEMPERATURE_MIN_K, layout.GAS_TEMPERATURE_MAX_K),
                (layout.GAS_PRESSURE_CELLS, layout.GAS_TEMPERATURE_CELLS),
            )
        low = (layout.WATER_PRESSURE_MIN_PA, layout.WATER_PRESSURE_SPLIT_PA)
        high = (layout.WATER_PRESSURE_SPLIT_PA, layout.WATER_PRESSURE_MAX_PA)
        steam_low = (layout.WATER_TEMPERATURE_MIN_K, layout.WATER_TEMPERATURE_MAX_K)
        steam_high = (layout.WATER_TEMPERATURE_MIN_K, layout.STEAM_AXIS_K)
        water = (layout.WATER_TEMPERATURE_MIN_K, layout.STEAM_AXIS_K)
        cold = (layout.SUPERCOOLED_MIN_K, layout.WATER_TEMPERATURE_MIN_K)
        whole = (layout.WATER_PRESSURE_MIN_PA, layout.WATER_PRESSURE_MAX_PA)
        for name, pressures, temperatures, cells in (
            ("steam to 100 bar", low, steam_low, (layout.STEAM_LOW_PRESSURE_CELLS, layout.STEAM_LOW_TEMPERATURE_CELLS)),
            (
                *("steam to 350 bar", high, steam_high),
                (layout.STEAM_HIGH_PRESSURE_CELLS, layout.STEAM_HIGH_TEMPERATURE_CELLS),
            ),
            ("water to 100 bar", low, water, (layout.WATER_LOW_PRESSURE_CELLS, layout.WATER_LOW_TEMPERATURE_CELLS)),
            ("water to 350 bar", high, water, (layout.WATER_HIGH_PRESSURE_CELLS, layout.WATER_HIGH_TEMPERATURE_CELLS)),
            (
                "supercooled water",
                whole,
                cold,
                (layout.SUPERCOOLED_PRESSURE_CELLS, layout.SUPERCOOLED_TEMPERATURE_CELLS),
            ),
        ):
            tables[name] = _table_info(pressures, temperatures, cells)
        return {
            "path": str(self.path),
            "version": layout.LAYOUT_VERSION,
            "layout": layout.layout_fingerprint(),
            "checksum": self.checksum,
            "n_bytes": int(self.props.nbytes),
            "n_bytes_on_disk": self.path.stat().st_size,
            "fluids": list(_FLUIDS),
            "properties": {key: f"{name}, {unit}" for key, (_, name, unit) in _QUANTITIES.items()},
            "tables": tables,
        }


def _table_info(
    pressures: tuple[float, float], temperatures: tuple[float, float], cells: tuple[int, int]
) -> dict[str, Any]:
    """Return range and grid of one table for ``LUTManager.info``."""
    return {
        "pressure_min_pa": pressures[0],
        "pressure_max_pa": pressures[1],
        "temperature_min_k": temperatures[0],
        "temperature_max_k": temperatures[1],
        "n_pressures": cells[0] + 1,
        "n_temperatures": cells[1] + 1,
    }
