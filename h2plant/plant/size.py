"""Sizes that contradict each other: what treats the gas of electrolysers is made for a fraction of what these make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from h2plant.core.role import Maker, Store
from h2plant.plant.finding import Finding
from h2plant.plant.graph import Plant, PortRef

NOMINAL = "nominal_flow_kg_per_s"
_LEAST = 0.2
"""Share of the flow for which a component must be made: pressure losses go with the square of the flow."""
_ENERGY_J_PER_KG = 180.0e6
"""Electricity for which an electrolyser makes a kilogram of hydrogen: 50 kWh, of few more than 60."""


def size_findings(plant: Plant) -> Iterator[Finding]:
    """Yield a finding for each component whose nominal flow is below a fifth of what electrolysers bring there.

    The flow is followed through what has one way out, up to the first store.
    """
    below = plant.structure.streams
    flows: dict[str, float] = {}
    paths: dict[str, list[str]] = {}
    for id_, role in plant.of_role(Maker).items():
        ports = plant.components[id_].kind.port_by_name
        port = next((name for name in (role.made.partition(".")[0], "hydrogen") if name in ports), None)
        first = below.get(PortRef(id_, port), []) if port is not None else []
        if len(first) != 1:
            continue
        if first[0] not in paths:
            paths[first[0]] = list(_path(plant, first[0], below))
        for reached in paths[first[0]]:
            flow = plant.components[id_].values.get(role.rated_power, 0.0) / _ENERGY_J_PER_KG
            flows[reached] = flows.get(reached, 0.0) + flow
    for id_, flow in flows.items():
        component = plant.components[id_]
        nominal = component.values.get(NOMINAL)
        if nominal is not None and nominal < _LEAST * flow:
            what = (
                f"is made for {3600.0 * nominal:.3g} kg/h, and the electrolysers before it make about "
                f"{3600.0 * flow:.3g} kg/h of hydrogen"
            )
            remedy = f"give 'nominal_flow_kg_per_h: {3600.0 * flow:.3g}', and what else goes with the size"
            yield Finding("too-small", f"components.{id_}", what, remedy, plant.file, component.line)


def _path(plant: Plant, id_: str, below: Mapping[PortRef, list[str]]) -> Iterator[str]:
    """Yield the components through which a stream goes from one on, as long as there is one way."""
    seen: set[str] = set()
    while id_ not in seen and not isinstance(plant.components[id_].kind.role, Store):
        yield id_
        seen.add(id_)
        outs = [PortRef(id_, p.name) for p in plant.components[id_].kind.ports if p.border != "drained"]
        linked = [targets for ref in outs if (targets := below.get(ref))]
        if len(linked) != 1 or len(linked[0]) != 1:
            return
        id_ = linked[0][0]
