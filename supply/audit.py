"""Asks whether faults of security are known of the pinned packages: ``python -m supply.audit``, by pip-audit.

Exit codes: 0 none is known; 1 some are; 3 nobody could be asked, and nothing is known either way.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PINS = Path(__file__).parents[1] / "constraints.txt"


def verdict(found: dict[str, Any] | None) -> tuple[int, list[str]]:
    """Return the exit code for what pip-audit found, and what to say; None: it found nobody to ask."""
    packages = (found or {}).get("dependencies") or []
    asked = [one for one in packages if "vulns" in one]
    faulty = [one for one in asked if one["vulns"]]
    if not asked:
        said = "not audited: no index that is configured here serves what is known of its packages"
        return 3, [said]
    said_of = [f"{p['name']} {p['version']}: {v['id']}, mended in {', '.join(v['fix_versions']) or 'no version yet'}"
               for p in faulty for v in p["vulns"]]  # fmt: skip
    left = f", {len(packages) - len(asked)} of which nothing is served" if len(packages) > len(asked) else ""
    return (1 if faulty else 0), [*said_of, f"{len(asked)} packages audited, {len(faulty)} with known faults{left}"]


def main() -> int:
    """Audit, and say what was found."""
    command = [sys.executable, "-m", "pip_audit", "-r", str(PINS), "--no-deps", "--disable-pip", "-f", "json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=900)
    try:
        found = json.loads(done.stdout)
    except ValueError:
        found = None
        print(*done.stderr.splitlines()[-1:], sep="\n", file=sys.stderr)
    code, said = verdict(found)
    print(*said, sep="\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
