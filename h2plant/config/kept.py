"""What a plant names besides its file: user's code and blocks, beside the plant or as results keep them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from h2plant.config.own_rule import code_at, finding_of
from h2plant.config.user_file import FileError, read_bytes
from h2plant.core.user_code import UserCode, UserCodeError, codes_from_json
from h2plant.plant.finding import Finding, PlantError

_Made = TypeVar("_Made")


def kept_code(file: Path) -> dict[str, UserCode] | None:
    """Return the user's code that results keep of a plant; None where they keep none.

    Raises
    ------
    PlantError
        The file is damaged.
    """
    if not file.is_file():
        return None
    try:
        return codes_from_json(read_bytes(file).decode("utf-8"))
    except (FileError, ValueError) as error:
        what = f"is damaged ({error})"
        raise PlantError([Finding("bad-code", "", what, "run the plant again from its own file", file)]) from None


def kept_blocks(file: Path) -> dict[str, str] | None:
    """Return the files of blocks that results keep of a plant, by name; None where they keep none.

    Raises
    ------
    PlantError
        The file is damaged.
    """
    if not file.is_file():
        return None
    try:
        found = json.loads(read_bytes(file).decode("utf-8"))
        if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
            raise ValueError("no mapping of names to texts")
    except (FileError, ValueError, RecursionError) as error:
        what = f"is damaged ({error})"
        raise PlantError([Finding("bad-block-file", "", what, "run the plant again from its own file", file)]) from None
    return found


class PlantCode:
    """The user's code that a plant names: all of it comes through here, and none where it may not be run.

    What has run in this process already may run again. ``taken`` has it by the path as written.
    """

    def __init__(
        self,
        file: Path,
        folder: Path,
        may_run: bool,
        kept: Mapping[str, UserCode] | None,
        findings: list[Finding],
    ) -> None:
        self.taken: dict[str, UserCode] = {}
        self._file, self._folder, self._may_run, self._kept, self._findings = file, folder, may_run, kept, findings

    def take(self, text: str, make: Callable[[], _Made], where: str, line: int) -> _Made | None:
        """Return what ``make`` makes of the code that a text names, with ``read``; None, with a finding, if none."""
        try:
            return make()
        except UserCodeError as error:
            self._findings.append(finding_of(error, where, self._file, line))
            return None

    def read(self, name: str) -> UserCode:
        """Read a file by its path from the plant's file; ``UserCodeError`` if it cannot be, or may not be run."""
        if self._kept is None:
            code = code_at(name, self._folder)
        elif name in self._kept:
            code = self._kept[name]
        else:
            raise UserCodeError("no-such-file", f"the code of '{name}' is not kept with the plant", "run it again", "")
        if not (self._may_run or code.has_run):
            what = f"names Python code, '{name}', which nobody has allowed to run"
            raise UserCodeError("code-not-allowed", what, "read it, and give --allow-code if you trust it", "")
        self.taken[name] = code
        return code
