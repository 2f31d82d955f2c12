"""Makes an environment with a tool in it: ``python -m supply.tool FOLDER PACKAGE``; no address of an index is named.

Exit codes: 0 it is there; 3 it cannot be had, which is said in a sentence.
"""

from __future__ import annotations

import re
import subprocess
import sys
import venv
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Make the environment."""
    folder, package = Path(arguments[0]), arguments[1]
    venv.create(folder, with_pip=True, symlinks=sys.platform != "win32")
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", package]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode == 0:
        return 0
    name = re.split(r"[<>=~!]", package)[0]
    print(f"{name} is not here and cannot be had: no index that is configured here answers for it", file=sys.stderr)
    return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
