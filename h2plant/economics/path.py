"""Paths of prices: what a price is in each year of operation, by what it is in the run.

The interface that other parts of the economics build on:

- ``PathShape`` is what a file may say: exactly one of a rate, factors, or values by calendar year, and ``money``, which
  says whether they are real (above inflation) or nominal (money of the day). A part with an indexation of its own
  takes ``PathShape`` as the type of its key and yields what ``problems`` finds.
- ``Path.of(shape, n_years, inflation_frac, first_year)`` makes the path: ``factors`` of the years 1 to n, always
  real, so that they go onto amounts in prices of year 0 as ``Project`` takes them. ``None`` as shape is no path:
  every factor is 1.0, and the amounts stay what they are to the last digit.

A price that stays what it is in money of the day is ``{rate_frac: 0, money: nominal}``; one that follows inflation is
no path at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, FiniteFloat

from h2plant.economics.shape import EconomicsShape

HIGHEST_FACTOR = 50.0
"""Largest factor of a year: beyond, a price was given where a factor is meant."""

WAYS = ("rate_frac", "factors", "by_year")

_Value = Annotated[FiniteFloat, Field(ge=-1e6, le=1e6)]
LEAST_RATE_FRAC = -0.2
"""Least change a year, and least rate of interest: 25 years are a factor of 265 then; below it stands a slip."""
_Calendar = Annotated[int, Field(ge=1900, le=2200)]


class PathShape(EconomicsShape):
    """What a file says of a path; see docs/economics.md.

    Attributes
    ----------
    money
        ``real``: above inflation; ``nominal``: money of the day.
    rate_frac
        Change a year: the factor of year y is (1 + rate)^y, the prices of the run being those of year 0.
    factors
        Factors of the years 1, 2, ... on the price of the run; the last one holds for the years after.
    by_year
        Calendar year -> price or factor; straight lines between, the first and the last hold outside.
    reference
        Price of the run by which ``factors`` or ``by_year`` are divided, in their unit; by default 1: they are factors.
    """

    money: Literal["real", "nominal"]
    rate_frac: Annotated[FiniteFloat, Field(ge=LEAST_RATE_FRAC, le=1.0)] | None = None
    factors: Annotated[list[_Value], Field(min_length=1, max_length=100)] | None = None
    by_year: Annotated[dict[_Calendar, _Value], Field(min_length=1, max_length=300)] | None = None
    reference: Annotated[FiniteFloat, Field(gt=0.0, le=1e6)] | None = None

    @property
    def ways(self) -> list[str]:
        """Which of the three ways are given; it should be one."""
        return [name for name in WAYS if getattr(self, name) is not None]


class PricePaths(EconomicsShape):
    """Paths of the prices of a plant, by what they are of; see docs/economics.md. What has none follows inflation."""

    power: PathShape | None = None
    power_contract: PathShape | None = None
    grid_fees: PathShape | None = None
    hydrogen: PathShape | None = None
    carbon: PathShape | None = None
    products: PathShape | None = None
    water: PathShape | None = None
    upkeep: PathShape | None = None

    def __str__(self) -> str:
        """Return it as a file has it."""
        return str({name: shape.model_dump(exclude_none=True) for name, shape in self.given.items()})

    @property
    def given(self) -> dict[str, PathShape]:
        """Those that the file has, by name."""
        return {name: shape for name in PricePaths.model_fields if (shape := getattr(self, name)) is not None}

    def of_row(self, row: str) -> PathShape | None:
        """Return the path of a row of costs or incomes; None: it has none."""
        given = self.given
        return next((given[name] for name in PATHS_OF_ROW.get(row, ()) if name in given), None)


_POWER, _PRODUCT, _UPKEEP = ("power",), ("products",), ("upkeep",)
PATHS_OF_ROW: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("grid import", "imbalance", "emergency supply", "power sold"), _POWER),
    **dict.fromkeys(("contracted power", "power contract"), ("power_contract",)),
    "contracted power at market": _POWER,
    "grid fees": ("grid_fees",),
    "carbon": ("carbon",),
    "water": ("water",),
    **dict.fromkeys(("oxygen sold", "nitrogen sold", "water sold", "heat sold"), _PRODUCT),
    **dict.fromkeys(("upkeep", "insurance", "staff", "other", "consumables"), _UPKEEP),
}
"""Paths that a row of costs or incomes follows: the first of them that is given. The price of power at the market moves
neither contracts nor fees, which are agreed or set."""

OF_POWER = ("power", "power_contract", "grid_fees")
"""Paths that say what ``electricity_escalation_frac`` says otherwise."""


class PathProblem(NamedTuple):
    """What is wrong with a path: the key within it ('' the path itself), what, and the remedy."""

    key: str
    what: str
    remedy: str


def problems(shape: PathShape, n_years: int, first_year: int | None) -> Iterator[PathProblem]:
    """Yield what does not fit together in a path.

    Parameters
    ----------
    shape
        The path, each of its values within its own bounds.
    n_years
        Years of operation.
    first_year
        Calendar year of year 1; None: not known.
    """
    if len(shape.ways) != 1:
        given = " and ".join(f"'{name}'" for name in shape.ways) or "none of them"
        yield PathProblem("", f"a path has one of {', '.join(WAYS)}, not {given}", "give exactly one of them")
        return
    way = shape.ways[0]
    if shape.reference is not None and way == "rate_frac":
        yield PathProblem("reference", "'reference' means nothing beside a rate", "remove 'reference'")
    if shape.factors is not None and len(shape.factors) > n_years:
        what = f"the path has {len(shape.factors)} years, the project {n_years}"
        yield PathProblem("factors", what, "give at most a factor for each year")
    if shape.by_year is not None:
        years = sorted(shape.by_year)
        if first_year is None:
            what = "values by calendar year need the calendar year in which the plant begins to operate"
            yield PathProblem("by_year", what, "give economics.first_year, such as 2028")
        elif years[0] > first_year + n_years - 1 or years[-1] < first_year:
            what = f"{years[0]} to {years[-1]} are none of the years of operation"
            yield PathProblem("by_year", what, f"give values of {first_year} to {first_year + n_years - 1}")
    for key, value in _values(shape):
        factor = value / (shape.reference or 1.0)
        if not 0.0 <= factor <= HIGHEST_FACTOR:
            what = f"a factor of {factor:g} (should be 0 to {HIGHEST_FACTOR:g})"
            remedy = "give the price of the run, in the same unit, as 'reference' if these are prices"
            yield PathProblem(key, what, remedy)
            return
    is_known = way != "by_year" or first_year is not None
    if is_known and not any(_stated(shape, n_years, first_year)):
        yield PathProblem(way, "the price is 0 in all years of operation", "give a price in one of them at least")


def _values(shape: PathShape) -> list[tuple[str, float]]:
    by_year = [(f"by_year.{year}", value) for year, value in (shape.by_year or {}).items()]
    return [(f"factors.{i}", value) for i, value in enumerate(shape.factors or ())] + by_year


@dataclass(frozen=True, slots=True)
class Path:
    """A price in the years of operation, by what it is in the run.

    Attributes
    ----------
    factors
        Of the years 1 to n, real: in prices of year 0, that is without general inflation.
    """

    factors: tuple[float, ...]

    @classmethod
    def flat(cls, n_years: int) -> Path:
        """Return the path of a price that rises with inflation alone."""
        return cls((1.0,) * n_years)

    @classmethod
    def of(cls, shape: PathShape | None, n_years: int, inflation_frac: float, first_year: int | None = None) -> Path:
        """Return the path that a setting describes.

        Parameters
        ----------
        shape
            The setting, in which ``problems`` finds nothing; None: no path.
        n_years
            Years of operation.
        inflation_frac
            General inflation per year, by which nominal factors are brought to prices of year 0.
        first_year
            Calendar year of year 1, for values by calendar year.

        Raises
        ------
        ValueError
            If the setting has no value, or values by calendar year and no first year.
        """
        if shape is None:
            return cls.flat(n_years)
        stated = _stated(shape, n_years, first_year)
        if shape.money == "real":
            return cls(tuple(stated))
        if shape.rate_frac is not None:  # by the ratio, so that a rate equal to inflation is exactly no path
            ratio = (1.0 + shape.rate_frac) / (1.0 + inflation_frac)
            return cls(tuple(ratio**y for y in range(1, n_years + 1)))
        return cls(tuple(f * (1.0 + inflation_frac) ** -y for y, f in enumerate(stated, 1)))

    @property
    def is_flat(self) -> bool:
        """Whether the price rises with inflation alone."""
        return all(factor == 1.0 for factor in self.factors)

    def times(self, values: Sequence[float]) -> tuple[float, ...]:
        """Return amounts of the years 1 to n, in prices of year 0, at the price of this path."""
        return tuple(value * factor for value, factor in zip(values, self.factors, strict=True))


def _stated(shape: PathShape, n_years: int, first_year: int | None) -> list[float]:
    """Return the factors of the years 1 to n in the money that the setting states."""
    reference = shape.reference or 1.0
    if shape.rate_frac is not None:
        return [(1.0 + shape.rate_frac) ** y for y in range(1, n_years + 1)]
    if shape.factors is not None:
        last = shape.factors[-1]
        return [f / reference for f in (*shape.factors, *[last] * (n_years - len(shape.factors)))][:n_years]
    if shape.by_year is None:
        raise ValueError("a path needs a rate, factors, or values by calendar year")
    if first_year is None:
        raise ValueError("values by calendar year need the first year of operation")
    return [_between(shape.by_year, first_year + i) / reference for i in range(n_years)]


def _between(by_year: dict[int, float], year: int) -> float:
    """Return the value of a year: on a straight line between its neighbours, the nearest outside."""
    if year in by_year:
        return by_year[year]
    before = [y for y in by_year if y < year]
    after = [y for y in by_year if y > year]
    if not before or not after:
        return by_year[min(after) if not before else max(before)]
    a, b = max(before), min(after)
    return by_year[a] + (by_year[b] - by_year[a]) * (year - a) / (b - a)
