"""What planning must know of a plant's wiring: its dispatch, grid, storage, deliveries and own power."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from h2plant.components import KINDS
from h2plant.components.registry import at_hand
from h2plant.core.role import Dispatch, Grid, LineControl, Offtake
from h2plant.plant.finding import Finding, PlantError, listing
from h2plant.plant.graph import Component, Plant, PortRef, PowerTree
from h2plant.plant.series_spec import PLAN_SERIES, PURCHASE_PLAN, plan_series

PRICE_TERMS = (
    *("import_market_ratio", "export_market_ratio"),
    *("export_premium_eur_per_j", "export_price_floor_eur_per_j"),
)
"""Parameters of a grid connection by which its prices follow the market's."""

PLANNED = next(kind.name for kind in KINDS if isinstance(kind.role, Dispatch) and kind.role.is_planned)
"""The kind of dispatch that follows a plan."""


@dataclass(frozen=True)
class Layout:
    """Ids of the components that a plan is about.

    Parameters
    ----------
    dispatch, grid
        The rule and the grid connection.
    storage
        Component whose level the dispatch reads; '' if none.
    customers
        Components that take hydrogen by a timetable.
    lines
        Ids of the line controllers that the dispatch serves, in its order, with those of the electrolysers of each.
    plan
        Series of the plan: the power of each line, and under '' what may be bought.
    """

    dispatch: str
    grid: str
    storage: str
    customers: tuple[str, ...]
    lines: Mapping[str, tuple[str, ...]]
    plan: Mapping[str, str]


def rule_kinds(plant: Plant) -> tuple[str, ...]:
    """Return the names of all kinds of dispatch that a plant can have."""
    return tuple(kind.name for kind in at_hand(plant.kinds) if isinstance(kind.role, Dispatch))


def dispatch_of(plant: Plant) -> str:
    """Return the id of the plant's only dispatch.

    Raises
    ------
    PlantError
        If there is none, or more than one.
    """
    found = list(plant.of_role(Dispatch))
    if len(found) != 1:
        what = "no component is a dispatch" if not found else f"{listing(found)} are all a dispatch"
        remedy = f"give the plant one component of a kind such as {listing(list(rule_kinds(plant)), 'or')}"
        raise PlantError([Finding("no-single-dispatch", "components", what, remedy, plant.file)])
    return found[0]


def layout_of(plant: Plant) -> Layout:
    """Return the layout of a plant.

    Raises
    ------
    PlantError
        If it has not one dispatch and one grid connection, or the dispatch serves no line.
    """
    dispatch = dispatch_of(plant)
    findings: list[Finding] = []
    where = f"components.{dispatch}"
    line = plant.components[dispatch].line
    grids = list(plant.of_role(Grid))
    if len(grids) != 1:
        what = f"a plan is made for one grid connection, and there are {len(grids)}"
        findings.append(Finding("no-single-grid", where, what, "leave one 'grid_connection'", plant.file, line))
    findings += [finding for id_ in grids for finding in _grid_findings(plant, id_)]
    lines, tree = lines_of(plant, dispatch), PowerTree(plant.components, plant.links)
    if not lines:
        what = f"it serves no line: nothing is linked to '{dispatch}.lines'"
        remedy = f"link a 'line_controller': '<line>.line -> {dispatch}.lines'"
        findings.append(Finding("no-line", where, what, remedy, plant.file, line))
    if findings:
        raise PlantError(findings)
    level = plant.links_at(dispatch, "storage_level")
    return Layout(
        dispatch=dispatch,
        grid=grids[0],
        storage=level[0].source.component if level else "",
        customers=tuple(id_ for id_, customer in plant.of_role(Offtake).items() if customer.largest_flow is not None),
        lines={id_: tuple(c for c in plant.components if c in tree.controlled(id_)) for id_ in lines},
        plan={**{id_: plan_series(k) for k, id_ in enumerate(lines)}, "": PURCHASE_PLAN},
    )


def lines_of(plant: Plant, dispatch: str) -> list[str]:
    """Return the ids of the lines that a dispatch serves, in its order."""
    port = plant.of_role(Dispatch)[dispatch].lines
    lines = plant.of_role(LineControl)
    return [link.source.component for link in plant.links_at(dispatch, port) if link.source.component in lines]


def _grid_findings(plant: Plant, id_: str) -> Iterator[Finding]:
    """Yield what a plan must know of a grid connection and its kind does not say: limits, fee, terms of its prices."""
    grid = plant.components[id_]
    role = plant.of_role(Grid)[id_]
    named = {"import_limit": role.import_limit, "export_limit": role.export_limit, "fee": role.fee}
    lacking = [
        *(name for name, parameter in named.items() if not parameter),
        *(n for n in PRICE_TERMS if n not in grid.values),
    ]
    if lacking:
        what = f"no plan is made with a grid connection of the kind '{grid.kind.name}', which lacks {listing(lacking)}"
        remedy = "name it in its role or declare it as a parameter, or choose another rule of dispatch"
        yield Finding("no-price-terms", f"components.{id_}", what, remedy, plant.file, grid.line)


def with_dispatch(plant: Plant, kind_name: str, changes: Mapping[str, float] | None = None) -> Plant:
    """Return a plant whose dispatch is of another kind; parameters that both kinds have keep their values."""
    id_ = dispatch_of(plant)
    before = plant.components[id_]
    if before.kind.name == kind_name and not changes:
        return plant
    kind = plant.kinds[kind_name]
    values = {f.name: before.values.get(f.name, f.default or 0.0) for f in kind.parameters}
    values |= {name: value for name, value in (changes or {}).items() if name in values}
    function = before.function if kind.function_key else None
    component = Component(id_, kind, values, before.line, function)
    return replace(plant, components={**plant.components, id_: component})


def hydrogen_values(plant: Plant) -> tuple[float, float]:
    """Return what hydrogen is worth, EUR/kg, from own and from bought power.

    As the plant's dispatch says; where it says nothing, the price at which it is delivered.
    """
    values = plant.components[dispatch_of(plant)].values
    customers = plant.of_role(Offtake).items()
    price = max((plant.components[id_].values[role.price] for id_, role in customers if role.price), default=0.0)
    own = values.get("hydrogen_value_eur_per_kg") or price
    return own, values.get("grid_hydrogen_value_eur_per_kg", own)


def is_planned_here(plant: Plant) -> bool:
    """Tell whether a plant's dispatch follows a plan that is left to the planner."""
    found = [id_ for id_, role in plant.of_role(Dispatch).items() if role.is_planned]
    links = [link for link in plant.default_links() if link.is_series]
    reads = {link.source.port for link in links if link.target.component in found}
    return bool(found) and bool(reads & set(PLAN_SERIES))


def own_sources(plant: Plant, dispatch: str) -> list[PortRef]:
    """Return where a dispatch sees own power: ports of sources, or series."""
    linked = [link.source for link in plant.links_at(dispatch, "available_power")]
    target = PortRef(dispatch, "available_power")
    return linked or [link.source for link in plant.default_links() if link.target == target]


def own_power_part(plant: Plant, layout: Layout) -> Plant:
    """Return the part of a plant that makes its own power: upstream of ``available_power`` by signals."""
    reached: set[str] = set()
    ahead = [ref.component for ref in own_sources(plant, layout.dispatch)]
    while ahead:
        id_ = ahead.pop()
        if id_ in reached or id_ not in plant.components:
            continue
        reached.add(id_)
        for port in plant.components[id_].kind.ports:
            if port.medium == "signal" and port.direction == "in":
                ahead += [link.source.component for link in plant.links_at(id_, port.name)]
    return replace(
        plant,
        components={id_: c for id_, c in plant.components.items() if id_ in reached},
        links=tuple(
            link
            for link in plant.links
            if link.target.component in reached and (link.is_series or link.source.component in reached)
        ),
    )
