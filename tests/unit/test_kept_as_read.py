"""What results say of the files of a run is what was read at its start, whatever becomes of them meanwhile."""

import hashlib
import json
from pathlib import Path

import pytest

from h2plant.config.bundled import PLANTS
from h2plant.config.scenario import load_scenario
from h2plant.plant.finding import PlantError
from h2plant.results import Results
from h2plant.session.session import Session, load_run

_RULE = "from beside import REQUEST_W\n\ndef decide():\n    return 0.0, REQUEST_W\n"
_BLOCK = """h2plant: 1
block: spare
components:
  joint: {kind: water_source, pressure_bar: 3}
"""
_SCENARIO = "h2plant: 1\nname: kept\nplant: plant.yaml\nhours: 2\nset: {tank.n_vessels: 3}\n"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Write a plant with a rule of its own in two files, a block, a series and a scenario."""
    text = (PLANTS / "minimal.yaml").read_text(encoding="utf-8")
    text = text.replace("kind: price_threshold}", "kind: user_rule, file: 'rule.py:decide'}")
    assert "series:\n" in text and "\ncomponents:\n" in text
    head, _, rest = text.partition("series:\n")
    series = "  price_eur_per_mwh: {file: price.csv, column: price_eur_per_mwh}\n"
    lines = [line for line in rest.splitlines(keepends=True) if "price_eur_per_mwh" not in line]
    body = "".join(lines).replace("components:\n", "components:\n  spare: {block: spare}\n", 1)
    price = "time,price_eur_per_mwh\n" + "".join(f"2023-01-01T{h:02d}:00Z,{30 + h}\n" for h in range(24))
    written = {
        "plant.yaml": f"{head}blocks: [spare.yaml]\nseries:\n{series}{body}",
        "scenario.yaml": _SCENARIO,
        "rule.py": _RULE,
        "beside.py": "REQUEST_W = 1.0e6\n",
        "spare.yaml": _BLOCK,
        "price.csv": price,
    }
    for name, content in written.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return {name: tmp_path / name for name in written}


def _said(results: Results) -> tuple[object, ...]:
    """Return what results say of where they come from, and all that they keep of it."""
    given = {key: value for key, value in results.summary["provenance"].items() if key != "run_id"}
    kept = ("plant.yaml", "scenario.json", "code.json", "blocks.json")
    return given, {name: (results.folder / name).read_bytes() for name in kept}


def test_what_is_changed_while_a_run_goes_on_does_not_change_what_its_results_say(
    files: dict[str, Path], tmp_path: Path
) -> None:
    before = {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in files.items()}
    undisturbed = Session(files["scenario.yaml"]).results(tmp_path / "a")

    session = Session(files["scenario.yaml"])
    for name, file in files.items():
        more = "2023-01-02T00:00Z,99\n" if name == "price.csv" else "# changed\n"
        file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")
    changed = session.results(tmp_path / "b")
    assert _said(changed) == _said(undisturbed)
    read = changed.summary["provenance"]["read"]
    names = {"spare.yaml": "block spare"}
    assert {names.get(name, name) for name in files} | {"nl_2023.csv.gz"} == set(read)
    assert all(read[names.get(name, name)] == before[name] for name in files)
    sums = (changed.folder / "SHA256SUMS").read_text(encoding="utf-8")
    assert all(name in sums for name in ("plant.yaml", "scenario.json", "code.json", "blocks.json"))
    kept = json.loads((changed.folder / "code.json").read_text(encoding="utf-8"))
    assert {source["text"] for sources in kept.values() for source in sources} == {_RULE, "REQUEST_W = 1.0e6\n"}
    assert json.loads((changed.folder / "blocks.json").read_text(encoding="utf-8"))["spare"] == _BLOCK
    with pytest.raises(PlantError, match="has changed since the run"):
        load_scenario(changed.folder / "scenario.json")
    # and what is there now is another plant
    assert load_run(load_scenario(files["scenario.yaml"])).plant.digest != session.plant.digest


def test_a_series_that_is_written_while_it_is_read_is_refused(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from h2plant.config import series_reader

    load = series_reader.load_series

    def written_meanwhile(*given: object) -> object:
        series = load(*given)  # type: ignore[arg-type]
        files["price.csv"].write_text(files["price.csv"].read_text(encoding="utf-8") + "\n", encoding="utf-8")
        return series

    monkeypatch.setattr(series_reader, "load_series", written_meanwhile)
    with pytest.raises(PlantError, match=r"price_eur_per_mwh.*was written while it was read"):
        load_run(load_scenario(files["scenario.yaml"]))
