"""Writes ``requirements.lock``: what constraints.txt pins, with the SHA-256 of each file of it: ``make lock``.

The index that pip is set up with says which files there are, and their hashes; a file of which it gives none is fetched
and hashed. No address goes into the lock file: it holds for every index that serves the same files.

Exit codes: 0 it is written; 3 no index serves one of the packages, and it stays as it is.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PINS, LOCK = ROOT / "constraints.txt", ROOT / "requirements.lock"
HEAD = """# What constraints.txt pins, with the hash of every file of it; `make lock` writes it.
# pip install --require-hashes -r requirements.lock && pip install --no-deps .
"""


def entry(pin: str, hashes: set[str]) -> str:
    """Return a pinned package as pip reads it with hashes.

    Raises
    ------
    ValueError
        There are none.
    """
    if not hashes:
        raise ValueError(f"{pin}: no file of it was found")
    return " \\\n    ".join((pin, *(f"--hash={one}" for one in sorted(hashes)))) + "\n"


def hashes_of(repository: Any, requirement: Any) -> set[str]:
    """Return ``sha256:...`` of each file of a pinned package, as the index says them."""
    with repository.allow_all_wheels():
        links = [one.link for one in repository._get_matching_candidates(requirement)]
        said = {link.url: f"sha256:{link.hash}" for link in links if link.hash_name == "sha256"}
        return set(said.values()) | {repository._get_file_hash(link) for link in links if link.url not in said}


def main() -> int:
    """Write the lock file."""
    from pip._internal.exceptions import PipError
    from pip._internal.req.constructors import install_req_from_line
    from piptools.exceptions import PipToolsError
    from piptools.repositories import PyPIRepository

    repository = PyPIRepository([], cache_dir=str(Path(sys.prefix) / "cache"))
    pins = [line for line in PINS.read_text(encoding="utf-8").splitlines() if "==" in line]
    entries = []
    for pin in pins:
        try:
            entries.append(entry(pin, hashes_of(repository, install_req_from_line(pin))))
        except (LookupError, OSError, ValueError, PipError, PipToolsError):
            print(f"{LOCK.name} stays as it is: no index that is configured here serves {pin}", file=sys.stderr)
            return 3
    LOCK.write_text(HEAD + "".join(entries), encoding="utf-8")
    print(f"{LOCK.name}: {len(entries)} packages, {sum(text.count('--hash=') for text in entries)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
