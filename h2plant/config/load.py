"""Plant files to plants."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from h2plant.components.registry import Kinds, at_hand, kind_of, label_of
from h2plant.config.blocks.expand import expand, own_blocks
from h2plant.config.blocks.expansion import Blocks, Expansion
from h2plant.config.bundled import plant_file
from h2plant.config.economics_entry import EconomicsReader
from h2plant.config.faults import FAULTS, FaultSource, fault_reader
from h2plant.config.kept import PlantCode
from h2plant.config.link_text import LINK_REMEDY, link_ends
from h2plant.config.own_rule import finding_of, read_rule
from h2plant.config.parameter import KEYS_BESIDE_PARAMETERS, is_named, read_list, read_parameter
from h2plant.config.schema import PlantShape, validate
from h2plant.config.series_entry import parse_all_series, timezone_remedy
from h2plant.config.site import SITE, SiteReader
from h2plant.config.tables.clock import is_zone
from h2plant.config.two_lines import TwoLines, path_note
from h2plant.config.unread import unread_beside, unread_changes, unread_parameter, unread_parts, unread_series
from h2plant.config.weather import WEATHER, weather_notes, with_weather
from h2plant.config.yaml_source import Entry, Node, Scalar, plain_scalar, read_yaml
from h2plant.core.collector import paused_collection
from h2plant.core.declare import Kind
from h2plant.core.energy_figure import ENERGY_FIGURES
from h2plant.core.number import within_floats
from h2plant.core.role import Source, technology_key
from h2plant.core.sizing import SizeError, size_of
from h2plant.core.units import in_unit_of
from h2plant.core.user_code import UserCode, UserCodeError, UserFunction
from h2plant.plant.check import check_plant
from h2plant.plant.digest import Digested
from h2plant.plant.door import finding_in_a_file, of_a_file
from h2plant.plant.finding import Finding, in_order, nearest, raise_errors
from h2plant.plant.graph import SERIES, Component, Link, Plant
from h2plant.plant.series_spec import SeriesSpec

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_Made = TypeVar("_Made")
_LONGEST_LABEL = 40


def load_plant(
    path_or_name: str | Path,
    overrides: Mapping[str, str | float] | None = None,
    *,
    series: Mapping[str, SeriesSpec] | None = None,
    kinds: Mapping[str, Kind] | None = None,
    may_run_code: bool = True,
) -> Plant:
    """Load and check a plant.

    Parameters
    ----------
    path_or_name
        Path of a plant file, or name of a bundled plant.
    overrides
        ``component.parameter`` to value, units by suffix as in files; ``*`` in the component's id stands for
        anything. ``economics.<key>`` changes the economics.
    series
        Series of a scenario, which win over the plant's.
    kinds
        Kinds by name beside those that the file brings; None: those that are built in, registered and installed.
    may_run_code
        Whether Python code that the plant names may be run, as it is where the user named the plant. Without, a
        plant that names some is not in order.

    Returns
    -------
    Plant
        The plant, in SI, without findings.

    Raises
    ------
    PlantError
        With everything that is wrong with it.
    """
    plant, findings = read_plant(path_or_name, overrides, series=series, kinds=kinds, may_run_code=may_run_code)
    raise_errors(findings)
    assert plant is not None
    return plant


@finding_in_a_file
def read_plant(
    path_or_name: str | Path,
    overrides: Mapping[str, str | float] | None = None,
    *,
    series: Mapping[str, SeriesSpec] | None = None,
    kinds: Mapping[str, Kind] | None = None,
    folder: Path | None = None,
    may_run_code: bool = True,
    kept: Mapping[str, UserCode] | None = None,
    faults: FaultSource | None = None,
    kept_blocks: Mapping[str, str] | None = None,
) -> tuple[Plant | None, list[Finding]]:
    """Load a plant like ``load_plant``, but return the findings; the plant is None if nothing could be read.

    ``folder`` is where relative paths in the file lead, where that is not the folder of the file. ``kept`` has user's
    code by the path under which the plant names it, for a plant that stands apart from its files, and ``kept_blocks``
    the files of its blocks by name. ``faults`` are those of a scenario, which win over the plant's.
    """
    findings: list[Finding] = []
    file = plant_file(path_or_name, Path(), findings)
    node = read_yaml(file, findings) if file is not None else None
    if file is None or node is None:
        return None, findings
    if node.entries and not set(node.entries) & set(PlantShape.model_fields):  # nothing of it is shown
        return None, [*findings, Finding("not-a-plant", "", "has none of the keys of a plant", "name one", file)]
    codes = PlantCode(file, folder or file.parent, may_run_code, kept, findings)
    reader = _Reader(file, node, kinds, overrides or {}, findings, folder or file.parent, codes, kept_blocks)
    with paused_collection():
        plant = reader.plant(series or {}, faults)
    return plant, in_order(findings)


@of_a_file
def read_expansion(
    path_or_name: str | Path, overrides: Mapping[str, str | float] | None = None
) -> tuple[Plant, Expansion]:
    """Return a plant and its components and links without blocks, as they follow from its file.

    Raises
    ------
    PlantError
        With everything that is wrong with it.
    """
    findings: list[Finding] = []
    file = plant_file(path_or_name, Path(), findings)
    node = read_yaml(file, findings) if file is not None else None
    raise_errors(findings)
    assert file is not None and node is not None
    codes = PlantCode(file, file.parent, True, None, findings)
    reader = _Reader(file, node, None, overrides or {}, findings, file.parent, codes, None)
    plant = reader.plant({})
    raise_errors(findings)
    assert plant is not None
    return plant, reader.expansion


def read_kinds(path_or_name: str | Path) -> Mapping[str, Kind]:
    """Return the kinds that a plant file can name, with those of its files; the rest of it may be out of order.

    Raises
    ------
    PlantError
        The file, or a file of its kinds, cannot be read.
    """
    plant, findings = read_plant(path_or_name)
    raise_errors([f for f in findings if plant is None or f.where.startswith("kinds")])
    assert plant is not None
    return plant.kinds


class _Given(NamedTuple):
    """A parameter as given: its key, its value in SI, its line, and whether it came through a merge key."""

    key: str
    value: float
    line: int
    is_merged: bool


class _Reader:
    """Reads one plant file."""

    def __init__(
        self,
        file: Path,
        node: Node,
        kinds: Mapping[str, Kind] | None,
        overrides: Mapping[str, str | float],
        findings: list[Finding],
        folder: Path,
        codes: PlantCode,
        kept_blocks: Mapping[str, str] | None,
    ) -> None:
        self.file = file
        self.kept_blocks = kept_blocks
        self.folder = folder
        self.node = node
        self.codes = codes
        self.overrides = within_floats(overrides)
        self.findings = findings
        n_findings = len(findings)
        self.of_files = of_files = self._kinds_of_files()
        self.has_broken_kinds = len(findings) > n_findings
        self.kinds: Mapping[str, Kind] = Kinds(of_files.values()) if kinds is None else {**kinds, **of_files}
        self.unread: set[str] = set()
        self.reached: set[str] = set()  # overrides that found a component
        self.changed: list[tuple[str, str, str]] = []  # override, component and field
        self.left_out: list[Finding] = []

    def find(self, id: str, where: str, what: str, remedy: str, line: int) -> None:
        self.findings.append(Finding(id, where, what, remedy, self.file, line))

    def plant(self, series: Mapping[str, SeriesSpec], scenario_faults: FaultSource | None = None) -> Plant | None:
        shape = validate(PlantShape, self.node, self.file, self.findings)
        if self.node.entries is None:
            return None
        self.site = SiteReader(self._part(SITE), self.overrides, self.file, self.findings)
        n_findings = len(self.findings)
        declared = self._part("series")
        own = parse_all_series(declared, self.file, self.findings, self.folder)
        if any(spec.is_of_weather for spec in series.values()):
            own = {name: spec for name, spec in own.items() if not spec.is_of_weather}
        specs = {**own, **series}
        entries = set((declared.entries or {}) if declared else {})
        broken: Collection[str] = entries - set(specs) - {WEATHER}
        if WEATHER in entries and any(f.severity == "error" for f in self.findings[n_findings:]):
            broken = _ALL
        components = self._components(self._as_today(self._expanded()))
        if len({c.function for c in components.values() if c.function}) > 1:
            what = "components name different functions of yours"
            line = max(c.line for c in components.values() if c.function)
            self.find("two-rules", "components", what, "a plant has one rule of your own: keep one of them", line)
        links = self.links
        economics, timezone = (shape.economics, shape.timezone) if shape is not None else ({}, "UTC")
        if not is_zone(timezone):
            what, line = f"there is no time zone '{timezone}'", self.node.line_at(("timezone",))
            self.find("unknown-timezone", "timezone", what, timezone_remedy(timezone), line)
        self._check_overrides(components, economics)
        self._name_changes_as_written()
        of_faults = fault_reader(self.node, self.file, scenario_faults, self.overrides, timezone, self.findings)
        wired, faults = of_faults.wired(components, links, self.kinds, self.expansion.uses)
        components, links = wired.components, wired.links
        of_file = self.file, self.folder, self.node.lines, self.overrides, self.kept_blocks
        reader = EconomicsReader(*of_file, self.findings)
        economics = reader.read(economics)
        block_files = {name: block.text for name, block in {**self.own_blocks, **self.expansion.files}.items()}
        site = self.site.settled(economics, components, links)
        economics = self.site.economics(economics)
        plant = Plant(
            name=shape.name if shape is not None else self.file.stem,
            components=components,
            links=links,
            series=specs,
            economics=economics,
            file=self.file,
            description=shape.description.strip() if shape is not None else "",
            timezone=timezone,
            lines=self.node.lines,
            text=self.node.text,
            kinds=self.kinds,
            codes=self.codes.taken,
            site=site,
            blocks=self.expansion.uses,
            block_files={**block_files, **reader.tables},
            faults=faults,
        )
        read = plant.used_series()
        kept = {name: spec for name, spec in specs.items() if not spec.is_of_weather or name in read}
        plant = replace(
            plant, series=kept, digested=Digested(components, links, kept, economics, timezone, site, faults)
        )
        # a series with a finding of its own is not missing as well
        # nor is what a block that has one would have brought
        found = check_plant(plant, self.unread) if self.expansion.is_whole else []
        missing = [f for f in found if not _is_about(f, broken)]
        self.findings += [with_weather(f, replace(plant, series=specs)) for f in missing]
        renamed = [finding for finding in self.findings if finding.severity == "note"]
        unread = self._unread(plant, series, set(own))
        fed, of_site = weather_notes(specs, read, site), self.site.notes(site, timezone)
        return replace(plant, notes=(*renamed, *fed, *unread, *self._missing_costs(plant), *of_site))

    def _unread(self, plant: Plant, given: Mapping[str, SeriesSpec], own: set[str]) -> Iterator[Finding]:
        """Yield notes of what nothing reads; what a scenario gives for nothing is a finding."""
        if any(finding.severity == "error" for finding in self.findings):
            return  # what reads it may be what is wrong
        is_other_kind = any(key.endswith(".kind") for key in self.overrides)
        for finding in unread_series(plant, given, own, is_other_kind):
            if finding.severity == "error":
                self.findings.append(finding)
            else:
                yield finding
        yield from unread_parts(plant, self.of_files)
        yield from self.left_out
        yield from unread_beside(plant, self.expansion.is_asked)
        yield from unread_changes(self.changed)

    def _part(self, key: str) -> Node | None:
        entry = (self.node.entries or {}).get(key)
        return entry.node if entry is not None else None

    def _kinds_of_files(self) -> dict[str, Kind]:
        """Return the kinds of the files that the plant names under ``kinds:``, by name."""
        found: dict[str, Kind] = {}
        part = self._part("kinds")
        for i, item in enumerate((part.items or ()) if part else ()):
            where, text = f"kinds.{i}", item.value
            if not isinstance(text, str) or not text.endswith(".py"):
                what = f"'{text}' is no Python file" if isinstance(text, str) else f"is {item.kind}, wanted a file"
                self.find("bad-kind-file", where, what, "write 'kinds: [my_stack.py]'", item.line)
                continue
            kind = self.codes.take(text, lambda text=text: kind_of(self.codes.read(text)), where, item.line)  # type: ignore[misc]
            if kind is not None and kind.name in found:
                what = f"the kind of '{text}' is called '{kind.name}', as that of '{label_of(found[kind.name])}' is"
                self.find("name-taken", where, what, "give each a name of its own", item.line)
            elif kind is not None:
                found[kind.name] = kind
        return found

    def _expanded(self) -> Expansion:
        """Return components, links and changes with the blocks expanded."""
        self.own_blocks = own = own_blocks(
            self._part("blocks"), self.file, self.folder, self.kinds, self.findings, self.kept_blocks is not None
        )
        blocks = Blocks(own, self.kept_blocks)
        links = list(self._links())
        self.expansion = expand(
            self._part("components"), links, self.overrides, blocks, self.kinds, self.file, self.findings
        )
        self.reached |= self.expansion.reached
        return self.expansion

    def _name_changes_as_written(self) -> None:
        """Name changes of a block's components in findings as they were written: ``electrolysis.stack_2.ramp``."""
        written = {f"set {today}": f"set {path}" for today, path in self.expansion.written.items()}
        if written:
            self.findings[:] = [replace(f, where=written.get(f.where, f.where)) for f in self.findings]

    def _as_today(self, given: Expansion) -> Node | None:
        """Return the components as they are written today; sets the links."""
        read = TwoLines(given.components, given.links, self.kinds, given.overrides)
        self.links, self.overrides = tuple(read.links), read.overrides
        for id_, line, what, remedy in read.faults:
            self.find("two-forms", f"components.{id_}", what, remedy, line)
        for rule, line, moved in read.moved:
            what = "is written as of old, for one SOEC and one PEM line; it is read so until the release after 0.2"
            remedy = f"what is true of a line stands at its line controller now: write {'; '.join(moved)} (by hand)"
            where = f"components.{rule}"
            self.findings.append(Finding("renamed", where, what, remedy, self.file, line, severity="note"))
        for path, today in read.paths.items():
            what = path_note(path, today) if today else f"'{path}' says nothing: the plant has no such line"
            remedy = f"write '{today}'" if today else "leave it away"
            self.findings.append(Finding("renamed", f"set {path}", what, remedy, severity="note"))
        return read.components

    def _components(self, part: Node | None) -> dict[str, Component]:
        components: dict[str, Component] = {}
        for entry in ((part.entries or {}) if part else {}).values():
            where = f"components.{entry.key}"
            if not _ID.fullmatch(entry.key) or entry.key in (SERIES, "economics", SITE, FAULTS):
                taken = f"{SERIES}, economics, {SITE}, {FAULTS} are taken"
                remedy = f"start with a letter from a to z, then these, digits, '_'; {taken}"
                self.find("bad-id", where, f"'{entry.key}' cannot be the id of a component", remedy, entry.line)
                continue
            self.unread.add(entry.key)
            kind = self._kind(entry.node, where, entry.line)
            if kind is not None:
                self.unread.discard(entry.key)
                written, kind = kind, self._other_kind(entry.key, kind)
                values, given = self._values(entry.key, kind, written, entry.node, entry.line)
                function = self._function(kind, entry.node, where, entry.line)
                label = self._label(kind, entry.node, where)
                components[entry.key] = Component(entry.key, kind, values, entry.line, function, label, given)
        return components

    def _label(self, kind: Kind, node: Node, where: str) -> str:
        """Return what a component is called in figures and pictures; '' where its file says nothing of it."""
        entry = (node.entries or {}).get("label")
        if entry is None:
            return ""
        text = entry.node.value.strip() if isinstance(entry.node.value, str) else ""
        key = technology_key(text)
        if not text.isprintable() or len(text) > _LONGEST_LABEL or not key[:1].isalpha():
            what = f"a label is a line of at most {_LONGEST_LABEL} characters that begins with a letter"
            self.find("bad-label", f"{where}.label", what, "write 'label: PV', say", entry.line)
        elif isinstance(kind.role, Source) and key in ENERGY_FIGURES:
            what = f"there is a key figure '{key}_mwh' already"
            self.find("bad-label", f"{where}.label", what, "give the source another label", entry.line)
        return text

    def _missing_costs(self, plant: Plant) -> Iterator[Finding]:
        """Yield a note for each component of which nobody says what it costs."""
        offers = plant.economics.get("capex_eur")
        for c in plant.components.values():
            if c.kind.costs is None and c.id not in (offers if isinstance(offers, Mapping) else ()):
                what = f"the cost of the kind '{c.kind.name}' is missing: there will be no cost of hydrogen"
                remedy = f"give 'costs' in its KIND, or an offer: 'economics: {{capex_eur: {{{c.id}: ...}}}}'"
                where = f"components.{c.id}"
                yield Finding("missing-cost", where, what, remedy, self.file, c.line, severity="note")

    def _function(self, kind: Kind, node: Node, where: str, line: int) -> UserFunction | None:
        """Return the Python function that a component names; None if there is none."""
        if not kind.function_key:
            return None
        entry = (node.entries or {}).get(kind.function_key)
        text = None if entry is None else entry.node.value
        if entry is None or not isinstance(text, str):
            what = f"the key '{kind.function_key}' is missing" if entry is None else f"is {entry.node.kind}"
            remedy = f"write '{kind.function_key}: my_rule.py:decide'"
            self.find("missing-key", where, what, remedy, line if entry is None else entry.line)
            return None
        key = f"{where}.{kind.function_key}"
        return self.codes.take(text, lambda: read_rule(text, self.codes.read), key, entry.line)

    def _kind(self, node: Node, where: str, line: int) -> Kind | None:
        if node.entries is None:
            self.find("wrong-type", where, f"is {node.kind}, wanted a mapping", "write '{kind: ..., ...}'", line)
            return None
        entry = node.entries.get("kind")
        if entry is None:
            self.find("missing-key", where, "has no 'kind'", f"add 'kind: ...'; {nearest('', self.kinds)}", line)
            return None
        name = entry.node.value
        if not isinstance(name, str) or name not in self.kinds:
            if isinstance(name, str) and self.has_broken_kinds:
                return None  # it may be that of a file that has a finding
            what = f"there is no kind '{name}'" if isinstance(name, str) else f"the kind is {entry.node.kind}"
            self.find("unknown-kind", where, what, nearest(str(name), self.kinds), entry.line)
            return None
        try:
            return self.kinds[name]
        except UserCodeError as error:  # of an installed package
            self.findings.append(finding_of(error, where, self.file, entry.line))
            return None

    def _other_kind(self, id_: str, written: Kind) -> Kind:
        """Return the kind that a change of ``id.kind`` asks for, else that of the file."""
        key = f"{id_}.kind"
        name = self.overrides.get(key)
        if name is None:
            return written
        self.reached.add(key)
        if name not in self.kinds:
            alike = [k.name for k in at_hand(self.kinds) if k.group == written.group]
            self.findings.append(
                Finding("unknown-kind", f"set {key}", f"there is no kind '{name}'", nearest(str(name), alike))
            )
            return written
        return self.kinds[str(name)]

    def _values(
        self, id_: str, kind: Kind, written: Kind, node: Node, line: int
    ) -> tuple[dict[str, float], dict[str, int]]:
        """Return all parameters in SI, and the lines of those given; a stand-in where one is wrong, to go on checking.

        Parameters of the kind as ``written`` that another one, set in its place, does not have are left out.
        """
        where = f"components.{id_}"
        given: dict[str, _Given] = {}
        wrong: set[str] = set()
        lengths: dict[str, int] = {}
        for entry in (node.entries or {}).values():
            if entry.key in KEYS_BESIDE_PARAMETERS or (kind.function_key and entry.key == kind.function_key):
                continue
            if kind.lists and self._list(where, kind, entry, given, lengths):
                continue
            problem, field, value = read_parameter(kind, entry.key, entry.node)
            if problem is not None and kind is not written and read_parameter(written, entry.key, entry.node)[1]:
                self.left_out.append(unread_parameter(f"{where}.{entry.key}", kind, written, self.file, entry.line))
                continue
            if problem is not None:
                self.find(problem[0], f"{where}.{entry.key}", problem[1], problem[2], entry.line)
                if field is not None:
                    wrong.add(field.name)
                continue
            assert field is not None and value is not None
            before = given.get(field.name)
            if before is not None and before.is_merged == entry.is_merged:
                what = f"'{field.name}' is also given as '{before.key}' in line {before.line}"
                self.find("given-twice", f"{where}.{entry.key}", what, "keep one of them", entry.line)
            elif before is None or before.is_merged:
                given[field.name] = _Given(entry.key, value, entry.line, entry.is_merged)
        if len({n for n in lengths.values() if n > 1}) > 1:
            what = ", ".join(f"'{key}' has {n} numbers" for key, n in lengths.items() if n > 1)
            self.find("unequal-lists", where, what, "give all columns of the table as many points", line)
        self._apply_overrides(id_, kind, given)
        values: dict[str, float] = {}
        for field in kind.parameters:
            if field.name in given:
                values[field.name] = given[field.name].value
            elif field.site and (of_site := self.site.parameter(id_, field)) is not None:
                values[field.name] = of_site
            elif field.default is not None:
                values[field.name] = field.default
            else:
                values[field.name] = field.ge if field.ge is not None else field.le if field.le is not None else 0.0
                if field.name not in wrong:
                    what = f"the parameter '{field.name}' is missing"
                    self.find("missing-parameter", where, what, f"give '{field.name}': {field.doc}", line)
        for field in kind.parameters if kind.size_rules else ():
            if field.size_from and field.name not in given and field.name not in wrong:
                try:
                    values[field.name] = size_of(kind, field, values)
                except SizeError as error:
                    what = f"'{field.name}' follows from others, and {error}"
                    self.find("no-size", where, what, f"give '{field.name}': {field.doc}", line)
        return values, {name: one.line for name, one in given.items()}

    def _list(self, where: str, kind: Kind, entry: Entry, given: dict[str, _Given], lengths: dict[str, int]) -> bool:
        """Take what a list gives, with the number of its points; returns whether the key names one."""
        read = read_list(kind, entry.key, entry.node)
        if read is None:
            return False
        problem, line, values = read
        if problem is not None:
            self.find(problem[0], f"{where}.{entry.key}", problem[1], problem[2], line)
        if values and given.get(values[0][0].name) is not None and not given[values[0][0].name].is_merged:
            what = f"'{values[0][0].list_key}' is also given in line {given[values[0][0].name].line}"
            self.find("given-twice", f"{where}.{entry.key}", what, "keep one of them", entry.line)
        lengths[entry.key] = len(entry.node.items or (entry.node,))
        for field, value in values:
            given[field.name] = _Given(entry.key, value, entry.line, entry.is_merged)
        return True

    def _links(self) -> Iterator[Link]:
        part = self._part("links")
        for i, item in enumerate((part.items or ()) if part else ()):
            where = f"links.{i}"
            if not isinstance(item.value, str):
                self.find("bad-link", where, f"is {item.kind}, wanted a link", LINK_REMEDY, item.line)
                continue
            left, arrow, right = item.value.partition("->")
            sources, targets = link_ends(left), link_ends(right)
            if not arrow or "->" in right or not sources or not targets:
                self.find("bad-link", where, f"'{item.value}' cannot be read as a link", LINK_REMEDY, item.line)
            elif len(sources) > 1 and len(targets) > 1:
                what = f"{len(sources)} ports to {len(targets)} ports leave open which goes where"
                self.find("bad-link", where, what, "write one line for each port on one of the sides", item.line)
            else:
                for source in sources:
                    yield from (Link(source, target, item.line) for target in targets)

    def _apply_overrides(self, component: str, kind: Kind, given: dict[str, _Given]) -> None:
        """Put the overrides of a component in the place of what the file gives."""
        for key, value in self.overrides.items():
            id_, _, name = key.partition(".")
            if not name or name == "kind" or not is_named(component, id_):
                continue
            scalar = plain_scalar(value) if isinstance(value, str) else value
            problem, field, si_value = read_parameter(kind, name, Node(0, scalar))
            if problem is not None and problem[0] == "unknown-parameter" and id_ != component:
                continue  # a pattern changes those components that have the parameter
            self.reached.add(key)
            if problem is not None:
                self.findings.append(Finding(problem[0], f"set {key}", *problem[1:]))
            elif field is not None and si_value is not None:
                given[field.name] = _Given(key, si_value, 0, False)
                self.changed.append((key, component, field.name))

    def _check_overrides(self, components: Mapping[str, Component], economics: dict[str, Any]) -> None:
        """Find overrides that reach no component; set those of the economics."""
        for key, value in self.overrides.items():
            id_, _, name = key.partition(".")
            where = f"set {key}"
            if not name:
                remedy = "write '--set component.parameter=value'"
                self.findings.append(Finding("bad-override", where, f"'{key}' is not 'component.parameter'", remedy))
            elif id_ == "economics":
                scalar = plain_scalar(value) if isinstance(value, str) else value
                if not _set_nested(economics, name.split("."), scalar):
                    what = "a key above holds a value, not a mapping"
                    self.findings.append(Finding("bad-override", where, what, "name the key of a single value"))
            elif id_ in (SITE, FAULTS):
                continue  # read with the site, or the faults
            elif id_ == SERIES:
                what = "a change of a parameter cannot change a series"
                remedy = "give it under 'series:' in a scenario; studies vary 'series.<name>.scale' and '.shift'"
                self.findings.append(Finding("bad-override", where, what, remedy))
            elif matched := fnmatch.filter(components, id_):
                if key not in self.reached:
                    fields = [f for c in matched for f in components[c].kind.parameters]
                    what = f"no component '{id_}' has a parameter '{name}'"
                    remedy = nearest(name, in_unit_of(name, fields))
                    self.findings.append(Finding("unknown-parameter", where, what, remedy))
            elif key not in self.reached and not fnmatch.filter(self.unread, id_):
                what = f"there is no component '{id_}'"
                self.findings.append(
                    Finding("unknown-component", where, what, nearest(id_, [*components, *self.expansion.uses]))
                )


def _set_nested(mapping: dict[str, Any], keys: list[str], value: Scalar) -> bool:
    for key in keys[:-1]:
        below = mapping.setdefault(key, {})
        if not isinstance(below, dict):
            return False
        mapping = below
    mapping[keys[-1]] = value
    return True


_ALL = frozenset({"*"})


def _is_about(finding: Finding, series: Collection[str]) -> bool:
    if finding.id == "unknown-series" and series is _ALL:
        return True
    return finding.id == "unknown-series" and any(
        finding.where == f"series.{name}" or finding.where.startswith(f"series.{name} ->") for name in series
    )
