"""What planning must know of a plant's wiring: its dispatch, grid, storage, deliveries and own power."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from h2plant.components import KINDS
from h2plant.components.registry import at_hand
from h2plant.core.battery_role import Battery
from h2plant.core.role import Control, Dispatch, Grid, LineControl, Offtake, Reconverter, Role
from h2plant.core.sensor_role import Sensor
from h2plant.plant.finding import Finding, PlantError, listing
from h2plant.plant.graph import Component, Link, Plant, PortRef, PowerTree
from h2plant.plant.series_spec import BATTERY_PLAN, LOAD_PLAN, PLAN_SERIES, PURCHASE_PLAN, plan_series

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
    customers, contracts
        Components that take hydrogen by a timetable, what is there; those that are served by a contract.
    lines
        Ids of the line controllers that the dispatch serves, in its order, with those of the electrolysers of each.
    plan
        Series of the plan: the power of each line, and under '' what may be bought.
    batteries, reconverters
        Batteries that the dispatch commands; fuel cells and engines that it does.
    battery_plan, load_plan
        Series of what they are to do.
    """

    dispatch: str
    grid: str
    storage: str
    customers: tuple[str, ...]
    lines: Mapping[str, tuple[str, ...]]
    plan: Mapping[str, str]
    contracts: tuple[str, ...] = ()
    batteries: tuple[str, ...] = ()
    reconverters: tuple[str, ...] = ()
    battery_plan: str = BATTERY_PLAN
    load_plan: str = LOAD_PLAN


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
        remedy = "leave one 'grid_connection'" if grids else "an island has one with import_limit_mw: 0"
        findings.append(Finding("no-single-grid", where, what, remedy, plant.file, line))
    findings += [finding for id_ in grids for finding in _grid_findings(plant, id_)]
    lines, tree = lines_of(plant, dispatch), PowerTree(plant.components, plant.links)
    if not lines:
        what = f"it serves no line: nothing is linked to '{dispatch}.lines'"
        remedy = f"link a 'line_controller': '<line>.line -> {dispatch}.lines'"
        findings.append(Finding("no-line", where, what, remedy, plant.file, line))
    if findings:
        raise PlantError(findings)
    level = [measured(plant, link.source) for link in _links_at(plant, dispatch, "storage_level")]
    customers = {id_: role for id_, role in plant.of_role(Offtake).items() if role.largest_flow is not None}
    return Layout(
        dispatch=dispatch,
        grid=grids[0],
        storage=level[0].component if level else "",
        customers=tuple(id_ for id_, role in customers.items() if role.contract is None),
        contracts=tuple(id_ for id_, role in customers.items() if role.contract is not None),
        lines={id_: tuple(c for c in plant.components if c in tree.controlled(id_)) for id_ in lines},
        plan={**{id_: plan_series(k) for k, id_ in enumerate(lines)}, "": PURCHASE_PLAN},
        batteries=tuple(_batteries(plant, dispatch)),
        reconverters=tuple(_reconverters(plant, dispatch)),
    )


def measured(plant: Plant, source: PortRef) -> PortRef:
    """Return what a signal measures, or who asks for it: sensors pass it on."""
    while source.component in plant.components:
        role = plant.components[source.component].kind.role
        links = plant.links_at(source.component, role.signal) if isinstance(role, Sensor) else ()
        if not links:
            break
        source = links[0].source
    return source


def _links_at(plant: Plant, id_: str, port: str) -> list[Link]:
    """Return the links that end at a port, else those that it has by default."""
    target = PortRef(id_, port)
    return list(plant.links_at(id_, port)) or [link for link in plant.default_links() if link.target == target]


def _batteries(plant: Plant, dispatch: str) -> Iterator[str]:
    """Yield the batteries that a dispatch commands."""
    port = plant.of_role(Dispatch)[dispatch].battery_share
    for id_, role in plant.of_role(Battery).items():
        direct = role.direct_setpoint and plant.links_at(id_, role.direct_setpoint)
        if not direct and any(link.source == PortRef(dispatch, port) for link in _links_at(plant, id_, role.share)):
            yield id_


def _reconverters(plant: Plant, dispatch: str) -> Iterator[str]:
    """Yield the fuel cells and engines that a dispatch commands."""
    port = plant.of_role(Dispatch)[dispatch].load
    for id_, role in plant.of_role(Reconverter).items():
        asked = (measured(plant, link.source) for link in plant.links_at(id_, role.load))
        if port and any(source == PortRef(dispatch, port) for source in asked):
            yield id_


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
    """Return a plant whose dispatch is of another kind; parameters that both kinds have keep their values.

    Fuel cells and engines that a rule beside it runs are left to a dispatch that runs them itself, those that it ran
    to a rule beside another dispatch.
    """
    id_ = dispatch_of(plant)
    before = plant.components[id_]
    if before.kind.name == kind_name and not changes:
        return plant
    kind = plant.kinds[kind_name]
    values = {f.name: before.values.get(f.name, f.default or 0.0) for f in kind.parameters}
    values |= {name: value for name, value in (changes or {}).items() if name in values}
    function = before.function if kind.function_key else None
    component = Component(id_, kind, values, before.line, function)
    changed = replace(plant, components={**plant.components, id_: component})
    return _with_loads(changed, id_, before.kind.role)


def _with_loads(plant: Plant, dispatch: str, before: Role | None) -> Plant:
    """Return a plant whose fuel cells are commanded by its dispatch, if it can, else by a rule beside it."""
    role, rules = plant.of_role(Dispatch)[dispatch], plant.of_role(Control)
    beside = [PortRef(id_, rule.load) for id_, rule in rules.items() if rule.load]
    loads = {PortRef(id_, one.load) for id_, one in plant.of_role(Reconverter).items()}
    sensors = plant.of_role(Sensor)
    shown = {link.source.component for link in plant.links if link.target in loads}
    loads |= {PortRef(id_, sensors[id_].signal) for id_ in shown if id_ in sensors}
    if role.load:
        source: PortRef | None = PortRef(dispatch, role.load)
        taken = set(beside)
    else:
        source = beside[0] if beside else None
        taken = {PortRef(dispatch, before.load)} if isinstance(before, Dispatch) and before.load else set()
    links: list[Link] = []
    for link in plant.links:
        if link.source not in taken or link.target not in loads:
            links.append(link)
        elif source is not None:
            links.append(replace(link, source=source))
    return replace(plant, links=tuple(links))


def hydrogen_values(plant: Plant) -> tuple[float, float]:
    """Return what hydrogen is worth, EUR/kg, from own and from bought power.

    As the plant's dispatch says; where it says nothing, the price at which it is delivered.
    """
    values = plant.components[dispatch_of(plant)].values
    price = usual_price(plant)
    own = values.get("hydrogen_value_eur_per_kg") or price
    return own, values.get("grid_hydrogen_value_eur_per_kg", own)


def usual_price(plant: Plant) -> float:
    """Return the price, EUR/kg, at which hydrogen goes: to customers that take what there is, else to any."""
    priced = {id_: role for id_, role in plant.of_role(Offtake).items() if role.price}
    by_contract = {id_ for id_, role in priced.items() if role.contract is not None}
    meant = set(priced) - by_contract or set(priced)
    return max((plant.components[id_].values[priced[id_].price] for id_ in meant), default=0.0)


def is_planned_here(plant: Plant) -> bool:
    """Tell whether a plant's dispatch follows a plan that is left to the planner."""
    found = [id_ for id_, role in plant.of_role(Dispatch).items() if role.is_planned]
    links = [link for link in plant.default_links() if link.is_series]
    reads = {link.source.port for link in links if link.target.component in found}
    return bool(found) and bool(reads & (set(PLAN_SERIES) - {BATTERY_PLAN, LOAD_PLAN}))


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
