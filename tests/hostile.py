"""Texts that would do something where they are not taken for text, put wherever a results folder holds one."""

import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from h2plant.report.sensitivity_file import SENSITIVITY
from h2plant.results.shape import FLAG, HOURS, INSTANT, NUMBER, SUMMARY

HOSTILE = (
    '"\'><script>window.__pwned=1</script><img src=x onerror="window.__pwned=1">'
    '<a href="javascript:window.__pwned=1">&amp;</a></title></style></script><!-- ]]> {0} {x} $data ${x} %s \u2028`@'
)
SHORT = "</script><b onclick=window.__pwned=1>"
CHECKED = (NUMBER, HOURS, INSTANT, FLAG)


def planted(value: Any, shape: Any = None) -> Any:
    """Return a value read from JSON, each text in it made hostile, and each mapping with one hostile key more.

    Where the shape wants a number or a time there is none: that is damage, and another test's.
    """
    if isinstance(value, str):
        return value if shape in CHECKED else f"{HOSTILE}{value}"
    if isinstance(value, list):
        return [planted(item) for item in value] + ([HOSTILE] if all(isinstance(v, str) for v in value) else [])
    if not isinstance(value, dict):
        return value
    shapes = shape if isinstance(shape, Mapping) else {}
    found = {key: planted(item, shapes.get(key, shapes.get("*"))) for key, item in value.items()}
    if "*" in shapes or not shapes:
        numbers = [item for item in value.values() if isinstance(item, int | float) and not isinstance(item, bool)]
        if numbers or not value:
            inner = shapes.get("*")
            text = dict.fromkeys(inner, HOSTILE) if isinstance(inner, Mapping) else HOSTILE
            found[HOSTILE] = numbers[0] if numbers else text
    return found


def plant_in(folder: Path) -> None:
    """Make every text of a results folder hostile: summary, events, ledger, names, units and meanings of columns."""
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    shape = {**SUMMARY, "provenance": None, "reasons": None, "planning": {"n": NUMBER}}
    hostile = planted(summary, shape)
    hostile["is_complete"] = False
    hostile["not_valid"] = [{"id": HOSTILE, "component": HOSTILE, "text": HOSTILE}]
    hostile["missing"] = {HOSTILE: HOSTILE}
    hostile["economics"]["reasons"] = {"hydrogen_cost_eur_per_kg": HOSTILE}
    (folder / "summary.json").write_text(json.dumps(hostile), encoding="utf-8")
    for name in ("events.parquet", "ledger.parquet"):
        table = pq.read_table(folder / name)
        for k, column in enumerate(table.column_names):
            if pa.types.is_string(table.schema.field(k).type):
                texts = [f"{HOSTILE}{text}" for text in table.column(k).to_pylist()]
                table = table.set_column(k, column, pa.array(texts, pa.string()))
        pq.write_table(table.replace_schema_metadata(pq.read_schema(folder / name).metadata), folder / name)
    log = pq.read_table(folder / "log.parquet")
    fields = [
        field
        if field.name == "time"
        else field.with_metadata({"unit": HOSTILE, "description": HOSTILE, "timing": "end"})
        for field in log.schema
    ]
    log = log.cast(pa.schema(fields)).append_column(pa.field(HOSTILE, pa.float64()), log.column(1))
    pq.write_table(log, folder / "log.parquet")
    scenario = json.loads((folder / "scenario.json").read_text(encoding="utf-8"))
    scenario["name"] = scenario["description"] = HOSTILE
    (folder / "scenario.json").write_text(json.dumps(scenario), encoding="utf-8")
    plant = (folder / "plant.yaml").read_text(encoding="utf-8")
    about = f"description: {json.dumps(HOSTILE)}\n"
    plant, n = re.subn(r"^description: >\n( .*\n)+", lambda _: about, plant, flags=re.M)
    assert n == 1
    (folder / "plant.yaml").write_text(plant, encoding="utf-8")
    accuracy = {"figures": {"x": {"relative": 1e-9}}, "mode": HOSTILE, "n_steps": 1, "n_steps_of_run": 1,
                "bar_frac": 1e-3, "is_met": True}  # fmt: skip
    (folder / "accuracy.json").write_text(json.dumps(accuracy), encoding="utf-8")
    swing = {"low": 0.0, "high": 1.0, "output_at_low": 1.0, "output_at_high": 2.0, "unit": SHORT}
    study = {"output": SHORT, "unit": SHORT, "label": SHORT, "note": HOSTILE, "base": 1.5,
             "parameters": [{**swing, "path": f"a.{SHORT}"}, {**swing, "path": SHORT}]}  # fmt: skip
    (folder / SENSITIVITY).write_text(json.dumps(study), encoding="utf-8")


class Parsed(HTMLParser):
    """A page as a browser sees it: its elements and attributes, its text, and the data in its script element."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.addresses: list[str] = []
        self.text = ""
        self.raw: dict[str, str] = {}
        self.comments: list[str] = []
        self.values: list[str] = []
        self._script = ""
        self.n_scripts = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        given = dict(attrs)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "action", "xlink:href")]
        self.values += [value or "" for name, value in attrs if name in ("aria-label", "title")]
        self._script = ""
        if tag in ("script", "style"):
            self.n_scripts += tag == "script"
            self._script = given.get("id") or tag

    def handle_endtag(self, tag: str) -> None:
        self._script = ""

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        if self._script:
            self.raw[self._script] = self.raw.get(self._script, "") + data
        else:
            self.text += data

    @property
    def data(self) -> dict[str, Any]:
        content = json.loads(self.raw["data"])
        assert isinstance(content, dict)
        return content


def texts_of(value: Any) -> list[str]:
    """Return all texts in a value read from JSON, keys included."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in texts_of(item)]
    if isinstance(value, dict):
        return [*value, *(text for item in value.values() for text in texts_of(item))]
    return []
