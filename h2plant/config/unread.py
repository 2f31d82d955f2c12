"""What stands in a plant's input and nothing reads: a note for each, with the nearest name or what to do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from h2plant.core.contract_role import PowerContract
from h2plant.core.declare import Kind
from h2plant.core.role import Source
from h2plant.core.units import in_unit_of
from h2plant.core.user_code import UserCode, names_read
from h2plant.plant.finding import Finding, nearest
from h2plant.plant.graph import SERIES, Component, Plant
from h2plant.plant.series_spec import BUILT_IN_SERIES, SeriesSpec


def unread_series(
    plant: Plant, given: Mapping[str, SeriesSpec], own: Collection[str], is_other_kind: bool
) -> Iterator[Finding]:
    """Yield what is to be said of each series that nothing reads; what a scenario gives for nothing is an error.

    A scenario may give a series that the plant has, or that another kind reads than the one that is set for the
    run: then it is a note as well. A plant may declare what it does not read yet, or reads with another rule; a name
    that is wrong there shows as a series that is missing.

    Parameters
    ----------
    plant
        The plant, with all series.
    given
        Those of the scenario.
    own
        Names of those that the plant's file declares.
    is_other_kind
        Whether a component has another kind than its file says.
    """
    read = plant.used_series()
    for name, spec in plant.series.items():
        if name in read:
            continue
        what = "nothing in the plant reads this series"
        known = {*read, *(own if name in given else ())} - {name, *BUILT_IN_SERIES}
        remedy = f"remove it, or link it as 'series.{name} -> component.port'; {nearest(name, known)}"
        finding = Finding("unread-series", f"series.{name}", what, remedy, spec.declared_in, spec.line)
        is_error = name in given and name not in own and not is_other_kind
        yield finding if is_error else replace(finding, severity="note")


def unread_parts(plant: Plant, of_files: Mapping[str, Kind]) -> Iterator[Finding]:
    """Yield a note for each component that no link joins to another, label that no figure has, kind without component.

    And for each parameter and input of a user's kind that its kernels do not read.

    Parameters
    ----------
    plant
        A plant without findings.
    of_files
        Kinds of the files that it names, by name.
    """
    links = (*plant.links, *plant.default_links())
    joined = {ref.component for link in links if link.source.component != SERIES for ref in link.ends}
    for c in plant.components.values():
        if c.id not in joined and not isinstance(c.kind.role, PowerContract):  # the market's price is what joins it
            what = "no link joins it to another component: it does nothing but cost"
            remedy = f"link one of its ports ({', '.join(p.name for p in c.kind.ports)}), or remove it"
            yield Finding("unread-component", f"components.{c.id}", what, remedy, plant.file, c.line, "note")
        if c.label and not isinstance(c.kind.role, Source):
            what = f"no figure or table shows the label of the kind '{c.kind.name}'"
            line = plant.lines.get(f"components.{c.id}.label", c.line)
            remedy = "labels are for sources of power; write 'description:' for a remark"
            yield Finding("unread-label", f"components.{c.id}.label", what, remedy, plant.file, line, "note")
    for kind in {c.kind.name: c.kind for c in plant.components.values()}.values():
        yield from _unread_fields(kind)
    used = {c.kind.name for c in plant.components.values()}
    for name, kind in of_files.items():
        if name not in used:
            label = "" if kind.source is None else f" of '{kind.source.label}'"
            what = f"no component is of the kind '{name}'{label}"
            remedy = f"write 'kind: {name}' at a component, or remove its file from 'kinds'"
            line = plant.lines.get("kinds", 0)
            yield Finding("unread-kind", "kinds", what, remedy, plant.file, line, "note")


def _unread_fields(kind: Kind) -> Iterator[Finding]:
    """Yield a note for each parameter and input of the kind of a user's file that none of its kernels reads."""
    read = names_read(kind.source) if isinstance(kind.source, UserCode) else None
    if read is None or not isinstance(kind.source, UserCode):
        return
    inputs = [port.name for port in kind.ports if port.direction == "in" and not port.is_writer]
    for word, names in (("parameter", [field.name for field in kind.parameters]), ("input", inputs)):
        for name in names:
            if not {name, f"n_{name}"} & read:
                what = f"no kernel of the kind '{kind.name}' reads its {word} '{name}'"
                remedy = f"read it as 'c.{name}', or leave it out of KIND"
                file = Path(kind.source.file)
                yield Finding("unread-field", f"{kind.name}.{name}", what, remedy, file, severity="note")


def unread_beside(plant: Plant, is_asked: Callable[[Component, str], bool]) -> Iterator[Finding]:
    """Yield a note for each parameter given that nothing reads, for another one says so.

    ``is_asked(component, parameter)`` says whether it was given by a user, and not by a block of itself.
    """
    for c in plant.components.values():
        for one in c.kind.read_only:
            if c.values.get(one.by) == one.value:
                continue
            by, keys = c.kind.field(one.by), dict[str, str]()
            for name in one.names:
                if name in c.given and is_asked(c, name):
                    keys.setdefault(c.kind.field(name).list_key or name, name)
            for key, name in keys.items():
                by_name = by.list_key or by.name
                now = f"'{by_name}' is '{by.choices[int(c.values[one.by])]}'" if by.choices else f"'{by_name}' is given"
                meant = f"'{by.choices[int(one.value)]}'" if by.choices else f"{one.value:g}"
                what = f"is given and not read, as {now}"
                remedy = f"remove it, or let '{by_name}' be {meant}"
                line = c.given[name] or c.line
                yield Finding("unread-parameter", f"{c.id}.{key}", what, remedy, plant.file, line, "note")


def unread_parameter(where: str, kind: Kind, written: Kind, file: Path, line: int) -> Finding:
    """Return the note of a parameter that the kind set for a run does not have, and that of the file has."""
    what = f"'{kind.name}', set in the place of '{written.name}', has no such parameter"
    key = where.rpartition(".")[2]
    remedy = f"set what is meant; {nearest(key, in_unit_of(key, kind.parameters))}"
    return Finding("unread-parameter", where, what, remedy, file, line, "note")


def unread_changes(changed: Sequence[tuple[str, str, str]]) -> Iterator[Finding]:
    """Yield a note for each change of parameters that another one undoes wholly.

    Parameters
    ----------
    changed
        Key of a change, component and field that it sets, in order: the last one holds.
    """
    holds = {(component, field): key for key, component, field in changed}
    last = set(holds.values())
    for key in dict.fromkeys(key for key, _, _ in changed if key not in last):
        other = next(holds[component, field] for k, component, field in changed if k == key)
        what = f"is undone by '{other}', which stands after it"
        remedy = "keep one of them, or let the one for several components stand first"
        yield Finding("unread-change", f"set {key}", what, remedy, severity="note")
