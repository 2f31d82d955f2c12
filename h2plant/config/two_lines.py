"""Plant files from when a rule of dispatch knew one SOEC and one PEM line by name: read as today's plants are written.

Then the rule owned what is true of a line (``soec_power_mw``, ``pem_min_up_s``) and gave each line a port of its own
(``pem_setpoint``). Today a ``line_controller`` owns it and is linked to the rule: ``[soec_line.line, pem_line.line] ->
rule.lines``. This module goes one release after 0.1.0, as all old names do (docs/release.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from h2plant.config.yaml_source import Entry, Node
from h2plant.core.declare import Kind
from h2plant.core.role import Dispatch, LineControl, Maker, Source, technology_key
from h2plant.core.user_code import UserCodeError
from h2plant.plant.graph import Link, Plant, PortRef, PowerTree

NAMES = ("soec", "pem")
"""The lines of old, in the order in which they were served."""

_DEFAULTS: dict[str, dict[str, float]] = {
    "soec": {
        **{"power_w": 11.52e6, "minimum_w": 0.12e6, "min_up_s": 1800.0, "min_down_s": 600.0},
        **{"standby_w": 0.37e6, "cold_start_eur": 43.0e3, "specific_energy_kwh_per_kg": 44.0},
        "price_limit_eur_per_mwh": 80.0,
    },
    "pem": {
        **{"power_w": 5.0e6, "minimum_w": 0.25e6, "min_up_s": 600.0, "min_down_s": 300.0},
        **{"standby_w": 0.0, "cold_start_eur": 140.0, "specific_energy_kwh_per_kg": 58.0},
        "price_limit_eur_per_mwh": 60.0,
    },
}
"""Values that parameters had which a plant file did not give."""
_PURCHASE_LIMIT_W = 10.0e6
"""What a rule bought at most, where the plant file did not say it."""
_STEMS = {
    **{name: f"line_{name}" for name in ("power", "minimum", "idle", "ramp_up", "ramp_down", "min_up", "min_down")},
    **{name: name for name in ("standby", "cold_start", "specific_energy", "price_limit")},
    **{name: f"{how}_load" for name, how in (("load", "constant"), ("reserve", "reserve"))},
}
_FLAGS = {"is_soec_load_kept": ("soec", "is_load_kept"), "is_pem_bought_for": ("pem", "is_bought_for")}
_PASSED_ON = {  # of a line controller that stands between a rule and electrolysers that were linked to it directly
    **{"min_load_frac": 0.0, "conversion_efficiency_frac": 1.0, "hysteresis_frac": 0.0},
    **{"min_up_s": 0.0, "min_down_s": 0.0},
}


def new_name(key: str) -> tuple[str, str] | None:
    """Return (line of old, name of the line's parameter today) of a key that a rule had; None of any other.

    The line is '' for a parameter that stays with the rule.
    """
    if key in _FLAGS:
        return _FLAGS[key]
    if re.fullmatch(r"import_limit_[a-z]+", key):
        return "", f"purchase{key.removeprefix('import')}"
    match = re.fullmatch(r"(soec|pem)_([a-z_]+)", key)
    if match is None:
        return None
    stem = max((s for s in _STEMS if match[2] == s or match[2].startswith(f"{s}_")), key=len, default="")
    return (match[1], _STEMS[stem] + match[2].removeprefix(stem)) if stem else None


def path_today(path: str, plant: Plant) -> str:
    """Return a path of a parameter as today's plants have it; as it is, if it is no path of old.

    Parameters
    ----------
    path
        As studies and calibrations write it, such as ``dispatch.soec_power_w.scale``.
    plant
        A plant as read.

    Returns
    -------
    str
        Such as ``soec_line.line_power_w.scale``. A path of a line that the plant does not have stays as it is.
    """
    rule, _, rest = path.partition(".")
    port = plant.of_role(Dispatch).get(rule)
    key = rest.removesuffix(".scale")
    found = new_name(key) if port is not None else None
    if found is None or port is None:
        return path
    line, name = found
    scale = rest.removeprefix(key)
    if not line:
        return f"{rule}.{name}{scale}"
    tree, makers = PowerTree(plant.components, plant.links), plant.of_role(Maker)
    for link in plant.links_at(rule, port.lines):
        units = tree.controlled(link.source.component)
        if any(technology_key(makers[unit].technology) == line for unit in units):
            return f"{link.source.component}.{name}{scale}"
    return path


def path_note(path: str, today: str) -> str:
    """Return the sentence that says where a path of old leads today."""
    return f"'{path}' is '{today}' now: a 'line_controller' says what is true of its line"


class TwoLines:
    """Rewrites the parts of a plant file, where it is written as of old.

    Attributes
    ----------
    components, links, overrides
        As today's plants have them.
    moved
        (rule, its line in the file, what is to be written) for each rule of which something was.
    faults
        (component, its line in the file, what is wrong, what to do) where the file can be read in two ways.
    paths
        Those overrides that have another path today, with that path; '' if the plant has no such line.
    """

    def __init__(
        self,
        components: Node | None,
        links: list[Link],
        kinds: Mapping[str, Kind],
        overrides: Mapping[str, str | float],
    ) -> None:
        self.components, self.links, self.overrides = components, links, dict(overrides)
        self.moved: list[tuple[str, int, list[str]]] = []
        self.faults: list[tuple[str, int, str, str]] = []
        self.paths: dict[str, str] = {}
        if components is None or components.entries is None:
            return
        self._kinds = kinds
        self._entries = dict(components.entries)
        for rule in [id_ for id_ in self._entries if isinstance(self._role(id_), Dispatch)]:
            if self._is_old(rule):
                self._rewrite(rule)
        self.components = replace(components, entries=self._entries)

    def _role(self, id_: str) -> object:
        entry = self._entries.get(id_)
        named = (entry.node.entries or {}).get("kind") if entry is not None else None
        kind = named.node.value if named is not None else None
        try:
            return self._kinds[kind].role if isinstance(kind, str) and kind in self._kinds else None
        except UserCodeError:  # of an installed package: found where the component is read
            return None

    def _is_old(self, rule: str) -> bool:
        """Whether anything of a rule may be written as of old."""
        entries = self._entries[rule].node.entries or {}
        kind = entries.get("kind")
        if kind is None or self._kinds[str(kind.node.value)].function_key or any(map(new_name, entries)):
            return True
        old = tuple(f"{name}_" for name in NAMES)
        if any(
            ref.component == rule and (ref.port.startswith(old) or ref.port == "forecast_power")
            for link in self.links
            for ref in link.ends
        ):
            return True
        return any(new_name(path.rpartition(".")[2]) for path in self.overrides if path.startswith(f"{rule}."))

    def _rewrite(self, rule: str) -> None:
        entry = self._entries[rule]
        given = dict(entry.node.entries or {})
        lines = {name: self._line(rule, name, given) for name in NAMES}
        moved: list[str] = []
        own: dict[str, Entry] = {}
        theirs: dict[str, dict[str, Entry]] = {name: {} for name in NAMES}
        for key, item in given.items():
            found = new_name(key)
            if found is None:
                own[key] = item
                continue
            whose, name = found
            (theirs[whose] if whose else own)[name] = replace(item, key=name)
            if not whose:
                moved.append(f"'{rule}: {{{name}: {item.node.data()}}}'")
        is_old = any(self._linked(rule, name) for name in NAMES)
        if is_old and not any(key.startswith("purchase_limit_") and "eur" not in key for key in own):
            own["purchase_limit_w"] = Entry("purchase_limit_w", entry.line, Node(entry.line, _PURCHASE_LIMIT_W))
        self._entries[rule] = replace(entry, node=replace(entry.node, entries=own))
        self._rename_overrides(rule, lines)
        for name, line in lines.items():
            if line is None:
                self._drop(rule, name, moved)
                continue
            if self._linked(rule, name):
                self._relink(rule, name, line)
                defaults = {self._today(key): Node(entry.line, value) for key, value in _DEFAULTS[name].items()}
                of_kind = {key: Entry(key, entry.line, node) for key, node in defaults.items()}
                theirs[name] = {**_missing(of_kind, theirs[name]), **theirs[name]}
            self._give(line, theirs[name])
            written = ", ".join(f"{key}: {item.node.data()}" for key, item in theirs[name].items())
            moved += [f"'{line}: {{{written}}}'"] if written else []
        if any(self._linked_today(rule, line) for line in lines.values()):
            order = [x.source.component for x in self.links if x.target == PortRef(rule, "lines")]
            self._number(rule, {name: order.index(line) + 1 if line in order else 0 for name, line in lines.items()})
        if is_old:
            served = ", ".join(f"{line}.line" for line in lines.values() if line)
            moved.append(f"the link '[{served}] -> {rule}.lines'")
            moved += [f"'{line}.shut_down' for '{rule}.{name}_shut_down'" for name, line in lines.items() if line]
        if is_old:  # the wiring tells what else draws power, and who gives it
            loads, sources = PortRef(rule, "auxiliary_load"), PortRef(rule, "available_power")
            of_source = [isinstance(self._role(x.source.component), Source) for x in self.links]
            self.links = [
                x
                for x, is_source in zip(self.links, of_source, strict=True)
                if x.is_series or (x.target != loads and not (x.target == sources and is_source))
            ]
        if moved:
            self.moved.append((rule, entry.line, moved))

    def _number(self, rule: str, numbers: Mapping[str, int]) -> None:
        """Tell a rule of the user's own which line is which, for a function that knows them by name."""
        named = (self._entries[rule].node.entries or {}).get("kind")
        kind = self._kinds[str(named.node.value)] if named is not None else None
        if kind is not None and kind.function_key:
            line = self._entries[rule].line
            self._give(
                rule, {f"{n}_line_number": Entry(f"{n}_line_number", line, Node(line, k)) for n, k in numbers.items()}
            )

    def _linked_today(self, rule: str, line: str | None) -> bool:
        return any(x.ends == (PortRef(line or "", "line"), PortRef(rule, "lines")) for x in self.links)

    @staticmethod
    def _today(key: str) -> str:
        found = new_name(f"pem_{key}")
        assert found is not None
        return found[1]

    def _linked(self, rule: str, name: str) -> bool:
        return any(link.source == PortRef(rule, f"{name}_setpoint") for link in self.links)

    def _line(self, rule: str, name: str, given: Mapping[str, Entry]) -> str | None:
        """Return the line controller that a line of old is today; None if there is none."""
        targets = [x.target.component for x in self.links if x.source == PortRef(rule, f"{name}_setpoint")]
        if len(targets) > 1:
            what = f"'{rule}.{name}_setpoint' leads to {len(targets)} components, each of which took all of its power"
            remedy = f"give each a 'line_controller' and link these to '{rule}.lines', or one to share the power"
            self.faults.append((rule, self._entries[rule].line, what, remedy))
        if targets:
            controllers = [id_ for id_ in targets if isinstance(self._role(id_), LineControl)]
            return controllers[0] if len(controllers) == 1 else self._put_between(rule, name, given)
        lines = [x.source.component for x in self.links if x.target == PortRef(rule, "lines")]
        of_technology = [id_ for id_ in lines if name in self._technologies(id_)]
        return of_technology[0] if of_technology else None

    def _technologies(self, line: str) -> Iterator[str]:
        """Yield the technologies of the electrolysers that a line controller serves, as in names of figures."""
        for link in self.links:
            role = self._role(link.target.component) if link.source.component == line else None
            if isinstance(role, Maker):
                yield technology_key(role.technology)

    def _put_between(self, rule: str, name: str, given: Mapping[str, Entry]) -> str:
        """Add a line controller between a rule and the electrolysers that it gave a set point directly."""
        id_, line = f"{rule}_{name}_line", self._entries[rule].line
        power = next((e for k, e in given.items() if (new_name(k) or ("", ""))[1].startswith("line_power_")), None)
        unit = ("unit_power_w", Node(line, _DEFAULTS[name]["power_w"]))
        if power is not None:
            unit = (f"unit{power.key.removeprefix(name)}", power.node)
        kind = next(k.name for k in self._kinds.values() if isinstance(k.role, LineControl))
        values = {"kind": Node(line, kind), unit[0]: unit[1], **{k: Node(line, v) for k, v in _PASSED_ON.items()}}
        entries = {key: Entry(key, line, node) for key, node in values.items()}
        self._entries[id_] = Entry(id_, line, Node(line, entries=entries))
        for i, link in enumerate(self.links):
            if link.source == PortRef(rule, f"{name}_setpoint"):
                self.links[i] = replace(link, source=PortRef(id_, "unit_setpoints"))
        self.links.append(Link(PortRef(rule, f"{name}_setpoint"), PortRef(id_, "setpoint"), line))
        return id_

    def _give(self, line: str, entries: Mapping[str, Entry]) -> None:
        entry = self._entries[line]
        there = entry.node.entries or {}
        for key, item in entries.items():
            if key in there and there[key].node.data() != item.node.data():
                what = (
                    f"'{key}' is {there[key].node.data()} here, and {item.node.data()} at the rule in its form of old"
                )
                self.faults.append((line, there[key].line, what, "keep one of the two"))
        both = {**there, **entries}
        self._entries[line] = replace(entry, node=replace(entry.node, entries=both))

    def _relink(self, rule: str, name: str, line: str) -> None:
        """Turn the links of a line of old into those of a line controller, in the place of its set point."""
        found: list[Link] = []
        plan: Link | None = None
        for link in self.links:
            source, target = link.ends
            if source == PortRef(rule, f"{name}_setpoint"):
                link = replace(link, source=PortRef(line, "line"), target=PortRef(rule, "lines"))
            elif source == PortRef(rule, f"{name}_shut_down"):
                link = replace(link, source=PortRef(line, "shut_down"))
            elif target == PortRef(rule, f"{name}_expected_rest"):
                link = replace(link, target=PortRef(line, "expected_rest"))
            elif target == PortRef(rule, "forecast_power") and name == "soec":
                link = replace(link, target=PortRef(line, "forecast_power"))
            elif target == PortRef(rule, f"{name}_plan"):
                plan = replace(link, target=PortRef(rule, "plans"))
                continue
            found.append(link)
        if plan is not None:  # in the order of the lines: that of the SOEC line is read first
            found.append(plan)
        # the SOEC line is served first, whatever the order of the file
        ours = [x for x in found if x.target == PortRef(rule, "lines")]
        rest = [x for x in found if x.target != PortRef(rule, "lines")]
        ours.sort(key=lambda x: x.source.component == line and name == "pem")
        self.links = [*rest, *ours]

    def _drop(self, rule: str, name: str, moved: list[str]) -> None:
        """Leave away what is linked to a rule for a line that the plant does not have."""
        ports = {PortRef(rule, f"{name}_{port}") for port in ("plan", "expected_rest", "shut_down")}
        if name == NAMES[0]:
            ports.add(PortRef(rule, "forecast_power"))
        for link in [x for x in self.links if ports & set(x.ends)]:
            self.links.remove(link)
            moved.append(f"no link '{link}'")

    def _rename_overrides(self, rule: str, lines: Mapping[str, str | None]) -> None:
        overrides: dict[str, str | float] = {}
        for key, value in self.overrides.items():  # of two that give one parameter the later one holds
            id_, _, name = key.partition(".")
            found = new_name(name) if id_ == rule else None
            if found is None:
                overrides.pop(key, None)
                overrides[key] = value
                continue
            line, today = found
            where = lines[line] if line else rule
            self.paths[key] = f"{where}.{today}" if where is not None else ""
            if where is not None:
                overrides.pop(self.paths[key], None)
                overrides[self.paths[key]] = value
        self.overrides = overrides


def _missing(defaults: Mapping[str, Entry], given: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return those defaults whose parameter is not given, in whatever unit."""
    stems = ("line_power", "line_minimum", "line_min_up", "line_min_down", "standby", "cold_start", "specific_energy")
    said = {stem for stem in (*stems, "price_limit") for key in given if key.startswith(f"{stem}_")}
    return {key: entry for key, entry in defaults.items() if not any(key.startswith(f"{stem}_") for stem in said)}
