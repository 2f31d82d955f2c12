"""The sums of a run, looked up by kind of component."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from h2plant.components import KINDS
from h2plant.core.bus import ENTHALPY
from h2plant.results.ledger import ITEMS, Ledger
from h2plant.simulation.program import Flow, Program

PRODUCTS = {"hydrogen": "h2", "oxygen": "o2", "nitrogen": "n2", "water": "h2o"}
"""What a product sink may sell, and its columns in the ledger."""

J_PER_KWH = 3.6e6
J_PER_MWH = 3.6e9
H2, O2, H2O, ENERGY, MONEY = 0, 1, 3, 4, 5
"""Columns of the ledger (``ledger.ITEMS``)."""

DELIVERY_KINDS = ("truck_loading", "product_sink")
SUMS = frozenset(
    {
        *("imported_j", "exported_j", "curtailed_j", "unserved_j", "emitted_kg"),
        *("delivered_h2_kg", "missed_kg", "unserved_kg"),
        *("running_h", "n_starts", "n_cold_starts", "n_replacements"),
        *("cold_start_s", "cold_lost_s", "cold_start_j", "hot_start_s", "hot_lost_s", "hot_start_j"),
    }
)
"""Fields that only ever add up: the ledger tells what came to them since it was opened."""

ELECTROLYSERS = ("pem_stack", "soec_module")


class Totals:
    """Looks sums up by kind of component."""

    def __init__(self, program: Program, ledger: Ledger) -> None:
        self.program = program
        self.ledger = ledger
        self.kind_of = [KINDS[k].name for k in program.component_kinds]

    def of_kind(self, *names: str) -> list[int]:
        return [i for i, kind in enumerate(self.kind_of) if kind in names]

    def field(self, component: int, name: str) -> float:
        """Return a field as it is now; of ``SUMS`` what was added since the ledger was opened."""
        return self.change(component, name) if name in SUMS else self._now(component, name)

    def change(self, component: int, name: str) -> float:
        """Return by how much a field has changed since the ledger was opened."""
        return self._now(component, name) - self.before(component, name)

    def before(self, component: int, name: str) -> float:
        """Return a field as it was when the ledger was opened."""
        memory = self.ledger.memory_before
        if memory is None:
            return 0.0
        return float(memory[self.program.field_index[f"{self.program.component_ids[component]}.{name}"]])

    def _now(self, component: int, name: str) -> float:
        return self.program.value(f"{self.program.component_ids[component]}.{name}")

    def sum_field(self, components: Iterable[int], name: str) -> float:
        return sum(self.field(i, name) for i in components)

    def port(self, component: int, port: str, offset: int = 0) -> float:
        """Return the sum over the run of a port's slot times the step: J, kg or EUR."""
        slot = self.program.slot_index[f"{self.program.component_ids[component]}.{port}"]
        return float(self.program.arrays.totals[slot + offset])

    def sum_port(self, kind: str, port: str) -> float:
        return sum(self.port(i, port) for i in self.of_kind(kind))

    def heating_j(self, manager: int) -> float:
        """Return the enthalpy that feed water gained in a thermal manager."""
        return self.port(manager, "water_outlet", ENTHALPY) - self.port(manager, "water_inlet", ENTHALPY)

    @property
    def sinks(self) -> list[int]:
        return self.of_kind("product_sink")

    def sink_income_eur(self, sink: int) -> dict[str, float]:
        """Return what each product that flowed into a sink earned there, EUR; negative: its disposal was paid for."""
        income = {}
        for product, species in PRODUCTS.items():
            price = self._now(sink, f"{'water' if product == 'water' else species}_price_eur_per_kg")
            income[product] = float(self.ledger.inflow[sink, ITEMS.index(f"{species}_kg")]) * price
        return income

    def hydrogen_revenue_eur(self) -> float:
        """Return what trailers and sinks paid for hydrogen, EUR."""
        return self.sum_port("truck_loading", "revenue") + sum(self.sink_income_eur(i)["hydrogen"] for i in self.sinks)

    def drawn(self) -> dict[int, float]:
        """Return the electric energy that each component kept to itself, J; suppliers of the plant left out."""
        suppliers = set(self.of_kind("wind_farm", "grid_connection"))
        drawn: dict[int, float] = {}
        for flow in self.program.flows:
            if flow.medium != "power":
                continue
            energy = float(self.program.arrays.totals[flow.slot])
            for component, sign in ((flow.target, 1.0), (flow.source, -1.0)):
                if component >= 0 and component not in suppliers:
                    drawn[component] = drawn.get(component, 0.0) + sign * energy
        return drawn

    def unsourced(self) -> Iterator[tuple[int, float, float]]:
        """Yield (component, energy that no source gave it, J, energy drawn there, J) where power has no source.

        Drawn there is what all components keep to themselves that are fed from it, over buses and converters.
        """
        kept = self.drawn()
        power = [flow for flow in self.program.flows if flow.medium == "power"]
        for flow in power:
            if flow.source >= 0 or flow.target < 0 or self._border(flow) in ("source", "surplus"):
                continue
            energy = float(self.program.arrays.totals[flow.slot])
            if energy > 0.0:
                fed = _fed_from(flow.target, power)
                yield flow.target, energy, max(sum(max(kept.get(i, 0.0), 0.0) for i in fed), energy)

    def _border(self, flow: Flow) -> str:
        kind = KINDS[self.program.component_kinds[flow.target]]
        return kind.port(flow.name.rpartition(".")[2]).border

    def made_kg(self, kind: str) -> float:
        return float(self.ledger.reacted[self.of_kind(kind), H2].sum())

    def sold(self, item: int) -> float:
        return float(self.ledger.inflow[self.of_kind(*DELIVERY_KINDS), item].sum())

    def used_j(self) -> float:
        """Return the electricity that all components keep to themselves, J: over buses in series it counts once."""
        return float(sum(self.drawn().values()))


def _fed_from(component: int, power: Iterable[Flow]) -> set[int]:
    """Return a component and all that get power from it, directly or over others."""
    links = list(power)
    fed, front = {component}, [component]
    while front:
        here = front.pop()
        for flow in links:
            if flow.source == here and flow.target >= 0 and flow.target not in fed:
                fed.add(flow.target)
                front.append(flow.target)
    return fed
