"""Sizes that contradict each other: what treats the gas of electrolysers is made for a fraction of what these make."""

from __future__ import annotations

from collections.abc import Iterator

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
    below: dict[PortRef, list[PortRef]] = {}
    for link in plant.links:
        if not link.is_series and _is_stream(plant, link.source) and _is_stream(plant, link.target):
            below.setdefault(link.source, []).append(link.target)
    flows: dict[str, float] = {}
    for id_, role in plant.of_role(Maker).items():
        ports = plant.components[id_].kind.port_by_name
        port = next((name for name in (role.made.partition(".")[0], "hydrogen") if name in ports), None)
        if port is None:
            continue
        flow = plant.components[id_].values.get(role.rated_power, 0.0) / _ENERGY_J_PER_KG
        front, seen = [PortRef(id_, port)], {id_}
        while front:
            targets = below.get(front.pop(), [])
            if len(targets) != 1 or targets[0].component in seen:
                continue
            reached = targets[0].component
            seen.add(reached)
            component = plant.components[reached]
            if isinstance(component.kind.role, Store):
                continue
            flows[reached] = flows.get(reached, 0.0) + flow
            outs = [
                PortRef(reached, p.name) for p in component.kind.ports if p.medium == "stream" and p.border != "drained"
            ]
            linked = [ref for ref in outs if ref in below]
            front += linked if len(linked) == 1 else []
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


def _is_stream(plant: Plant, ref: PortRef) -> bool:
    component = plant.components.get(ref.component)
    port = component.kind.port_by_name.get(ref.port) if component is not None else None
    return port is not None and port.medium == "stream"
