"""Checks of a plant: everything that must hold before it is lowered, and the order of calculation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from h2plant.components.registry import at_hand
from h2plant.core.battery_role import Battery
from h2plant.core.bus import MOST_LINES
from h2plant.core.declare import Field, Port
from h2plant.core.derived import Lack
from h2plant.core.number import is_finite, within_floats
from h2plant.core.role import Dispatch, LineControl
from h2plant.core.sizing import as_reported, size_of, size_reason
from h2plant.core.units import parse_unit_text, unit_text
from h2plant.dispatch.declaration import RFNBO_CHOICES
from h2plant.plant.finding import Finding, and_then, in_order, listing, nearest
from h2plant.plant.graph import SERIES, Component, DerivedSeries, Link, Plant, PortRef
from h2plant.plant.order import loop_findings
from h2plant.plant.pressure import pressure_findings
from h2plant.plant.series_spec import BUILT_IN_SERIES, series_unit
from h2plant.plant.size import size_findings

_BUNDLED = {("ES", "price"): "es_2023_price"}
"""Bundled files of other countries than that of 'nl_2023', by country and quantity."""
FAR_RATIO = 5.0
"""A given size this much above or below the one that would follow is noted."""
_SINGLE_REMEDY = {
    ("stream", "in"): "join the streams in a mixer before",
    ("stream", "out"): "part the stream in a splitter behind",
    ("power", "in"): "feed it from one supply, such as a power_bus with several supplies",
    ("power", "out"): "put a power_bus between",
}


def check_plant(plant: Plant, unread: Collection[str] = ()) -> list[Finding]:
    """Check a plant.

    Parameters
    ----------
    plant
        The plant.
    unread
        Ids of components that stand in its file but could not be read; links to them are not held against
        the plant a second time.

    Returns
    -------
    list of Finding
        Everything that is wrong, by line; empty if the plant can be lowered.
    """
    checker = _Checker(plant, frozenset(unread))
    checker.check_values()
    checker.check_sizes()
    sound = checker.check_links()
    checker.check_once("counts", lambda: checker.check_counts(sound))
    checker.check_open_ports()
    checker.check_power_ports()
    checker.check_once("most links", checker.check_most_links)
    checker.check_once("pairs", checker.check_pairs)
    checker.check_once("lines", checker.check_lines, checker.check_commands)
    checker.check_default_series()
    checker.findings += _taken_series(plant)
    checker.findings += loop_findings(plant, sound)
    if all(finding.severity == "note" for finding in checker.findings):
        checker.check_asked_loads()
        checker.findings += size_findings(plant)
        checker.findings += pressure_findings(plant)
    return in_order(checker.findings)


def _taken_series(plant: Plant) -> list[Finding]:
    """Return the series of a plant that are called as the one by which a fault of it comes."""
    what = "a fault of the plant has this name"
    remedy = "give the series another name, or take out the fault: it makes a series of this name"
    taken = [plant.series[name] for name in plant.fault_series if name in plant.series]
    return [Finding("name-taken", f"series.{one.name}", what, remedy, one.declared_in, one.line) for one in taken]


def bound_finding(field: Field, value: float) -> str | None:
    """Return what is wrong with a value in SI; None if it is within the bounds of its field."""
    if not is_finite(value):
        return f"is {within_floats(value)}, wanted a finite number"
    if field.ge is not None and value < field.ge:
        return f"is {value:g}, below its bound"
    if field.le is not None and value > field.le:
        return f"is {value:g}, above its bound"
    return None


def _can_link(port: Port, other: Port) -> bool:
    """Tell whether a link may join an open port to another that does not end outside the plant."""
    return (
        port.medium == other.medium
        and port.direction != other.direction
        and port.is_writer != other.is_writer
        and not (other.medium == "power" and other.border)
        and (not (port.unit and other.unit) or port.unit == other.unit)
    )


def _kinds_with(port: Port, plant: Plant) -> str:
    """Return which kinds have a port that would do, where they are few; not those that the plant has, in vain."""
    have = {component.kind.name for component in plant.components.values()}
    fitting = {kind.name for kind in at_hand(plant.kinds) if any(_can_link(port, p) for p in kind.ports)}
    names = sorted(fitting - have)
    said = ", ".join([name for name in names if name in port.doc] or names)  # the one that the port itself names
    return f": add a component of a kind such as {said}" if 0 < len(names) <= 4 else ""


def _is_idle(port: Port, component: Component) -> bool:
    """Whether a port needs no link: all parameters that it goes by are 0."""
    return bool(port.idle_without) and all(component.values.get(name) == 0.0 for name in port.idle_without)


class _Checker:
    def __init__(self, plant: Plant, unread: frozenset[str]) -> None:
        self.plant = plant
        self.unread = unread
        self.findings: list[Finding] = []
        self.broken: set[str] = set()  # components with a link that has a finding, which may be one that is missing

    def find(self, id: str, where: str, what: str, remedy: str, line: int) -> None:
        self.findings.append(Finding(id, where, what, remedy, self.plant.file, line))

    def check_values(self) -> None:
        """Check each parameter of each component: there, known, finite, within bounds."""
        for c in self.plant.components.values():
            fields = c.kind.parameter_by_name
            for name in sorted(c.values.keys() - fields.keys()):
                what = f"the kind '{c.kind.name}' has no parameter '{name}'"
                self.find("unknown-parameter", f"{c.id}.{name}", what, nearest(name, fields), c.line)
            for name, (low, high) in c.kind.bounds.items():
                if name in c.values and low <= c.values[name] <= high:
                    continue  # as most are
                field = fields[name]
                if name not in c.values:
                    remedy = f"give '{name}': {field.doc}"
                    self.find("missing-parameter", f"{c.id}.{name}", "has no value", remedy, c.line)
                    continue
                wrong = bound_finding(field, c.values[name])
                if wrong is not None:
                    remedy = f"choose {range_text(field)}"
                    if field.size_from and name not in c.given:
                        wrong += f" ({size_reason(c.kind, name, c.values)})"
                        remedy = f"give '{name}': {remedy}"
                    self.find("out-of-bounds", f"{c.id}.{name}", wrong, remedy, c.line)
                elif field.is_whole and c.values[name] != round(c.values[name]):
                    what = f"is {c.values[name]:g}, and there is no part of one ({field.doc})"
                    self.find("not-whole", f"{c.id}.{name}", what, f"choose {round(c.values[name])}", c.line)
            self.check_orders(c)

    def check_orders(self, c: Component) -> None:
        """Check that parameters of a component do not cross where it could not work then."""
        for order in c.kind.orders:
            if {order.lower, order.upper} <= c.values.keys() and not order.is_kept(c.values):
                units = {f.name: "" if f.unit == "1" else f" {f.unit}" for f in c.kind.parameters}
                low, high = (f"{c.values[name]:.7g}{units[name]}" for name in (order.lower, order.upper))
                apart = "" if order.ratio == 1.0 else f" by {order.ratio:g}"
                what = f"is {low}{apart} and '{order.upper}' {high}: {order.reason}"
                remedy = f"lower '{order.lower}' or raise '{order.upper}'"
                self.find("limits-crossed", f"{c.id}.{order.lower}", what, remedy, c.line)

    def check_sizes(self) -> None:
        """Check that the parameters of a component hold together, and note sizes far from those that would follow."""
        wrong = {finding.where.partition(".")[0] for finding in self.findings}
        for c in self.plant.components.values():
            if c.id in wrong:
                continue
            faulty = set()
            for name, what, remedy in c.kind.contradictions(c.values) if c.kind.contradictions is not None else ():
                faulty.add(name)
                self.find("contradiction", f"{c.id}.{name}", what, remedy, c.given.get(name) or c.line)
            for name in [name for name in c.kind.size_rules if name in c.given and name not in faulty]:
                field, given = c.kind.field(name), c.values[name]
                follows = size_of(c.kind, field, c.values)
                if given == 0.0 or follows == 0.0 or 1.0 / FAR_RATIO <= given / follows <= FAR_RATIO:
                    continue
                what = f"is {given / follows:.3g} of the size that would follow "
                what += f"({as_reported(field, given)} for {as_reported(field, follows)}, "
                what += f"{size_reason(c.kind, name, c.values)})"
                remedy = f"leave '{name}' out to let it follow, or keep it if it is meant so"
                where, line = f"{c.id}.{name}", c.given[name] or c.line
                self.findings.append(
                    Finding("far-off-size", where, what, remedy, self.plant.file, line, severity="note")
                )

    def check_once(self, name: str, check: Callable[[], None], further: Callable[[], None] | None = None) -> None:
        """Run a check that goes by ids, kinds and links; after it found nothing, plants alike have ``further`` only."""
        passed = self.plant.structure.passed
        if name in passed:
            if further is not None:
                further()
            return
        n_findings = len(self.findings)
        check()
        if len(self.findings) == n_findings and not self.broken:
            passed.add(name)

    def check_links(self) -> Sequence[Link]:
        """Check all links; returns those that can be followed further."""
        links, structure = self.plant.links, self.plant.structure
        asked = [links[k] for k in structure.series_links] if "links" in structure.passed else links
        refused = [link for link in asked if not self.check_link(link)]
        if not refused:
            structure.passed.add("links")
            return links
        self.broken = {ref.component for link in refused for ref in link.ends}
        return [link for link in links if link not in refused]

    def check_link(self, link: Link) -> bool:
        """Check both ends of a link and whether they fit; returns whether it can be followed further."""
        source = self._series(link) if link.is_series else self._port(link.source, link)
        target = self._port(link.target, link)
        if source is None or target is None:
            return False
        if source.direction != "out" or target.direction != "in":
            if source.direction == "in" and target.direction == "out":
                remedy = f"turn it round: '{link.target} -> {link.source}'"
            else:
                remedy = "a link goes from an 'out' port to an 'in' port; see `h2plant kinds <kind>`"
            what = f"'{link.source}' is an '{source.direction}' port and '{link.target}' an '{target.direction}' port"
            self.find("wrong-direction", str(link), what, remedy, link.line)
            return False
        if source.medium != target.medium:
            what = f"'{link.source}' carries {source.medium}, '{link.target}' takes {target.medium}"
            remedy = f"link '{link.target}' to {self._candidates(target, link.target)}"
            self.find("wrong-medium", str(link), what, remedy, link.line)
            return False
        if source.is_writer == target.is_writer:
            who = "both ends set" if source.is_writer else "neither end sets"
            what = f"{who} the value of this link"
            if source.medium == "power":
                remedy = (
                    "power is set by the consumer: put a power_bus or a rectifier between, which serves what is drawn"
                )
            else:
                remedy = "link each end to a port of the other sort; see 'writes' in `h2plant kinds <kind>`"
            self.find("no-single-writer", str(link), what, remedy, link.line)
            return False
        return self._is_same_unit(link, source, target)

    def _is_same_unit(self, link: Link, source: Port, target: Port) -> bool:
        if source.medium != "signal" or not source.unit or not target.unit:
            return True
        given, wanted = parse_unit_text(source.unit), parse_unit_text(target.unit)
        if given is None or wanted is None or given[1:] == wanted[1:]:
            return True
        what = f"'{link.source}' is in {source.unit}, '{link.target}' wants {target.unit}"
        self.find("wrong-unit", str(link), what, f"link a signal in {target.unit}", link.line)
        return False

    def _series(self, link: Link) -> Port | None:
        name = link.source.port
        if name in self.plant.series:
            found = series_unit(name)
            return Port(name, "signal", "out", "", is_multi=True, unit=unit_text(found.si) if found else "")
        if name in BUILT_IN_SERIES:
            return Port(name, "signal", "out", "", is_multi=True, unit=BUILT_IN_SERIES[name])
        if name in self.plant.fault_series:
            return Port(name, "signal", "out", "", is_multi=True)
        if name in self.plant.derived_series:
            found = series_unit(name)
            return Port(name, "signal", "out", "", is_multi=True, unit=unit_text(found.si) if found else "")
        remedy = and_then(nearest(name, [*self.plant.series, *BUILT_IN_SERIES]), "Series are declared under 'series:'")
        self.find("unknown-series", str(link), f"there is no series '{name}'", remedy, link.line)
        return None

    def _port(self, ref: PortRef, link: Link) -> Port | None:
        if ref.component == SERIES:
            remedy = "series are read only; take a component's results from the log"
            self.find("wrong-direction", str(link), "a link cannot end at a series", remedy, link.line)
            return None
        component = self.plant.components.get(ref.component)
        if component is None:
            if ref.component not in self.unread:
                remedy = nearest(ref.component, self.plant.components)
                self.find("unknown-component", str(link), f"there is no component '{ref.component}'", remedy, link.line)
            return None
        port = component.kind.port_by_name.get(ref.port)
        if port is not None:
            return port
        what = f"the kind '{component.kind.name}' has no port '{ref.port}'"
        self.find("unknown-port", str(link), what, nearest(ref.port, [p.name for p in component.kind.ports]), link.line)
        return None

    def check_counts(self, links: Sequence[Link]) -> None:
        """Check for links that stand twice and single ports with two; a signal may go to many readers."""
        first: dict[tuple[PortRef, PortRef], Link] = {}
        at_port: dict[PortRef, Link] = {}
        for link in (one for one in links if not one.is_made):
            other = first.setdefault((link.source, link.target), link)
            if other is not link:
                remedy = f"remove one; the first is in line {other.line}"
                self.find("link-twice", str(link), "this link stands twice", remedy, link.line)
                continue
            for ref in (link.source, link.target):
                if ref.component == SERIES:
                    continue
                port = self.plant.port(ref)
                if port.is_multi or (port.medium == "signal" and port.direction == "out"):
                    continue
                before = at_port.setdefault(ref, link)
                if before is not link:
                    what = f"'{ref}' takes one link and has another in line {before.line}: '{before}'"
                    remedy = _SINGLE_REMEDY.get((port.medium, port.direction), "keep one of the two links")
                    self.find("linked-twice", str(link), what, remedy, link.line)

    def check_open_ports(self) -> None:
        """Check that required ports have a link, or a default that leads somewhere."""
        for id_, port in self.plant.structure.open_required:
            c, ref = self.plant.components[id_], PortRef(id_, port.name)
            if not _is_idle(port, c):
                what = f"the {port.medium} port '{port.name}' must be linked ({port.doc})"
                arrow = f"X -> {ref}" if port.direction == "in" else f"{ref} -> X"
                remedy = f"add the link '{arrow}' with X {self._candidates(port, ref)}"
                self.find("port-unlinked", str(ref), what, remedy, c.line)

    def check_most_links(self) -> None:
        """Check that no multi port has more links than its component can serve."""
        for c in self.plant.components.values():
            for port in c.kind.ports:
                if not port.most_links:
                    continue
                links = self.plant.links_at(c.id, port.name)
                if len(links) > port.most_links:
                    what = f"has {len(links)} links, and a '{c.kind.name}' serves {port.most_links} at most"
                    line = links[port.most_links].line
                    self.find("too-many-links", f"{c.id}.{port.name}", what, port.most_remedy, line)

    def check_asked_loads(self) -> None:
        """Check that no signal asks for less than what it commands starts at."""
        for link in (self.plant.links[k] for k in self.plant.structure.asking):
            source, target = (self.plant.components[ref.component] for ref in link.ends)
            gives = source.kind.port_by_name[link.source.port].gives
            least = target.kind.port_by_name[link.target.port].rests_below
            if source.values[gives] < target.values[least]:
                what = f"is {source.values[gives]:g}, and '{target.id}' never runs: it rests below "
                what += f"{target.values[least]:g}"
                remedy = f"raise it, or lower '{least}' of '{target.id}'"
                self.find("load-too-low", f"{source.id}.{gives}", what, remedy, source.given.get(gives) or source.line)

    def check_pairs(self) -> None:
        """Check that multi ports whose links belong together have as many: what is left over would do nothing."""
        for c in self.plant.components.values():
            for port in c.kind.ports:
                if not port.paired_with:
                    continue
                mine, others = (self.plant.links_at(c.id, name) for name in (port.name, port.paired_with))
                tells_more = port.direction == c.kind.port(port.paired_with).direction == "in" and not port.is_required
                if not mine and (port.default is not None or tells_more):
                    continue
                if len(mine) != len(others):
                    what = f"has {len(mine)} links, and '{port.paired_with}' has {len(others)}: {port.doc}"
                    line = (*mine, *others)[-1].line
                    remedy = "give both as many links, in the same order"
                    self.find("unequal-pairs", f"{c.id}.{port.name}", what, remedy, line)

    def check_power_ports(self) -> None:
        """Check that no power comes from nowhere or goes nowhere, but at the ports that end outside the plant."""
        for id_, port in self.plant.structure.open_power:
            c, ref = self.plant.components[id_], PortRef(id_, port.name)
            if id_ in self.broken or _is_idle(port, c):
                continue
            is_draw = port.direction == "in"
            if is_draw:
                what = f"draws power from nowhere: the port '{port.name}' is not linked ({port.doc})"
            else:
                what = f"gives power to nothing: the port '{port.name}' is not linked ({port.doc})"
            arrow = f"X -> {ref}" if is_draw else f"{ref} -> X"
            remedy = f"add the link '{arrow}' with X {self._candidates(port, ref)}"
            if port.idle_without:
                remedy += f", or set {' and '.join(f'{name}: 0' for name in port.idle_without)}"
            self.find("power-unlinked", str(ref), what, remedy, c.line)

    def check_lines(self) -> None:
        """Check that each line is served by one, and that no rule has more lines or sources than it can serve."""
        links = (*self.plant.links, *self.plant.default_links())
        linked = {ref for link in self.plant.links for ref in link.ends}
        for id_, role in self.plant.of_role(Dispatch).items():
            for port, what in ((role.lines, "lines"), (role.sources, "sources")):
                here = [link for link in links if link.target == PortRef(id_, port)]
                if len(here) > MOST_LINES:
                    text = f"has {len(here)} {what}, and a rule serves {MOST_LINES} at most"
                    remedy = "join units in one 'line_controller'"
                    if what == "sources":
                        remedy = "link those it is to see, such as one sum of several"
                    line = here[MOST_LINES].line
                    self.find(f"too-many-{what}", f"{id_}.{port}", text, remedy, line)
        rules = list(self.plant.of_role(Dispatch))
        at_rules = [f"{rule}.{role.lines}" for rule, role in self.plant.of_role(Dispatch).items()] or ["<rule>.lines"]
        if len(rules) > 1:
            what = f"{listing(rules)} are rules of dispatch, and each would spend the power that the other spends"
            remedy = f"link all lines to '{rules[0]}.lines': a rule serves any of them"
            self.find("several-rules", rules[1], what, remedy, self.plant.components[rules[1]].line)
        ambiguous = [(target, found) for target, port, found in self.plant.structure.defaults if not port.is_multi]
        for ref, found in () if rules[1:] else ambiguous:
            if len(found) < 2:
                continue
            what = f"is not linked, and reads one of {listing([str(source) for source in found])}"
            self.find(
                "ambiguous-default", str(ref), what, f"add the link '{found[0]} -> {ref}', or that of the other", 0
            )
        for id_ in rules:
            self._check_matching(id_)
        self._check_batteries({link.target for link in links})
        for id_, control in self.plant.of_role(LineControl).items():
            self._check_power(id_, control)
            offer, direct = PortRef(id_, control.line), PortRef(id_, control.direct_setpoint)
            if offer in linked and direct in linked:
                what = f"a rule serves it ('{offer}' is linked), and '{direct}' is linked as well"
                at = next(link.line for link in self.plant.links if direct in link.ends)
                self.find("two-setpoints", id_, what, "remove one of the two links", at)
            elif offer not in linked and direct not in linked and id_ not in self.broken:
                what = "its line never runs: no rule serves it, and it is given no set point"
                remedy = f"add the link '{offer} -> {at_rules[0]}', or a link to '{direct}'"
                self.find("line-unserved", id_, what, remedy, self.plant.components[id_].line)

    def check_commands(self) -> None:
        """Check of lines and rules what goes by values."""
        for id_ in self.plant.of_role(Dispatch):
            self._check_matching(id_)
        for id_, control in self.plant.of_role(LineControl).items():
            self._check_power(id_, control)

    def _check_batteries(self, linked: Collection[PortRef]) -> None:
        """Check that each battery is commanded: by the rule of dispatch, or by a set point."""
        for id_, role in self.plant.of_role(Battery).items():
            if not {PortRef(id_, role.share), PortRef(id_, role.direct_setpoint)} & set(linked):
                what = "nothing commands it: it would neither take nor give any power"
                remedy = "add a rule of dispatch, such as 'rule: {kind: battery_smoothing}'"
                if role.direct_setpoint:
                    remedy += f", or link a power in W to '{id_}.{role.direct_setpoint}' (below 0: it gives)"
                self.find("battery-idle", id_, what, remedy, self.plant.components[id_].line)

    def _check_matching(self, rule: str) -> None:
        """Check that a rule that keeps a matching is told what it allows."""
        c = self.plant.components[rule]
        by = RFNBO_CHOICES[round(c.values.get("rfnbo", 0.0))]
        if by != "off" and not self.plant.links_at(rule, f"{by}_allowance"):
            what = (
                f"with 'rfnbo: {by}' it needs the balance of an 'origin_monitor', and none is linked: no line would run"
            )
            remedy = f"link 'origin.{by}_allowance -> {rule}.{by}_allowance', or choose 'rfnbo: off'"
            self.find("no-matching", rule, what, remedy, c.line)

    def _check_power(self, line: str, control: LineControl) -> None:
        """Check that a line can run at all."""
        c = self.plant.components[line]
        most, least = c.values.get(control.power, -1.0), c.values.get(control.least, -1.0)
        if 0.0 <= most < max(least, 0.0):
            what = f"its line never runs: its smallest power, {least:g} W, is above its largest, {most:g} W"
            self.find("line-never-runs", line, what, f"lower '{control.least}' or raise '{control.power}'", c.line)

    def _candidates(self, port: Port, ref: PortRef) -> str:
        beyond = self._behind(ref.component, port)
        linked = {r for link in self.plant.links for r in (link.source, link.target)}
        found = [
            f"'{c.id}.{p.name}'"
            for c in self.plant.components.values()
            for p in c.kind.ports
            if c.id not in beyond and _can_link(port, p)
            if p.is_multi or PortRef(c.id, p.name) not in linked or (p.medium == "signal" and p.direction == "out")
        ]
        if not found:
            wanted = "out" if port.direction == "in" else "in"
            return f"an '{wanted}' port for {port.medium}; the plant has none yet{_kinds_with(port, self.plant)}"
        return "such as " + " or ".join(found[:3])

    def _behind(self, component: str, port: Port) -> set[str]:
        """Return a component and, for its power port, all that its power comes from or goes to on the other side."""
        found, front = {component}, [component]
        while front and port.medium == "power":
            here = front.pop()
            for link in self.plant.links:
                near, far = (link.source, link.target) if port.direction == "in" else (link.target, link.source)
                if near.component != here or far.component in found or far.component not in self.plant.components:
                    continue
                if near.component in self.plant.components and self._medium(near) == "power":
                    found.add(far.component)
                    front.append(far.component)
        return found

    def _medium(self, ref: PortRef) -> str:
        ports = self.plant.components[ref.component].kind.ports
        return next((port.medium for port in ports if port.name == ref.port), "")

    def check_default_series(self) -> None:
        """Check that series that open ports read by declaration are there; one finding for each series."""
        readers: dict[str, list[Link]] = {}
        derived = self.plant.derived_series
        of_default = [link for link in self.plant.default_links() if link.is_series]
        for link in (*(self.plant.links[k] for k in self.plant.structure.series_links), *of_default):
            if link.source.port in derived:
                self._check_derived(derived[link.source.port], link)
        for link in of_default:
            if link.source.port in derived:
                continue
            if link.source.port not in self.plant.series and link.source.port not in BUILT_IN_SERIES:
                readers.setdefault(link.source.port, []).append(link)
        for name, links in readers.items():
            others = f" and {len(links) - 1} more ports" if len(links) > 1 else ""
            what = f"'{links[0].target}'{others} read the series '{name}' unless linked, and it is not declared"
            file = _BUNDLED.get((self.plant.site.country_id, name.partition("_")[0]), "my_data.csv")
            file = "nl_2023" if self.plant.site.country_id in ("", "NL") else file
            remedy = f"declare it under 'series:', as '{name}: {{file: {file}}}' or with a constant, or link the port"
            self.find("unknown-series", f"series.{name}", what, remedy, links[0].line)

    def _check_derived(self, one: DerivedSeries, link: Link) -> None:
        """Check that a series that is made before the run has what it is made from."""
        if isinstance(one.taken, Lack):
            id_, where = "missing-input", f"components.{one.component.id}"
            if one.taken.series:
                id_, where = "unknown-series", f"series.{one.taken.series}"
            what = f"'{link.target}' {one.taken.what}"
            self.find(id_, where, what, one.taken.remedy, one.component.line)


def range_text(field: Field, factor: float = 1.0, offset: float = 0.0) -> str:
    """Return the bounds of a field in words, in a unit with ``value_si = value * factor + offset``."""
    low, high = (None if bound is None else f"{(bound - offset) / factor:.9g}" for bound in (field.ge, field.le))
    if low is not None and high is not None:
        return f"a value from {low} to {high}"
    return (
        f"a value of at least {low}" if low is not None else f"a value of at most {high}" if high else "a finite value"
    )
