"""The page of defaults and conventions that moved an answer: ``python -m docs.defaults_page`` writes docs/defaults.md.

Its rows are data, ``docs/defaults/*.yaml``: what it was in release 0.1.0, what it is, the source, and what it does to a
bundled plant. ``tests/house/test_defaults_page.py`` holds the page to them, and the names in them to the code.
"""

from __future__ import annotations

from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "defaults"
PAGE = Path(__file__).parent / "defaults.md"
KEYS = ("point", "what", "before", "after", "source", "effect")
PARTS = {
    "physics": "Models and defaults of components",
    "costs": "Costs, revenue, carbon",
    "contracts": "Subsidies and contracts",
    "fits": "Fits",
}

_HEAD = """# Defaults that moved an answer

What an answer hangs on more than on any error of a model: defaults and conventions. Each row says what stood in
release 0.1.0, what stands today, by which source, and what it does. `python -m docs.defaults_page` writes this
page from `docs/defaults/`. An effect is that of its own row alone; together they take the reference plant from 9.93
to 12.85 EUR per kilogram made ([the example](economics.md#an-example-the-bundled-plant)).
"""


def rows(part: str) -> list[dict[str, str]]:
    """Return the rows of a part, each with all keys of ``KEYS``."""
    found: list[dict[str, str]] = yaml.safe_load((FOLDER / f"{part}.yaml").read_text(encoding="utf-8"))
    for row in found:
        if set(row) != set(KEYS):
            raise ValueError(f"docs/defaults/{part}.yaml: {row.get('point', row)} must have {', '.join(KEYS)}")
    return found


def page() -> str:
    """Return the page."""
    text = [_HEAD]
    for part, title in PARTS.items():
        text.append(f"## {title}\n")
        for row in rows(part):
            of = {key: " ".join(str(row[key]).split()) for key in KEYS}
            text.append(f"### {of['point'][0].upper()}{of['point'][1:]}\n")
            text.append("| | |\n|---|---|")
            text += [f"| {key} | {of[key]} |".replace(" | |", " |") for key in KEYS[1:]]
            text.append("")
    return "\n".join(text)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
