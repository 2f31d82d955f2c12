"""Writes the bill of materials in the form of CycloneDX 1.6: ``python -m supply.sbom OUT [--extras plot,plan]``.

It lists what is installed here: the program, what it needs, licences, and who needs whom. The same installation gives
the same file.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from supply.licences import PROGRAM, Licensed, extras_of, faults, needed

NOT_SHIPPED = frozenset(("dev", "docs", "test", "browser"))
"""Extras of those who work on the program: what they bring is in no user's installation."""


def bill(packages: Sequence[Licensed], program: str = PROGRAM) -> dict[str, Any]:
    """Return the bill of materials of packages, the program among them."""
    known = {one.name for one in packages}
    parts = {one.name: _component(one, program) for one in packages}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": parts[program]},
        "components": [parts[one.name] for one in packages if one.name != program],
        "dependencies": [
            {"ref": _address(one), "dependsOn": [_address_of(name, packages) for name in one.needs if name in known]}
            for one in packages
        ],
    }


def _component(one: Licensed, program: str) -> dict[str, Any]:
    """Return a package as a component; a licence that is one word is an id, else an expression."""
    is_id = bool(one.licence) and " " not in one.licence and not one.licence.startswith("LicenseRef-")
    licences = [{"license": {"id": one.licence}}] if is_id else [{"expression": one.licence}] if one.licence else []
    return {
        "type": "application" if one.name == program else "library",
        "bom-ref": _address(one),
        "name": one.name,
        "version": one.version,
        "purl": _address(one),
        "licenses": licences,
    }


def _address(one: Licensed) -> str:
    return f"pkg:pypi/{one.name}@{one.version.replace('+', '%2B')}"


def _address_of(name: str, packages: Sequence[Licensed]) -> str:
    return _address(next(one for one in packages if one.name == name))


def main() -> int:
    """Write the bill; returns 1 if a licence is unknown or not allowed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--extras", help="extras of the program, separated by commas; default: all that users install")
    asked = parser.parse_args()
    extras = asked.extras.split(",") if asked.extras else [e for e in extras_of() if e not in NOT_SHIPPED]
    packages = needed(extras)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(bill(packages), indent=1) + "\n", encoding="utf-8")
    wrong = faults(packages)
    print(*wrong, f"{asked.out}: {len(packages)} packages with extras {', '.join(sorted(extras))}", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
