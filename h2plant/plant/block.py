"""Blocks as a plant keeps them: what each was given, so that a change of a parameter can be checked and made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from h2plant.core.expression import Expression
from h2plant.core.units import Conversion, UnitError, split_name

BlockValue = float | str


@dataclass(frozen=True)
class BlockParameter:
    """A parameter of a block, in the unit that its name ends in.

    Parameters
    ----------
    name, description
        As the block's file has them.
    default
        A number, a word of the choices, arithmetic over parameters that stand before it; None: it must be given.
    lowest, highest
        Bounds, both allowed; None: none.
    choices
        Words that it takes in place of a number.
    is_integer
        Whether it is a whole number.
    line
        Its line in the block's file.
    """

    name: str
    description: str = ""
    default: BlockValue | Expression | None = None
    lowest: float | None = None
    highest: float | None = None
    choices: tuple[str, ...] = ()
    is_integer: bool = False
    line: int = 0

    def conversion(self, key: str) -> Conversion | None:
        """Return how a value under a key comes to this parameter's unit; None if the key means another parameter.

        Raises
        ------
        UnitError
            The key means this parameter in a unit that it cannot have.
        """
        if key == self.name:
            return Conversion(self.name, 1.0, 0.0)
        stem, own = split_name(self.name)
        if own is None or not (key == stem or key.startswith(f"{stem}_")):
            return None
        given_stem, given = split_name(key)
        if given_stem != stem:
            return None
        if given is None or given.dimension != own.dimension:
            raise UnitError(f"'{key}' does not measure what '{self.name}' is", (self.name,))
        return Conversion(self.name, given.factor / own.factor, (given.offset - own.offset) / own.factor)

    def fault(self, value: object) -> tuple[str, str, str] | None:
        """Return what is wrong with a value in the parameter's unit, as id, what and remedy; None if nothing is."""
        if self.choices:
            if isinstance(value, str) and value in self.choices:
                return None
            return "wrong-type", f"is {shown(value)}, wanted one of its words", f"choose from {', '.join(self.choices)}"
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "wrong-type", f"is {shown(value)}, wanted a number", f"give a number: {self.description}"
        low, high = self.lowest, self.highest
        if not -1e300 < value < 1e300:
            return "out-of-bounds", f"is {value}, wanted a finite number", f"choose {self.range_text}"
        if (low is not None and value < low) or (high is not None and value > high):
            side = "below" if low is not None and value < low else "above"
            return "out-of-bounds", f"is {value:g}, {side} its bound", f"choose {self.range_text}"
        if self.is_integer and value != round(value):
            return "wrong-type", f"is {value:g}, wanted a whole number", f"choose {self.range_text}"
        return None

    @property
    def default_text(self) -> str:
        """Return its default in words."""
        if self.default is None:
            return "required"
        value = self.default
        text = value.text if isinstance(value, Expression) else value if isinstance(value, str) else f"{value:g}"
        return f"default {text}"

    @property
    def range_text(self) -> str:
        """Return its bounds in words."""
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        low = "any number" if self.lowest is None else f"{self.lowest:g}"
        what = "a whole number, " if self.is_integer else ""
        if self.lowest is None and self.highest is None:
            return f"{what}any number"
        if self.highest is None:
            return f"{what}{low} or more"
        return f"{what}at most {self.highest:g}" if self.lowest is None else f"{what}{low} to {self.highest:g}"


@dataclass(frozen=True)
class BlockUse:
    """A block that stands in a plant.

    Parameters
    ----------
    block
        Name of the block.
    parameters
        Its parameters, by name.
    values
        Their values in this plant, in their units.
    """

    block: str
    parameters: Mapping[str, BlockParameter]
    values: Mapping[str, BlockValue]

    def parameter(self, key: str) -> tuple[BlockParameter, Conversion] | None:
        """Return the parameter that a key means and how its value converts; None if there is none.

        Raises
        ------
        UnitError
            As ``BlockParameter.conversion``.
        """
        return match_block_parameter(key, self.parameters)


def match_block_parameter(
    key: str, parameters: Mapping[str, BlockParameter]
) -> tuple[BlockParameter, Conversion] | None:
    """Return the parameter that a key of a plant file means; like ``BlockUse.parameter``."""
    if key in parameters:
        return parameters[key], Conversion(key, 1.0, 0.0)
    for parameter in parameters.values():
        conversion = parameter.conversion(key)
        if conversion is not None:
            return parameter, conversion
    return None


def shown(value: object) -> str:
    """Return a value in words for findings."""
    if isinstance(value, bool):
        return "true or false"
    return f"the text '{value}'" if isinstance(value, str) else "nothing" if value is None else str(value)
