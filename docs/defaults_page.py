"""The page of defaults and conventions that moved an answer: ``python -m docs.defaults_page`` writes docs/defaults.md.

Its rows are data, ``docs/defaults/*.yaml``: what it was in release 0.1.0, what it is, the source, and what it does to a
bundled plant. A row that says with ``back`` which parameters take a change back has their numbers from the data of that
release and from today's declarations, and its effect from runs (``docs.defaults_effects``).
``tests/house/test_defaults_page.py`` holds the page to them, and the names in them to the code.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from docs.defaults_effects import BEFORE, ECONOMICS, FIGURES, FILE, PLANT, before, split
from docs.gallery_pictures import full_label
from docs.gallery_record import recorded
from h2plant.components import KIND_BY_NAME
from h2plant.economics.settings import Settings
from h2plant.results.figures import figure_of

FOLDER = Path(__file__).parent / "defaults"
PAGE = Path(__file__).parent / "defaults.md"
SUMMARY = Path(__file__).parents[1] / "tests/data/v0.1.0/test_full_year/summary.json"
KEYS = ("point", "what", "before", "after", "source", "effect")
OPTIONAL = {"back", "plant", "figures", "costs"}
"""What a row says besides where its numbers come from data: see ``docs.defaults_effects``."""
PARTS = {
    "physics": "Models and defaults of components",
    "costs": "Costs, revenue, carbon",
    "contracts": "Subsidies and contracts",
    "fits": "Fits",
}

_HEAD = """# Defaults that moved an answer

What an answer hangs on more than on any error of a model: defaults and conventions. Each row says what stood in
release 0.1.0, what stands today, by which source, and what it does. `python -m docs.defaults_page` writes this
page from `docs/defaults/`. An effect is that of its own row alone. Release 0.1.0 had the reference plant at
{was:.2f} EUR per kilogram made, {was_taxed:.2f} over its life after tax (`tests/data/v0.1.0/test_full_year`); with all
that changed it is at {now:.2f} and {now_taxed:.2f} ([the example](economics.md#an-example-the-bundled-plant)).

Where a row names parameters as *default*, their numbers are those that release 0.1.0 declared
(`tests/data/v0.1.0/defaults.json`, SI) and those declared today, and so with *cost figure*. Its effect comes from two
years of a bundled plant, one with these parameters taken back and one as it is, which `python -m docs.defaults_effects`
runs and keeps in `docs/defaults/effects.json`.
"""


def rows(part: str) -> list[dict[str, Any]]:
    """Return the rows of a part, each with all keys of ``KEYS``, some with others of ``OPTIONAL``."""
    found: list[dict[str, Any]] = yaml.safe_load((FOLDER / f"{part}.yaml").read_text(encoding="utf-8"))
    for row in found:
        if set(row) - OPTIONAL != set(KEYS):
            raise ValueError(f"docs/defaults/{part}.yaml: {row.get('point', row)} must have {', '.join(KEYS)}")
    return found


def _head() -> str:
    """Return the head of the page: the reference plant of that release, from its summary, and of today."""
    old = json.loads(SUMMARY.read_text(encoding="utf-8"))["key_figures"]
    new = recorded("dual_path")["key_figures"]
    made, taxed = "hydrogen_cost_eur_per_kg", "hydrogen_cost_after_tax_eur_per_kg"
    return _HEAD.format(was=old[made], was_taxed=old[taxed], now=new[made], now_taxed=new[taxed])


def today(word: str) -> float:
    """Return what a parameter or a key of the economics is by default today."""
    kind, parameter, _ = split(word)
    if kind == ECONOMICS:
        return float(Settings.model_fields[parameter].default)
    (value,) = (field.default for field in KIND_BY_NAME[kind].parameters if field.name == parameter)
    assert value is not None, f"{word} has no default"
    return float(value)


def _defaults(row: Mapping[str, Any]) -> str:
    """Return the defaults that a row takes back, before and after."""
    said = []
    for word in row["back"]:
        was = before(word)
        name = word.partition("=")[0]
        said.append(f"`{name}` {'not there' if was is None else f'{was:g}'}, now {today(word):g}")
    return "; ".join(said)


def _costs(kinds: list[str]) -> str:
    """Return the cost figures of kinds that are not what they were, before and after."""

    def said(part: Mapping[str, Any]) -> str:
        hours = part["life_h"]
        worn = "" if hours is None or math.isinf(hours) else f" or {hours:,.0f} h"
        size = f" at {part['reference_size']:,.12g}" if part["reference_size"] != 1.0 else ""
        return (
            f"{part['part']} {part['reference_cost']:,.12g} {part['currency']} of {part['price_year']}{size}, exponent "
            f"{part['exponent']:g}, {part['life_years']:g} years{worn}"
        )

    lines = []
    for kind in kinds:
        was = [said(part) for part in BEFORE["costs"][kind]]
        now = [said(dataclasses.asdict(part)) for part in KIND_BY_NAME[kind].costs or ()]
        gone, new = ([one for one in of if one not in other] for of, other in ((was, now), (now, was)))
        lines.append(f"{'; '.join(gone)}, now {'; '.join(new)}" if gone else f"as before, and {'; '.join(new)}")
    return "; ".join(lines)


def _effect(row: Mapping[str, Any], effects: Mapping[str, Mapping[str, list[float]]]) -> str:
    """Return what runs say that a row does, with what it says itself."""
    if "back" not in row:
        return str(row["effect"])
    plant = row.get("plant", PLANT)
    said = []
    for id_ in row.get("figures", FIGURES):
        figure, (was, now) = figure_of(id_), effects[row["point"]][id_]
        assert figure is not None, f"{row['point']}: there is no key figure {id_}"
        (text_was, _), (text_now, unit) = figure.texts(was), figure.texts(now)
        said.append(f"{full_label(id_)} {text_was} to {text_now} {unit}".strip())
    more = f"; {row['effect']}" if row["effect"] else ""
    return f"year of `{plant}`: {', '.join(said)}{more}"


def page() -> str:
    """Return the page."""
    text = [_head()]
    effects = json.loads(FILE.read_text(encoding="utf-8"))
    for part, title in PARTS.items():
        text.append(f"## {title}\n")
        for row in rows(part):
            of = {key: " ".join(str(row[key]).split()) for key in KEYS} | {"effect": _effect(row, effects)}
            text.append(f"### {of['point'][0].upper()}{of['point'][1:]}\n")
            text.append("| | |\n|---|---|")
            lines = [(key, of[key]) for key in KEYS[1:]]
            if "back" in row:
                lines.insert(3, ("default", _defaults(row)))
            if "costs" in row:
                lines.insert(3, ("cost figure", _costs(row["costs"])))
            text += [f"| {key} | {value} |".replace(" | |", " |") for key, value in lines]
            text.append("")
    return "\n".join(text)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
