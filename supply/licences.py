"""Licences of everything that is installed with the program, as SPDX has them: ``python -m supply.licences``.

A package says its licence in one of three places of its metadata, the older two in words of its own; words that are
not known here, and licences that are not allowed, end the command.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from importlib import metadata
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROGRAM = "h2plant"

ALLOWED = frozenset((
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "HPND", "ISC", "LLVM-exception", "MIT", "MIT-0",
    "MIT-CMU", "MPL-2.0", "PSF-2.0", "Unlicense", "Zlib",
))  # fmt: skip
"""Licences and exceptions under which anybody may use and pass on what the program needs."""

ALLOWED_OF = {name: "LicenseRef-NVIDIA-Proprietary" for name in (
    "cuda-toolkit", "nvidia-cuda-cccl-cu12", "nvidia-cuda-nvcc-cu12", "nvidia-cuda-nvrtc-cu12",
    "nvidia-cuda-runtime-cu12", "nvidia-nvjitlink-cu12",
)}  # fmt: skip
"""Packages that may be used and not changed: NVIDIA's compiler and runtime, which the extra ``cuda`` alone asks for."""

_SAID = {
    "Apache 2": "Apache-2.0", "Apache 2.0": "Apache-2.0", "Apache Software License": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0", "Apache License 2.0": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause", "BSD 3-Clause License": "BSD-3-Clause",
    "ISC License": "ISC", "ISC License (ISCL)": "ISC", "MIT License": "MIT", "MPL 2.0": "MPL-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0", "NVIDIA Proprietary Software": "LicenseRef-NVIDIA-Proprietary",
    "Python Software Foundation License": "PSF-2.0", "The Unlicense (Unlicense)": "Unlicense",
}  # fmt: skip
"""What older metadata say, and what SPDX calls it."""

_READ = {
    "blinker": "MIT", "colorama": "BSD-3-Clause", "cuda-toolkit": "LicenseRef-NVIDIA-Proprietary",
    "cycler": "BSD-3-Clause", "itsdangerous": "BSD-3-Clause", "jinja2": "BSD-3-Clause", "kiwisolver": "BSD-3-Clause",
    "matplotlib": "PSF-2.0", "nest-asyncio": "BSD-2-Clause", "numba": "BSD-2-Clause", "partd": "BSD-3-Clause",
    "scipy": "BSD-3-Clause", "zict": "BSD-3-Clause",
}  # fmt: skip
"""Licences of packages whose metadata say ``BSD``, or nothing, or all of its text: as their licence files have them."""

_WORDS = re.compile(r"[\w.+-]+")


class Licensed(NamedTuple):
    """A package that is installed: name, version, licence as SPDX has it (empty: not known), and what it needs."""

    name: str
    version: str
    licence: str
    needs: tuple[str, ...]


def licence_of(name: str, about: metadata.PackageMetadata) -> str:
    """Return the licence of a package as SPDX has it; empty where its metadata do not say it in known words."""
    if said := about.get("License-Expression"):
        return str(said)
    if (read := _READ.get(canonicalize_name(name))) is not None:
        return read
    classes = [str(one).rpartition("::")[2].strip() for one in about.get_all("Classifier") or [] if "License" in one]
    own = str(about.get("License") or "").strip().partition("\n")[0].strip()  # of those that hold all of its text
    for words in (own, *classes):
        if words in _SAID:
            return _SAID[words]
        if words and set(_WORDS.findall(words)) <= ALLOWED | {"AND", "OR", "WITH"}:
            return words
        if words.startswith("LicenseRef-"):
            return words
    return ""


def is_allowed(name: str, licence: str) -> bool:
    """Whether a licence is one under which the program may need a package."""
    if ALLOWED_OF.get(canonicalize_name(name)) == licence:
        return True
    choices = re.split(r"\s+OR\s+", licence.strip("()"))
    return any(bool(words := set(_WORDS.findall(choice)) - {"AND", "WITH"}) and words <= ALLOWED for choice in choices)


def needed(extras: Iterable[str], program: str = PROGRAM) -> list[Licensed]:
    """Return the program and all that it needs with some of its extras, as far as it is installed, by name."""
    found: dict[str, Licensed] = {}
    waiting = [(program, frozenset(extras))]
    seen = set()
    while waiting:
        name, wanted = waiting.pop()
        key = canonicalize_name(name)
        if (key, wanted) in seen:
            continue
        seen.add((key, wanted))
        try:
            one = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        needs = [Requirement(text) for text in one.requires or ()]
        environments = [{"extra": extra} for extra in ("", *wanted)]
        chosen = [r for r in needs if r.marker is None or any(r.marker.evaluate(e) for e in environments)]
        waiting += [(r.name, frozenset(r.extras)) for r in chosen]
        names = {canonicalize_name(r.name) for r in chosen} | set(found[key].needs if key in found else ())
        found[key] = Licensed(key, one.version, licence_of(name, one.metadata), tuple(sorted(names - {key})))
    return [found[key] for key in sorted(found)]


def extras_of(program: str = PROGRAM) -> list[str]:
    """Return the extras of the program."""
    return list(metadata.metadata(program).get_all("Provides-Extra") or ())


def faults(packages: Iterable[Licensed]) -> list[str]:
    """Return what is to be mended: packages of unknown licence, and of a licence that is not allowed."""
    said = []
    for one in packages:
        if not one.licence:
            said.append(f"{one.name} {one.version}: licence not known; read it, and name it in supply/licences.py")
        elif not is_allowed(one.name, one.licence):
            said.append(f"{one.name} {one.version}: {one.licence} is none of the licences that are allowed")
    return said


def main() -> int:
    """Print each package with its licence; returns 1 if one is unknown or not allowed."""
    packages = needed(extras_of())
    for one in packages:
        print(f"{one.name:28}{one.version:16}{one.licence or 'not known'}")
    wrong = faults(packages)
    print(*wrong, f"{len(packages)} packages, {len(wrong)} to be looked at", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
