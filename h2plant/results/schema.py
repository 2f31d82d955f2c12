"""The JSON schema of the summary of a run, as ``summary.json`` holds it and ``--json`` prints it."""

from __future__ import annotations

import re
from typing import Any

from h2plant.results.figure_form import Figure
from h2plant.results.figures import FIGURES
from h2plant.results.shape import NUMBER, SUMMARY, schema_of
from h2plant.results.version import FORMAT


def summary_schema() -> dict[str, Any]:
    """Return the schema (JSON Schema, draft 2020-12): every key figure with its unit and meaning.

    Figures of technologies that are not built in go by the pattern of their family; ``figures`` of a summary describes
    them. Keys that are not named may hold anything.
    """
    schema = schema_of(SUMMARY)
    figures = schema["properties"]["key_figures"]
    figures["properties"] = {id_: _described(figure) for id_, figure in FIGURES.items()}
    figures["patternProperties"] = {_pattern(figure): schema_of(NUMBER) for figure in FIGURES.values() if figure.family}
    figures["additionalProperties"] = False
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"summary of a run of h2plant, format {FORMAT}",
        **schema,
        "required": ["scenario", "plant", "engine", "is_complete", "start", "hours", "step_s", "key_figures"],
    }


def _described(figure: Figure) -> dict[str, Any]:
    unit = f" ({figure.unit})" if figure.unit else ""
    return {**schema_of(NUMBER), "title": f"{figure.label.strip()}{unit}", "description": figure.meaning}


def _pattern(figure: Figure) -> str:
    head, _, tail = figure.family.partition("{}")
    return f"^{re.escape(head)}[a-z][a-z0-9_]*{re.escape(tail)}$"
