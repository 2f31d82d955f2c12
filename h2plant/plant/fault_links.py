"""How faults come to components: series beside what tells of trips, and sensors in signals that are read wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from h2plant.core.declare import Kind, Port
from h2plant.core.role import LineControl, Maker
from h2plant.core.role_reconverter import Reconverter
from h2plant.core.sensor_role import Sensor
from h2plant.plant.fault import Fault, Faults
from h2plant.plant.graph import SERIES, Component, Link, PortRef, find_defaults

_UNIT_TRIPS = "power.unit_trips"
"""Default of the port by which a line controller learns, unit by unit, what has no power."""


@dataclass(frozen=True)
class Wired:
    """Components and links with what brings faults, and what cannot be: a fault with what is wrong and the remedy."""

    components: dict[str, Component]
    links: tuple[Link, ...]
    refused: tuple[tuple[Fault, str, str], ...] = ()


def wire(components: Mapping[str, Component], links: tuple[Link, ...], faults: Faults, sensor: Kind | None) -> Wired:
    """Return components and links of a plant with its faults.

    Parameters
    ----------
    components, links
        Of the plant without.
    faults
        Each of a component that there is, in a way that its kind can fail.
    sensor
        The kind of sensors.
    """
    if not faults.of:
        return Wired(dict(components), links)
    wiring = _Wiring(components, links, sensor)
    for fault in faults.of:
        wiring.add(fault)
    wiring.add_units()
    return Wired(wiring.components, tuple(wiring.links), tuple(wiring.refused))


class _Wiring:
    def __init__(self, components: Mapping[str, Component], links: tuple[Link, ...], sensor: Kind | None) -> None:
        self.components = dict(components)
        self.links = list(links)
        self.refused: list[tuple[Fault, str, str]] = []
        self._sensor = sensor
        self._sensors: dict[PortRef, str] = {}
        self._units: dict[PortRef, list[Fault]] = {}  # by the port at which a line learns of its units
        self._done: set[tuple[str, str]] = set()  # (series, what it comes to)
        self._defaults = {target: sources for target, _, sources in find_defaults(components, links)}

    def add(self, fault: Fault) -> None:
        """Bring a fault to where it works; several of one component and way share their series."""
        role = self.components[fault.component].kind.role
        if fault.way == "bias":
            self._add_bias(fault)
        elif fault.way == "trip":
            self._add_trip(fault)
        elif port := self._port(fault):
            self._add_at(fault, PortRef(fault.component, port.name))
        elif isinstance(role, Maker):
            self._add_unit(fault)
        elif isinstance(role, Reconverter):
            self._add_cut(fault, PortRef(fault.component, role.load))

    def _port(self, fault: Fault) -> Port | None:
        wanted = "fouling" if fault.way == "fouling" else "outage"
        kind = self.components[fault.component].kind
        return next((port for port in kind.ports if port.fault == wanted), None)

    def _is_done(self, series: str, what: object) -> bool:
        key = series, str(what)
        is_done = key in self._done
        self._done.add(key)
        return is_done

    def _linked(self, ref: PortRef) -> list[int]:
        return [k for k, link in enumerate(self.links) if link.target == ref]

    def _settle(self, ref: PortRef) -> None:
        """Write the links that a port has by default, so that others can stand beside them."""
        sources = self._defaults.pop(ref, [])
        if not self._linked(ref):
            line = self.components[ref.component].line
            self.links += [Link(source, ref, line, True) for source in sources]

    def _add_at(self, fault: Fault, ref: PortRef, name: str = "") -> None:
        """Link the series of a fault to a port, beside what stands there."""
        name = name or fault.series[0].name
        if self._is_done(name, ref):
            return
        port = self.components[ref.component].kind.port(ref.port)
        if port.is_multi:
            self._settle(ref)
        elif self._linked(ref):
            what = f"'{ref}' is linked by hand, and a fault comes by this port"
            self.refused.append((fault, what, "remove the link, or put the fault into what it brings"))
            return
        self.links.append(Link(PortRef(SERIES, name), ref, fault.line, True))

    def _add_trip(self, fault: Fault) -> None:
        """Let a component rest, and tell who reads that it has tripped."""
        role = self.components[fault.component].kind.role
        name = fault.series[0].name
        if port := self._port(fault):
            self._add_at(fault, PortRef(fault.component, port.name), name)
        told = PortRef(fault.component, getattr(role, "tripped", ""))
        readers = list(self._readers(told))
        if not readers:
            what = f"nothing reads that '{fault.component}' has tripped"
            self.refused.append((fault, what, f"link '{told}', or let it be out: 'fault: outage'"))
        for ref in readers:
            self._add_at(fault, ref, name)

    def _readers(self, source: PortRef) -> Iterator[PortRef]:
        """Yield the ports that read a signal, of the file's links and by default."""
        yield from dict.fromkeys(link.target for link in self.links if link.source == source)
        yield from [target for target, sources in self._defaults.items() if source in sources]

    def _add_unit(self, fault: Fault) -> None:
        """Find the line that a stack is a unit of."""
        for id_, c in self.components.items():
            role = c.kind.role
            if not isinstance(role, LineControl):
                continue
            port = next((p.name for p in c.kind.ports if p.default == _UNIT_TRIPS), "")
            units = [link.target.component for link in self.links if link.source == PortRef(id_, role.units)]
            if fault.component not in units or not port:
                continue
            if any(not self.links[k].is_made for k in self._linked(PortRef(id_, port))):
                what = f"'{id_}.{port}' is linked by hand, and a fault of a unit comes by this port"
                self.refused.append((fault, what, "remove these links"))
                return
            self._units.setdefault(PortRef(id_, port), []).append(fault)
            return
        what = f"no line controller commands '{fault.component}', and only one can do without it"
        self.refused.append((fault, what, "let the fault strike what feeds it, such as a rectifier"))

    def add_units(self) -> None:
        """Tell each line with faults of its units of them, unit by unit; the series of units without are 0."""
        for ref in self._units:
            role = self.components[ref.component].kind.role
            assert isinstance(role, LineControl)
            units = [link.target.component for link in self.links if link.source == PortRef(ref.component, role.units)]
            before = self._defaults.pop(ref, [])
            n = len(before) // len(units)
            line = self.components[ref.component].line
            for i, unit in enumerate(units):
                own = [*before[i * n : (i + 1) * n], PortRef(SERIES, f"outage_{unit}_frac")]
                self.links += [Link(source, ref, line, True) for source in own]

    def _sensor_at(self, ref: PortRef, fault: Fault) -> str:
        """Return the sensor in a signal, by its source or its only reader, new where there is none yet."""
        if ref in self._sensors:
            return self._sensors[ref]
        id_ = f"{ref.component}_{ref.port}_sensor"
        while id_ in self.components:
            id_ += "_"
        assert self._sensor is not None
        values = {f.name: f.default or 0.0 for f in self._sensor.parameters}
        self.components[id_] = Component(id_, self._sensor, values, fault.line)
        self._sensors[ref] = id_
        return id_

    def _sensor_role(self) -> Sensor:
        assert self._sensor is not None and isinstance(self._sensor.role, Sensor)
        return self._sensor.role

    def _add_bias(self, fault: Fault) -> None:
        """Let all that read a signal read it by a sensor, which is wrong by bias and gain."""
        source, role = PortRef(fault.component, fault.port), self._sensor_role()
        if source not in self._sensors:
            for ref in [target for target, sources in self._defaults.items() if source in sources]:
                self._settle(ref)
            readers = [k for k, link in enumerate(self.links) if link.source == source]
            if not readers:
                self.refused.append((fault, f"nothing reads '{source}'", "name a signal that a controller reads"))
                return
            id_ = self._sensor_at(source, fault)
            for k in readers:
                self.links[k] = replace(self.links[k], source=PortRef(id_, role.reading))
            self.links.append(Link(source, PortRef(id_, role.signal), fault.line, True))
        id_ = self._sensors[source]
        for one in fault.series:
            port = role.bias if one.name.startswith("bias_") else role.gain
            if not self._is_done(one.name, port):
                self.links.append(Link(PortRef(SERIES, one.name), PortRef(id_, port), fault.line, True))

    def _add_cut(self, fault: Fault, ref: PortRef) -> None:
        """Let what a component is asked for pass a sensor, which shows less of it."""
        role = self._sensor_role()
        if ref not in self._sensors:
            self._settle(ref)
            linked = self._linked(ref)
            if not linked:
                self.refused.append((fault, f"nothing asks '{ref}' for anything", "link it to what commands it"))
                return
            id_ = self._sensor_at(ref, fault)
            for k in linked:
                self.links[k] = replace(self.links[k], target=PortRef(id_, role.signal))
            self.links.append(Link(PortRef(id_, role.reading), ref, fault.line, True))
        self._add_at(fault, PortRef(self._sensors[ref], role.lost), fault.series[0].name)
