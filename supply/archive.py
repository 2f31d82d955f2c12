"""Checks the source archive: ``python -m supply.archive dist/h2plant-X.tar.gz``.

Everything that the repository holds is in it, and a short test runs from it alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
LEFT_OUT = (".ci/", ".github/", ".gitignore", ".pre-commit-config.yaml")
"""What serves the repository alone."""
SHORT_TEST = ("tests/unit/test_units.py", "tests/house/test_supply.py")


def missing_from(names: set[str], root: Path = ROOT) -> list[str]:
    """Return the files of the repository that an archive does not hold, by their path."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True)
    own = [name for name in listed.stdout.split("\0") if name and not name.startswith(LEFT_OUT)]
    return sorted(set(own) - names)


def main() -> int:
    """Check an archive; returns 1 if something is missing or the test fails."""
    archive = Path(sys.argv[1])
    with tarfile.open(archive) as file, tempfile.TemporaryDirectory(prefix="h2plant-archive-") as folder:
        names = {name.partition("/")[2] for name in file.getnames()}
        missing = missing_from(names)
        for name in missing:
            print(f"missing: {name}")
        file.extractall(folder, filter="data")
        inside = Path(folder) / archive.name.removesuffix(".tar.gz")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SHORT_TEST]
        done = subprocess.run(command, cwd=inside, env=os.environ | {"PYTHONPATH": str(inside)}, check=False)
    ends = "fail" if done.returncode else "pass"
    print(f"{archive.name}: {len(names)} entries, {len(missing)} missing; its tests {ends}")
    return 1 if missing or done.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
