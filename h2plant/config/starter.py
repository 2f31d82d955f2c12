"""Starter files, to be changed: a commented plant and a scenario for it; a commented kind and a case of it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from h2plant.components import KIND_BY_NAME
from h2plant.config.bundled import PLANTS
from h2plant.plant.finding import Finding, PlantError

TEMPLATES = PLANTS / "templates"
_FILES = {"starter.yaml": "{name}.yaml", "starter-day.yaml": "{name}-day.yaml"}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_KIND_FILES = {
    "kind.py.txt": "{name}.py",
    "kind_case.yaml": "{name}--design-point/case.yaml",
    "kind_test.py.txt": "test_{name}.py",
}
_KIND_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST = 64


def write_starter(name: str, folder: Path) -> list[Path]:
    """Write ``NAME.yaml``, a commented plant, and ``NAME-day.yaml``, a commented scenario for it.

    Parameters
    ----------
    name
        Name of the plant: letters, digits, ``-`` and ``_``, a letter first.
    folder
        Where to; it must exist.

    Returns
    -------
    list of Path
        The files written: the plant, the scenario.

    Raises
    ------
    PlantError
        The name cannot be one, a file of that name is there already, or the folder cannot be written. Then nothing
        was written.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise PlantError([Finding("bad-name", "", f"'{name}' cannot be the name of a plant", _remedy(name))])
    return _write(_FILES, name, folder)


def write_kind(name: str, folder: Path) -> list[Path]:
    """Write ``NAME.py``, a commented kind of component, a case of it, and a test that runs the case.

    Parameters
    ----------
    name
        Name of the kind: small letters, digits and ``_``, a letter first; not that of a built-in one.
    folder
        Where to; it must exist.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    PlantError
        The name cannot be one, a file of that name is there already, or the folder cannot be written. Then nothing
        was written.
    """
    if not _KIND_NAME.fullmatch(name) or len(name) > _LONGEST:
        remedy = "write small letters, digits and '_', a letter first, as 'my_stack'"
        raise PlantError([Finding("bad-name", "", f"'{name}' cannot be the name of a kind", remedy)])
    if name in KIND_BY_NAME:
        raise PlantError([Finding("name-taken", "", f"'{name}' is a built-in kind", "choose another name")])
    return _write(_KIND_FILES, name, folder)


def _write(files: Mapping[str, str], name: str, folder: Path) -> list[Path]:
    targets = [folder / pattern.format(name=name) for pattern in files.values()]
    standing = [target for target in targets if target.exists()]
    if standing:
        remedy = "choose another name, or move the file away"
        raise PlantError([Finding("file-exists", "", "is there already", remedy, target) for target in standing])
    written: list[Path] = []
    try:
        for template, target in zip(files, targets, strict=True):
            target.parent.mkdir(exist_ok=True)
            text = (TEMPLATES / template).read_text(encoding="utf-8").replace("@NAME@", name)
            with target.open("x", encoding="utf-8", newline="\n") as file:
                written.append(target)
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        for target in written:
            target.unlink(missing_ok=True)
        what, remedy = f"cannot be written: {error.strerror}", "go to a folder that you may write to, with space left"
        raise PlantError([Finding("cannot-write", "", what, remedy, Path(error.filename or targets[0]))]) from None
    return written


def _remedy(name: str) -> str:
    remedy = "write letters, digits, '-' and '_', a letter first"
    likely = re.sub(r"[^A-Za-z0-9_-]+", "_", Path(name).stem).strip("_-").lstrip("0123456789_-")[:_LONGEST]
    if "/" in name or "\\" in name:
        remedy += "; the files are written to the folder where you are"
    return f"{remedy}, as '{likely}'" if likely else remedy
