"""Gas that would have to flow uphill: into stores, or out of what leaves at a pressure that its feed does not have."""

from __future__ import annotations

from collections.abc import Iterator

from h2plant.core.role import Store
from h2plant.plant.finding import Finding
from h2plant.plant.graph import Plant, PortRef

_LACKING = 0.9
"""Share of a store's highest pressure below which a feed counts as too low: losses of the way are not looked at."""


def pressure_findings(plant: Plant) -> Iterator[Finding]:
    """Yield a finding for each feed of a store whose pressure does not reach the store's highest.

    It is followed upstream through what leaves the pressure as it is, up to the port that says the pressure.
    """
    yield from _inlet_findings(plant)
    for id_, role in plant.of_role(Store).items():
        store = plant.components[id_]
        if not role.highest:
            continue
        highest = store.values[role.highest]
        inlets = [p.name for p in store.kind.ports if p.medium == "stream" and p.direction == "in"]
        for link in (link for name in inlets for link in plant.links_at(id_, name)):
            for ref, pressure, name in _givers(plant, link.source, set()):
                if pressure < _LACKING * highest:
                    what = (
                        f"is filled to {highest / 1e5:g} bar, and '{ref}' gives gas of {pressure / 1e5:g} bar at most"
                    )
                    remedy = "put a compressor between, such as 'block: compression' or 'kind: compressor_stage', "
                    remedy += f"raise '{name}' of '{ref.component}', or lower '{role.highest}'"
                    yield Finding("pressure-too-low", f"{id_}.{link.target.port}", what, remedy, plant.file, link.line)


def _inlet_findings(plant: Plant) -> Iterator[Finding]:
    """Yield a finding for each inlet that says the pressure it needs, where what comes has less."""
    for id_, component in plant.components.items():
        for port in (p for p in component.kind.ports if p.pressure and p.direction == "in"):
            needed = component.values[port.pressure]
            for link in plant.links_at(id_, port.name):
                for ref, pressure, name in _givers(plant, link.source, set()):
                    if pressure < _LACKING * needed:
                        what = f"leaves at {needed / 1e5:g} bar, and '{ref}' gives {pressure / 1e5:g} bar at most"
                        remedy = f"raise '{name}' of '{ref.component}', or lower '{port.pressure}'"
                        yield Finding("pressure-too-low", f"{id_}.{port.name}", what, remedy, plant.file, link.line)


def _givers(plant: Plant, ref: PortRef, seen: set[PortRef]) -> Iterator[tuple[PortRef, float, str]]:
    """Yield the ports that say the pressure of a stream, with it, Pa, and the name of its parameter."""
    component = plant.components.get(ref.component)
    port = component.kind.port_by_name.get(ref.port) if component is not None else None
    if component is None or port is None or ref in seen:
        return
    seen.add(ref)
    if port.pressure:
        yield ref, component.values[port.pressure], port.pressure
        return
    if isinstance(component.kind.role, Store):
        return
    streams = [p for p in component.kind.ports if p.medium == "stream" and p.border != "drained"]
    inlets = [p.name for p in streams if p.direction == "in"]
    if len(inlets) > 1 and len(streams) > len(inlets) + 1:
        # several streams side by side: 'hot_outlet' is what came at 'hot_inlet'
        inlets = [name for name in inlets if name == ref.port.replace("outlet", "inlet")]
    for link in (link for name in inlets for link in plant.links_at(ref.component, name)):
        yield from _givers(plant, link.source, seen)
