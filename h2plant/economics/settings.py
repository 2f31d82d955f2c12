"""What a plant file may say under ``economics``: its keys with bounds and defaults, and what is wrong with it.

docs/economics.md tells where each default comes from and its range. What hangs on the country is in the economics of
the plant already where its site says which country that is (``config.site``).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, Field, FiniteFloat, ValidationError

from h2plant.config.economic_words import in_keys, remedy_of
from h2plant.core.contract_role import PowerContract
from h2plant.core.cost import CostFigure
from h2plant.core.origin_role import OriginMonitor
from h2plant.core.role import Grid, Source
from h2plant.core.sizing import as_reported
from h2plant.economics.cash_flow import Financing
from h2plant.economics.depreciation import METHODS
from h2plant.economics.hydrogen_contract import HydrogenContract
from h2plant.economics.path import LEAST_RATE_FRAC, OF_POWER, PathShape, PricePaths, problems
from h2plant.economics.path import Path as PricePath
from h2plant.economics.plant_cost import Equipment
from h2plant.economics.price_level import COST_CURRENCIES, COST_INDEX
from h2plant.economics.shape import EconomicsShape
from h2plant.economics.subsidy import Span, Subsidies
from h2plant.plant.country import CAPACITY_FEE_EUR_PER_KW_YEAR, TAX_FRAC
from h2plant.plant.finding import Finding, listing, nearest, raise_errors
from h2plant.plant.graph import Plant

_WHERE = "economics"


def _one_of(known: tuple[Any, ...]) -> AfterValidator:
    def check(value: Any) -> Any:
        if value not in known:
            raise ValueError(f"should be {listing([str(k) for k in known], 'or')}")
        return value

    return AfterValidator(check)


_Frac = Annotated[FiniteFloat, Field(ge=0.0, le=1.0)]
_Rate = Annotated[FiniteFloat, Field(ge=LEAST_RATE_FRAC, le=10.0)]
_NotNegative = Annotated[FiniteFloat, Field(ge=0.0, le=1e15)]
_Positive = Annotated[FiniteFloat, Field(ge=1e-9, le=1e15)]
_Year = Annotated[int, Field(ge=min(COST_INDEX), le=max(COST_INDEX))]


class CostShape(EconomicsShape):
    """Changes to the cost figure of a part."""

    reference_size: _Positive | None = None
    reference_cost: _NotNegative | None = None
    currency: Annotated[str, _one_of(COST_CURRENCIES)] | None = None
    price_year: _Year | None = None
    exponent: Annotated[FiniteFloat, Field(ge=0.0, le=2.0)] | None = None
    installation_ratio: _Positive | None = None
    life_years: Annotated[FiniteFloat, Field(ge=0.1, le=1000.0)] | None = None
    life_h: Annotated[FiniteFloat, Field(ge=100.0, le=1e7)] | None = None
    fixed_cost_frac: _Frac | None = None
    end_of_life_loss_frac: Annotated[FiniteFloat, Field(ge=0.0, lt=1.0)] | None = None
    source: str = "economics.costs"


class Settings(EconomicsShape, BaseModel):
    """The ``economics`` of a plant."""

    # time and price level
    project_life_years: Annotated[int, Field(ge=1, le=100)] = 25
    price_year: _Year = 2023
    real_rate_frac: _Rate = 0.06
    wacc_frac: Annotated[FiniteFloat, Field(ge=LEAST_RATE_FRAC, le=1.0)] | None = None
    # capital
    capex_eur: dict[str, _NotNegative] = {}
    costs: dict[str, dict[str, CostShape]] = {}
    site_preparation_frac: _Frac = 0.05
    engineering_frac: _Frac = 0.10
    permitting_frac: _Frac = 0.03
    owner_cost_frac: _Frac = 0.12
    contingency_frac: _Frac = 0.10
    indirect_cost_frac: Annotated[FiniteFloat, Field(ge=0.0, le=5.0)] | None = None
    land_eur: _NotNegative = 0.0
    residual_value_frac: _Frac = 1.0
    decommissioning_frac: _Frac = 0.0
    construction_frac: Annotated[list[_Frac], Field(min_length=1, max_length=20)] = [1.0]
    is_stack_life_from_run: bool = True
    # operation
    insurance_frac: _Frac = 0.01
    staff_eur_per_year: _NotNegative = 0.0
    other_cost_eur_per_year: Annotated[FiniteFloat, Field(ge=-1e15, le=1e15)] = 0.0
    consumables_eur_per_kg: _NotNegative = 0.0
    grid_capacity_fee_eur_per_kw_year: _NotNegative = CAPACITY_FEE_EUR_PER_KW_YEAR
    grid_monthly_peak_fee_eur_per_kw_month: _NotNegative = 0.0
    power_contract_years: Annotated[int, Field(ge=1, le=100)] | None = None
    electricity_escalation_frac: _Rate = 0.0
    first_year: Annotated[int, Field(ge=1950, le=2150)] | None = None
    price_paths: PricePaths = PricePaths()
    ramp_up_frac: Annotated[list[_Frac], Field(max_length=20)] = []
    # income
    hydrogen_price_eur_per_kg: _NotNegative | None = None
    other_hydrogen_price_eur_per_kg: _NotNegative = 3.0
    stock_value_eur_per_kg: _NotNegative | None = None
    hydrogen_basis: Literal["made", "sold"] = "made"
    heat_sales_eur_per_mwh: dict[str, _NotNegative] = {}
    hydrogen_contract: HydrogenContract | None = None
    subsidies: Subsidies | None = None
    # money
    inflation_frac: _Rate = 0.02
    tax_frac: Annotated[FiniteFloat, Field(ge=0.0, lt=1.0)] = TAX_FRAC
    is_loss_carried_forward: bool = True
    debt_frac: _Frac = 0.0
    debt_rate_frac: Annotated[FiniteFloat, Field(ge=0.0, le=1.0)] = 0.05
    debt_years: Annotated[int, Field(ge=1, le=100)] = 15
    is_debt_bullet: bool = False
    depreciation: Annotated[str, _one_of(METHODS)] = "linear"
    depreciation_years: Annotated[int, Field(ge=1, le=100)] = 20
    working_capital_frac: _Frac = 0.0
    # carbon
    carbon_price_eur_per_t: Annotated[FiniteFloat, Field(ge=0.0, le=10000.0)] = 0.0
    grid_intensity_g_per_kwh: Annotated[FiniteFloat, Field(ge=0.0, le=2000.0)] | None = None
    delivery_distance_km: Annotated[FiniteFloat, Field(ge=0.0, le=20000.0)] = 100.0
    truck_emission_kg_per_km: Annotated[FiniteFloat, Field(ge=0.0, le=20.0)] = 1.13

    @property
    def indirect_frac(self) -> float:
        """Indirect cost by installed cost, contingency apart."""
        parts = (self.site_preparation_frac, self.engineering_frac, self.permitting_frac, self.owner_cost_frac)
        return math.fsum(parts) if self.indirect_cost_frac is None else self.indirect_cost_frac

    def path_of(self, shape: PathShape | None) -> PricePath:
        """Return a path over the life of the project."""
        return PricePath.of(shape, self.project_life_years, self.inflation_frac, self.first_year)

    @property
    def agreed(self) -> Subsidies:
        """What the public pays towards capital and hydrogen."""
        return self.subsidies or Subsidies()

    @property
    def is_subsidised(self) -> bool:
        """Whether the public pays towards capital or hydrogen."""
        return self.agreed != Subsidies()

    @property
    def span(self) -> Span:
        """The years of operation."""
        return Span(self.project_life_years, self.inflation_frac, self.first_year)

    @property
    def financing(self) -> Financing:
        """How the project is paid for and taxed."""
        names = (f for f in Financing.__dataclass_fields__ if f in Settings.model_fields)
        return Financing(**{name: getattr(self, name) for name in names})

    def figures(self, components: Mapping[str, Equipment]) -> dict[str, tuple[CostFigure, ...]]:
        """Return the cost figures that ``costs`` changes, by component or kind."""
        of_kind = {one.kind: one for one in components.values()}
        changed = {}
        for name, parts in self.costs.items():
            own = (components.get(name) or of_kind[name]).costs or ()
            changed[name] = tuple(
                replace(f, **parts[f.part].model_dump(exclude_none=True)) if f.part in parts else f for f in own
            )
        return changed


_NEEDED: dict[str, tuple[tuple[str, ...], str]] = {
    "debt_frac": (("debt_rate_frac", "debt_years", "is_debt_bullet"), "there is no debt ('debt_frac' is 0)"),
    "tax_frac": (
        ("depreciation", "depreciation_years", "is_loss_carried_forward"),
        "there is no tax ('tax_frac' is 0)",
    ),
}
"""Keys that mean nothing while another is 0, and why."""

_PARTS_OF_INDIRECT = ("site_preparation_frac", "engineering_frac", "permitting_frac", "owner_cost_frac")


def unread_keys(economics: Mapping[str, Any], varied: Collection[str] = ()) -> dict[str, str]:
    """Return the keys of a plant's economics that mean nothing beside what else stands there, each with the reason.

    Parameters
    ----------
    economics
        As the plant has it.
    varied
        Keys that a study varies beside.
    """
    found: dict[str, str] = {}
    for needed, (keys, why) in _NEEDED.items():
        if needed not in varied and economics.get(needed, Settings.model_fields[needed].default) == 0.0:
            found |= dict.fromkeys(keys, why)
    if economics.get("indirect_cost_frac") is not None and "indirect_cost_frac" not in varied:
        found |= dict.fromkeys(_PARTS_OF_INDIRECT, "'indirect_cost_frac' stands for all of them")
    return found


def unread_notes(plant: Plant) -> Iterator[Finding]:
    """Yield a note for each key under ``economics`` of a plant's file that means nothing beside the others."""
    lines = {in_keys(known): line for known, line in plant.lines.items()}
    for key, why in unread_keys(plant.economics).items():
        line = lines.get(f"{_WHERE}.{key}", 0)
        if key in plant.economics and line:
            what, remedy = f"'{key}' means nothing: {why}", f"remove '{key}'"
            yield Finding("unread-key", f"{_WHERE}.{key}", what, remedy, plant.file, line, "note")


def read_settings(
    plant: Plant, overrides: Mapping[str, object] | None = None, file: Path | None = None, lines: Mapping[str, int] = {}
) -> Settings:
    """Return a plant's economics, checked.

    Parameters
    ----------
    plant
        The plant.
    overrides, file, lines
        Changes that a scenario made (``economics.<key>``), its file, and its lines by dotted path, for findings.

    Raises
    ------
    PlantError
        With everything that is wrong.
    """
    findings: list[Finding] = []
    changed = {in_keys(key): key for key in overrides or {}}
    own_lines = {in_keys(key): line for key, line in plant.lines.items()}

    def find(id: str, path: tuple[Any, ...], what: str, remedy: str) -> None:
        where = ".".join((_WHERE, *(str(p) for p in path)))
        beside = where.rpartition(".")[0] if len(path) > 2 else where
        key = next((key for key in changed if where == key or where.startswith(f"{key}.")), "")
        key = key or next((key for key in changed if key.startswith(f"{beside}.")), "")
        if key:
            line = lines.get(f"set.{changed[key]}", 0)
            findings.append(Finding(id, f"set {where}", what, remedy, file if line else None, line))
            return
        known = [where]
        while known[-1] not in own_lines and "." in known[-1]:
            known.append(known[-1].rpartition(".")[0])
        findings.append(Finding(id, where, what, remedy, plant.file, own_lines.get(known[-1], 0)))

    try:
        settings = _at_real_rate(Settings.model_validate(plant.economics))
    except ValidationError as error:
        for detail in error.errors():
            find(*_explained(detail))
        raise_errors(findings)
        raise
    for problem in _inconsistencies(settings, plant):
        find(*problem)
    findings += _unsound_costs(plant)
    raise_errors(findings)
    return settings


def _at_real_rate(settings: Settings) -> Settings:
    """Return the settings with the rate above inflation that a WACC in money of the day stands for (Fisher)."""
    if settings.wacc_frac is None:
        return settings
    real = (1.0 + settings.wacc_frac) / (1.0 + settings.inflation_frac) - 1.0
    return settings.model_copy(update={"real_rate_frac": real})


def rate_notes(plant: Plant, settings: Settings) -> Iterator[Finding]:
    """Yield a note that says what a WACC became."""
    if settings.wacc_frac is not None:
        key = f"{_WHERE}.wacc_frac"
        what = (
            f"a WACC of {settings.wacc_frac:g} in money of the day is {settings.real_rate_frac:.6g} above an inflation "
            f"of {settings.inflation_frac:g}: it discounts all capital, debt included, after tax"
        )
        remedy = "nothing to do; a rate above inflation is 'real_rate_frac'"
        lines = {in_keys(known): line for known, line in plant.lines.items()}
        yield Finding("wacc", key, what, remedy, plant.file, lines.get(key, 0), "note")


def contract_notes(plant: Plant) -> Iterator[Finding]:
    """Yield a note for each source whose power is paid by the prices that its kind has where nobody gives any."""
    for c in plant.components.values():
        if not isinstance(c.kind.role, Source) or not c.kind.role.cost:
            continue
        prices = [f for f in c.kind.parameters if f.unit == "EUR/J"]
        words = {f.name.partition("_")[0] for f in prices}
        terms = [f for f in c.kind.parameters if f.name.partition("_")[0] in words]
        if any(f.name in c.given for f in terms) or not any(c.values[f.name] for f in prices):
            continue
        shown = "; ".join(f"{as_reported(f, c.values[f.name])} ({f.doc})" for f in terms)
        what = f"its power is paid, taken or not, by the default contract of {c.kind.name}: {shown}"
        remedy = "give the terms of yours, or all of these to say that they are meant"
        yield Finding("default-contract", f"components.{c.id}", what, remedy, plant.file, c.line, "note")


def path_notes(plant: Plant, settings: Settings) -> Iterator[Finding]:
    """Yield a note where the price of power has a path and contracts or fees of the plant have none."""
    given = settings.price_paths.given
    roles = [c.kind.role for c in plant.components.values()]
    has = {
        "power_contract": any(isinstance(r, PowerContract) or (isinstance(r, Source) and bool(r.cost)) for r in roles),
        "grid_fees": any(isinstance(r, Grid) for r in roles),
    }
    without = [name for name, is_there in has.items() if is_there and name not in given]
    if "power" in given and without:
        key = f"{_WHERE}.price_paths.power"
        named = listing(without)
        what = f"'power' is the price at the market; without a path, and rising with inflation alone: {named}"
        remedy = f"give {named} as well, as '{{rate_frac: 0, money: real}}' if that is meant"
        lines = {in_keys(known): line for known, line in plant.lines.items()}
        line = next((lines[at] for at in (key, f"{_WHERE}.price_paths", _WHERE) if at in lines), 0)
        yield Finding("market-alone", key, what, remedy, plant.file, line, "note")


def _unsound_costs(plant: Plant) -> Iterator[Finding]:
    """Yield what is wrong with the cost figures that kinds from outside declare."""
    for kind in {c.kind.name: c.kind for c in plant.components.values() if c.kind.source is not None}.values():
        fields = [f.name for f in kind.fields if f.role == "parameter"]
        for f in kind.costs or ():
            wrong: list[tuple[str, str]] = []
            if f.price_year not in COST_INDEX:
                known = f"{min(COST_INDEX)} to {max(COST_INDEX)}"
                wrong.append((f"there is no cost index for {f.price_year}", f"give its cost at prices of {known}"))
            if f.currency not in COST_CURRENCIES:
                wrong.append((f"there is no exchange rate for '{f.currency}'", f"use {listing(COST_CURRENCIES)}"))
            if kind.sizes is None:
                unknown = [name for name in f.size_parameters if name not in fields]
                wrong += [(f"the kind has no parameter '{name}'", nearest(name, fields)) for name in unknown]
            label = "" if kind.source is None else f" ({kind.source.label})"
            for what, remedy in wrong:
                yield Finding(
                    "bad-cost", f"cost of '{f.part}' of the kind '{kind.name}'{label}", what, remedy, plant.file
                )


_Problem = tuple[str, tuple[Any, ...], str, str]  # id, path, what, remedy


def _explained(detail: Any) -> _Problem:
    """Return the finding for an error of pydantic."""
    path = tuple(detail["loc"])
    kind, value = detail["type"], detail["input"]
    shape = _shape_of(path)
    key = str(path[-1])
    if kind == "missing" and key == "money":
        what = "nobody says whether the path is above inflation or in money of the day"
        return "wrong-type", path, what, "give 'money: real' (above inflation) or 'money: nominal' (money of the day)"
    if kind == "missing":
        return "missing-key", path, f"'{key}' is missing", f"give '{key}'; see docs/economics.md"
    if kind == "extra_forbidden":
        word = remedy_of(key) if shape is Settings else ""
        return "unknown-key", path, f"there is no key '{key}'", word or nearest(key, shape.model_fields)
    shown = f" (it is {value!r})" if isinstance(value, str | int | float | bool | None) else ""
    text = str(detail["msg"]).removeprefix("Value error, ").replace("Input should be", "should be")
    bounds = ("greater_than", "greater_than_equal", "less_than", "less_than_equal", "finite_number", "value_error")
    id_ = "out-of-bounds" if kind in bounds else "wrong-type"
    known = shape.model_fields.get(key)
    default = None if known is None or known.is_required() else known.get_default()
    remedy = "see docs/economics.md" if default in (None, {}, []) else f"the default is {default}"
    if key.endswith("_frac") and kind.startswith("less_than") and isinstance(value, int | float) and value <= 100.0:
        remedy = f"write {value / 100.0:g} for {value:g} %"
    return id_, path, f"{text}{shown}", remedy


def _shape_of(path: tuple[Any, ...]) -> type[BaseModel]:
    """Return what a key of the economics stands in; ``path`` ends with the key."""
    shape: type[BaseModel] = Settings
    for key in path[:-1]:
        if key in shape.model_fields:
            shape = next(_shapes_in(shape.model_fields[key].annotation), shape)
    return shape


def _shapes_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _shapes_in(argument)


def _unsound_years(s: Settings, plant: Plant) -> Iterator[_Problem]:
    """Yield what is wrong with the discount rate, with paths of prices, and a price of CO2 that nobody knows."""
    if s.wacc_frac is not None:
        if "real_rate_frac" in plant.economics:
            yield "given-twice", ("wacc_frac",), "'real_rate_frac' is a discount rate as well", "keep one of them"
        if s.debt_frac > 0.0:
            what = f"a WACC is what all capital costs, and {s.debt_frac:.0%} of it is borrowed besides ('debt_frac')"
            remedy = "keep the WACC and remove 'debt_frac', or give 'real_rate_frac' of the owner's money"
            yield "given-twice", ("wacc_frac",), what, remedy
    for name, shape in s.price_paths.given.items():
        for problem in problems(shape, s.project_life_years, s.first_year):
            keys = tuple(problem.key.split(".")) if problem.key else ()
            yield "bad-path", ("price_paths", name, *keys), problem.what, problem.remedy
        if name in OF_POWER and s.electricity_escalation_frac != 0.0:
            what = "'electricity_escalation_frac' says how the price of electricity changes, too"
            yield "given-twice", ("price_paths", name), what, "keep one of them"
    if s.carbon_price_eur_per_t > 0.0 and s.grid_intensity_g_per_kwh is None:
        for c in plant.components.values():
            if isinstance(c.kind.role, Grid) and not (
                c.kind.role.carbon_intensity and plant.links_at(c.id, c.kind.role.carbon_intensity)
            ):
                what = f"nobody says how much CO2 the grid emits that '{c.id}' takes from"
                remedy = "give site.country, or economics.grid_intensity_g_per_kwh, or link its carbon_intensity"
                yield "missing-intensity", ("carbon_price_eur_per_t",), what, remedy


def _unsound_contracts(s: Settings, plant: Plant) -> Iterator[_Problem]:
    """Yield what is wrong with the years of contracts over power, and with a price of theirs of nothing."""
    has_contract = any(isinstance(c.kind.role, PowerContract) for c in plant.components.values())
    years, shape = s.power_contract_years, s.price_paths.power_contract
    if years is not None and not has_contract:
        what = "the plant has no contract over power that is settled against the market"
        remedy = "remove it, or add a 'supply_contract'; sources of its own are paid over the whole life"
        yield "contradiction", ("power_contract_years",), what, remedy
    if years is not None and years > s.project_life_years:
        what = f"contracts run {years} years, the project {s.project_life_years}"
        yield "out-of-bounds", ("power_contract_years",), what, f"give at most {s.project_life_years} years"
    is_sound = shape is not None and not any(problems(shape, s.project_life_years, s.first_year))
    if has_contract and is_sound and not all(s.path_of(shape).factors):
        what = "in years of a factor of 0 contracted power would be a gift: its worth at the market stays"
        yield "bad-path", ("price_paths", "power_contract"), what, "give 'power_contract_years' to end contracts"


def _inconsistencies(s: Settings, plant: Plant) -> Iterator[_Problem]:
    """Yield what does not fit together, or does not fit the plant."""
    yield from _unsound_years(s, plant)
    for name in s.capex_eur:
        if name not in plant.components:
            yield (
                "unknown-component",
                ("capex_eur", name),
                f"there is no component '{name}'",
                nearest(name, plant.components),
            )
    kinds = {c.kind.name: c.kind for c in plant.components.values()}
    for name, parts in s.costs.items():
        kind = plant.components[name].kind if name in plant.components else kinds.get(name)
        if kind is None or not kind.costs:
            what = f"'{name}' is no component or kind of this plant that costs anything"
            costing = [kind.name for kind in kinds.values() if kind.costs]
            yield "unknown-component", ("costs", name), what, nearest(name, {*plant.components, *costing})
            continue
        own = [f.part for f in kind.costs]
        for part in parts:
            if part not in own:
                yield "unknown-key", ("costs", name, part), f"'{kind.name}' has no part '{part}'", nearest(part, own)
    for name in s.heat_sales_eur_per_mwh:
        component, _, port = name.partition(".")
        found = plant.components.get(component)
        ports = {p.name: p for p in found.kind.ports} if found else {}
        if port not in ports or ports[port].medium != "heat":
            what = f"'{name}' is no heat port of the plant"
            heat = [f"{c.id}.{p.name}" for c in plant.components.values() for p in c.kind.ports if p.medium == "heat"]
            yield "unknown-port", ("heat_sales_eur_per_mwh", name), what, nearest(name, heat)
    yield from _unsound_contracts(s, plant)
    has_monitor = any(isinstance(c.kind.role, OriginMonitor) for c in plant.components.values())
    if s.hydrogen_contract is not None:
        for id_, path, what, remedy in s.hydrogen_contract.problems(s.project_life_years):
            yield id_, ("hydrogen_contract", *path), what, remedy
    for id_, path, what, remedy in s.agreed.problems(s.span, has_monitor):
        yield id_, ("subsidies", *path), what, remedy
    if abs(math.fsum(s.construction_frac) - 1.0) > 1e-9:
        what = f"the shares add up to {math.fsum(s.construction_frac):g}"
        yield "out-of-bounds", ("construction_frac",), what, "let them add up to 1"
    if s.debt_frac > 0.0 and s.debt_years > s.project_life_years:
        what = f"the debt runs {s.debt_years} years, the project {s.project_life_years}"
        yield "out-of-bounds", ("debt_years",), what, "repay within the project's life"
    if len(s.ramp_up_frac) > s.project_life_years:
        what = f"the ramp-up has {len(s.ramp_up_frac)} years, the project {s.project_life_years}"
        yield "out-of-bounds", ("ramp_up_frac",), what, "give at most a share for each year"
    if len(s.ramp_up_frac) == s.project_life_years and not any(s.ramp_up_frac):
        yield "out-of-bounds", ("ramp_up_frac",), "the plant never produces", "leave some production"
