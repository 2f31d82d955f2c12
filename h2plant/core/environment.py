"""Environment variables that this program reads, and those of its prefix that it does not."""

from __future__ import annotations

from collections.abc import Iterable

PREFIX = "H2PLANT_"

VARIABLES = {
    "H2PLANT_CACHE_DIR": "folder of compiled code",
    "H2PLANT_DISABLE_JIT": "run kernels as plain Python",
    "H2PLANT_HISTORY": "whether runs are recorded: on or off",
    "H2PLANT_HOME": "folder of the history and of monitor.toml",
    "H2PLANT_MAX_FILE_MB": "bound on the size of files that are read, MB",
    "H2PLANT_STACK_STEP": "calibration file that a test takes in the place of its own",
}
"""Names of those that are read, each with what it is."""


def unread_variables(names: Iterable[str]) -> list[str]:
    """Return a note for each variable of the prefix that nothing reads, with the nearest name."""
    from difflib import get_close_matches  # `--help` loads no more than it needs

    notes = []
    for name in sorted(names):
        if name.upper().startswith(PREFIX) and name not in VARIABLES:
            near = get_close_matches(name.upper(), VARIABLES, 1)
            remedy = f"did you mean {near[0]}?" if near else f"there are {', '.join(VARIABLES)}"
            notes.append(f"[unread-variable] nothing reads the environment variable '{name}'; {remedy}")
    return notes
