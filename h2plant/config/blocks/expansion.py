"""What a plant file with blocks expands to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from h2plant.config.blocks.block_file import BlockFile, block_of_text, built_in_blocks, read_block
from h2plant.config.parameter import matched
from h2plant.config.yaml_source import Node
from h2plant.core.declare import Kind
from h2plant.core.units import UnitError
from h2plant.plant.block import BlockUse
from h2plant.plant.finding import Place
from h2plant.plant.graph import Component, Link


@dataclass(frozen=True)
class Reason:
    """Why a parameter of a component of a block has its value: the arithmetic, and what went into it."""

    text: str
    values: Mapping[str, object]

    def __str__(self) -> str:
        if self.text in self.values:
            return self.text
        given = ", ".join(
            f"{name} = {value:.6g}" if isinstance(value, int | float) else f"{name} = {value}"
            for name, value in self.values.items()
        )
        return f"{self.text}, {given}" if given else self.text


def _field_of(kind: Kind, key: str) -> str:
    try:
        match = matched(kind, key)
    except UnitError:
        return key
    return key if match is None else match[0].name


@dataclass
class Expansion:
    """A plant file's components and links without blocks.

    Attributes
    ----------
    components, links, overrides
        As a plant without blocks has them.
    uses
        The blocks by id; those within others by dotted path.
    files
        The blocks' files by name.
    reasons
        Why parameters have their values, by component and key.
    parameter_reasons
        Why parameters of blocks have theirs, by path of the block and name.
    joints
        The links that joined open connectors.
    written
        Overrides as they were written, by what they became.
    reached
        Overrides with a pattern that found a parameter of a block.
    is_whole
        Whether nothing was wrong.
    """

    components: Node | None
    links: list[Link]
    overrides: dict[str, str | float]
    uses: dict[str, BlockUse] = field(default_factory=dict)
    files: dict[str, BlockFile] = field(default_factory=dict)
    reasons: dict[str, dict[str, Reason]] = field(default_factory=dict)
    parameter_reasons: dict[str, dict[str, str]] = field(default_factory=dict)
    joints: list[Link] = field(default_factory=list)
    written: dict[str, str] = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)
    is_whole: bool = True

    def is_asked(self, component: Component, name: str) -> bool:
        """Whether a parameter of a component was given by the plant's file or a change, and not by a block alone."""
        of_block = self.reasons.get(component.id, {})
        text = next((r.text for key, r in of_block.items() if _field_of(component.kind, key) == name), None)
        if text is None:
            return not isinstance(component.given[name], Place)
        paths = [path for path in self.parameter_reasons if component.id.startswith(f"{path.replace('.', '_')}_")]
        why = self.parameter_reasons[max(paths, key=len)].get(text, "") if paths else ""
        return why.startswith(("given in", "changed by"))


@dataclass(frozen=True)
class Blocks:
    """The blocks that a plant file can name: those built in, its own, and those that results keep."""

    own: Mapping[str, BlockFile]
    kept: Mapping[str, str] | None = None

    def names(self) -> list[str]:
        """Return all names."""
        return [*built_in_blocks(), *self.own, *(self.kept or {})]

    def get(self, name: str) -> BlockFile | None:
        """Return a block; None if there is none of that name."""
        if self.kept is not None and name in self.kept:
            return block_of_text(name, self.kept[name])
        if name in self.own:
            return self.own[name]
        file = built_in_blocks().get(name)
        return None if file is None else read_block(file)
