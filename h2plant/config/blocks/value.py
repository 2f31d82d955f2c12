"""Values of a block's parameters: what a plant file and changes give, what defaults say, arithmetic."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from h2plant.config.blocks.block_file import BESIDE, BlockFile, Loop, Template, built_in_blocks
from h2plant.config.blocks.connector import End
from h2plant.config.blocks.expansion import Reason
from h2plant.config.blocks.joint import Joiner
from h2plant.config.parameter import matched
from h2plant.config.yaml_source import Entry, Node, Scalar
from h2plant.core.declare import Kind
from h2plant.core.expression import Expression, ExpressionError
from h2plant.core.units import UnitError
from h2plant.plant.block import BlockParameter, BlockValue, match_block_parameter
from h2plant.plant.finding import Place, listing, nearest

_MOST_OF_A_LOOP = 1000


@dataclass
class Given:
    """What a parameter of a block is given: by the plant's file, or by a change."""

    value: Scalar
    line: int
    changed_by: str = ""
    reason: str = ""
    is_wrong: bool = False


class Evaluator(Joiner):
    """Works out the values of blocks' parameters."""

    def _given(
        self,
        id_: str,
        path: str,
        block: BlockFile,
        entry: Entry,
        changes: Mapping[str, tuple[str, Scalar]],
        where: str,
    ) -> tuple[dict[str, Given], dict[str, Entry], dict[str, dict[str, tuple[str, Scalar]]]]:
        """Return what a plant's file and changes give: to parameters, to components, and to blocks within the block."""
        given: dict[str, Given] = {}
        parts: dict[str, Entry] = {}
        for item in (entry.node.entries or {}).values():
            if item.key in BESIDE:
                continue
            if item.node.entries is not None:
                if self._part_of(item.key, block) is None:
                    meant = self._parameter_of(item.key, block)
                    if meant is not None:
                        remedy = f"give a value: {meant.description}"
                        self.find(
                            "wrong-type",
                            f"{where}.{item.key}",
                            f"is {item.node.kind}, wanted a value",
                            remedy,
                            item.line,
                        )
                        given[meant.name] = Given(None, item.line, is_wrong=True)
                        continue
                    known = [*block.templates, *block.parameters]
                    what = f"the block '{block.name}' has no component '{item.key}'"
                    self.find("unknown-component", f"{where}.{item.key}", what, nearest(item.key, known), item.line)
                else:
                    parts[item.key] = item
                continue
            problem, parameter, value = read_given(block, item.key, item.node)
            if problem is not None:
                self.find(problem[0], f"{where}.{item.key}", problem[1], problem[2], item.line)
            if parameter is None:
                continue
            if parameter.name in given:
                what = f"'{parameter.name}' is given twice, first in line {given[parameter.name].line}"
                self.find("given-twice", f"{where}.{item.key}", what, "keep one of them", item.line)
            if problem is not None:
                given[parameter.name] = Given(None, item.line, is_wrong=True)
            else:
                reason = self.found.reasons.get(id_, {}).get(item.key)
                given[parameter.name] = Given(value, item.line, reason="" if reason is None else str(reason))
        further: dict[str, dict[str, tuple[str, Scalar]]] = {}
        for rest, (written, scalar) in changes.items():
            is_pattern = written.startswith("?")
            head, _, key = rest.partition(".")
            if key:
                template = self._part_of(head, block)
                if template is not None and template.block is not None:
                    further.setdefault(head, {})[key] = written, scalar
                elif not is_pattern:
                    target = f"{id_}_{head}.{key}"
                    self.found.overrides[target] = scalar  # type: ignore[assignment]
                    self.found.written[target] = written
                continue
            problem, parameter, value = read_given(block, rest, Node(0, scalar))
            if is_pattern and parameter is None:
                continue
            if problem is not None:
                self.find_change(problem[0], written.lstrip("?"), problem[1], problem[2])
            elif parameter is not None:
                given[parameter.name] = Given(value, entry.line, written.lstrip("?"))
                if is_pattern:
                    self.found.reached.add(written[1:])
        return given, parts, further

    def _parameter_of(self, key: str, block: BlockFile) -> BlockParameter | None:
        try:
            found = match_block_parameter(key, block.parameters)
        except UnitError:
            return None
        return None if found is None else found[0]

    def _part_of(self, key: str, block: BlockFile) -> Template | None:
        """Return the template of a component of a block, that may be one of a loop."""
        if key in block.templates:
            return block.templates[key]
        head, _, number = key.rpartition("_")
        template = block.templates.get(head)
        is_one = number.isdecimal() or set(number) & set("*?[")
        return template if template is not None and template.loop is not None and is_one else None

    def _values(
        self,
        block: BlockFile,
        given: Mapping[str, Given],
        figures: Mapping[str, float],
        entry: Entry,
        where: str,
        ends: Mapping[str, End],
        why: dict[str, str],
    ) -> dict[str, BlockValue] | None:
        """Return the values of all parameters of a block; None, with findings, where one has none."""
        values: dict[str, BlockValue] = {}
        is_whole = True
        for parameter in block.parameters.values():
            key = f"{where}.{parameter.name}"
            place = place_in(entry.line, block, parameter.line)
            one = given.get(parameter.name)
            default = parameter.default
            if one is not None and one.is_wrong:
                is_whole = False  # it has a finding of its own
                continue
            if one is not None:
                value: object = one.value
                line = one.line
            elif isinstance(default, Expression):
                line = place
                unknown = [n for n in default.names if n not in values and n not in figures]
                broken = [n for n in unknown if "." not in n]
                if broken:
                    is_whole = False  # that one has a finding of its own
                    continue
                if unknown:
                    head = unknown[0].partition(".")[0]
                    is_whole = False
                    end = ends.get(head)
                    if self.broken or (end is not None and not end.n_joined and not end.is_optional):
                        continue  # that nothing joins it, or what would, has a finding of its own
                    what = f"'{parameter.name}' follows from '{unknown[0]}', and nothing that joins '{head}' says it"
                    remedy = f"give '{parameter.name}': {parameter.description}"
                    self.find("missing-parameter", where, what, remedy, place)
                    continue
                value = self._value(default, {**figures, **values}, key, place)
                if value is None:
                    is_whole = False
                    continue
            elif default is not None:
                value, line = default, place
            else:
                what = f"the parameter '{parameter.name}' is missing"
                self.find("missing-parameter", where, what, f"give '{parameter.name}': {parameter.description}", place)
                is_whole = False
                continue
            fault = parameter.fault(value)
            if fault is not None:
                is_whole = False
                if one is not None and one.changed_by:
                    self.find_change(fault[0], one.changed_by, fault[1], fault[2])
                else:
                    source = "" if one is not None else f", by its default '{_text_of(default)}'"
                    if isinstance(default, Expression):
                        scope = {**figures, **values}
                        taken = [f"{name} = {_short(scope[name])}" for name in sorted(default.names)]
                        source += f" ({', '.join(taken)})" if taken and one is None else ""
                    self.find(fault[0], key, f"{fault[1]}{source}", fault[2], line)
                continue
            if one is not None:
                why[parameter.name] = (
                    f"changed by '{one.changed_by}'" if one.changed_by else one.reason or _given_in(one.line)
                )
            elif isinstance(default, Expression):
                scope = {**figures, **values}
                why[parameter.name] = str(Reason(default.text, {name: scope[name] for name in sorted(default.names)}))
            else:
                why[parameter.name] = f"default of {block.file.name}:{parameter.line}"
            values[parameter.name] = value if isinstance(value, str) else float(value)  # type: ignore[arg-type]
        return values if is_whole else None

    def _value(self, expression: Expression, scope: Mapping[str, object], where: str, line: int) -> float | None:
        unknown = sorted(name for name in expression.names if name not in scope)
        if unknown:
            what = f"'{expression.text}' takes '{unknown[0]}', which is no parameter of the block"
            self.find("unknown-name", where, what, nearest(unknown[0], scope), line)
            return None
        try:
            return float(f"{expression.value(scope):.12g}")
        except ExpressionError as error:
            self.find("bad-expression", where, str(error), "change the parameters that go into it", line)
            return None

    def _range(self, loop: Loop, scope: Mapping[str, object], where: str, line: int) -> range | None:
        ends = [self._value(one, scope, f"{where}.for", line) for one in (loop.first, loop.last)]
        if ends[0] is None or ends[1] is None:
            return None
        first, last = ends[0], ends[1]
        if first != round(first) or last != round(last) or last - first > _MOST_OF_A_LOOP:
            what = f"the loop runs from {first:g} to {last:g}"
            remedy = f"let it run over whole numbers, {_MOST_OF_A_LOOP} at most"
            self.find("bad-loop", f"{where}.for", what, remedy, line)
            return None
        return range(round(first), round(last) + 1)


def read_given(
    block: BlockFile, key: str, node: Node
) -> tuple[tuple[str, str, str] | None, BlockParameter | None, Scalar]:
    """Return what is wrong with a parameter as given, the one it means, and its value in that one's unit."""
    try:
        found = match_block_parameter(key, block.parameters)
    except UnitError as error:
        return ("unknown-unit", str(error), f"write {listing(error.allowed, 'or')}"), None, None
    if found is None:
        what = f"the block '{block.name}' has no parameter '{key}'"
        if key in block.connectors:
            return (
                ("unknown-parameter", f"'{key}' is a connector of '{block.name}'", "join it under 'links:'"),
                None,
                None,
            )
        if key in block.templates:
            what, remedy = f"'{key}' is a component of the block '{block.name}'", f"write '{key}: {{parameter: value}}'"
            return ("wrong-type", what, remedy), None, None
        if key in ("kind", "block", "technology"):
            remedy = f"write another block in the file, such as 'block: {_like(str(node.value), block.name)}'"
            return ("unknown-parameter", f"{what}: what a block is cannot be changed so", remedy), None, None
        return ("unknown-parameter", what, nearest(key, [*block.parameters, *block.templates])), None, None
    parameter, conversion = found
    value = node.value
    if isinstance(value, bool) and parameter.name.startswith(("is_", "has_")):
        value = float(value)
    if node.items is not None or node.entries is not None:
        return (
            ("wrong-type", f"is {node.kind}, wanted a number", f"give a number: {parameter.description}"),
            parameter,
            None,
        )
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = float(f"{value * conversion.factor + conversion.offset:.12g}")
    fault = parameter.fault(value)
    return fault, parameter, None if fault is not None else value


def _like(word: str, block: str) -> str:
    """Return the name of a built-in block in which a word stands, the one most like another block's; else its own."""
    having = [name for name in built_in_blocks() if word.lower() in name.split("_")]
    return next(iter(difflib.get_close_matches(block, having, n=1, cutoff=0.0)), block)


def same_parameter(key: str, kind: Kind) -> str:
    """Return the field that a key means, in whatever unit; the key itself where it means none."""
    try:
        match = matched(kind, key)
    except UnitError:
        return key
    return key if match is None else match[0].name


def place_in(line: int, block: BlockFile, inside: int) -> Place:
    """Return the place of a line of the plant's file with that inside a block."""
    return _place(int(line), getattr(line, "inside", ""), block.file.name, inside)


@lru_cache(maxsize=8192)
def _place(line: int, before: str, name: str, inside: int) -> Place:
    return Place(Place(line, before) if before else line, f"{name}:{inside}")


def _given_in(line: int) -> str:
    inside = getattr(line, "inside", "")
    return f"given in {inside}" if inside else f"given in line {line}"


def _short(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, int | float) else str(value)


def _text_of(default: object) -> str:
    return default.text if isinstance(default, Expression) else str(default)
