"""Reading, expanding, checking and lowering a plant of blocks: how much is called, how that grows, what is shared."""

import cProfile
import gc
import os
import pickle
import pstats
from pathlib import Path

import numpy as np
import pytest

from benchmarks.reading import BLOCKS
from h2plant.config.bundled import PLANTS
from h2plant.config.load import load_plant, read_plant
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.config.series import Series
from h2plant.core.collector import paused_collection
from h2plant.plant import structure
from h2plant.plant.graph import Plant
from h2plant.session.session import load_run
from h2plant.simulation.lower import lower
from h2plant.simulation.program import WRITTEN, Program


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("blocks") / "blocks.yaml"
    path.write_text(BLOCKS, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def series(file: Path) -> dict[str, Series]:
    return dict(load_run(changed_scenario(load_scenario(file), hours=24.0)).series)


def made(file: Path, series: dict[str, Series], n_stacks: int, power_mw: float) -> tuple[Plant, Program]:
    plant = load_plant(file, {"electrolysis.n_stacks": n_stacks, "electrolysis.power_mw": power_mw})
    return plant, lower(plant, series, 60.0)


def calls(file: Path, series: dict[str, Series], n_stacks: int, power_mw: float) -> float:
    """Return the calls that a plant takes for each of its components: the same on any machine."""
    with cProfile.Profile() as profile:
        plant, _ = made(file, series, n_stacks, power_mw)
    return float(pstats.Stats(profile).total_calls) / len(plant.components)


def test_work_grows_with_the_components(file: Path, series: dict[str, Series]) -> None:
    """`python -m benchmarks --only reading` takes the time."""
    made(file, series, 4, 20.0)  # blocks and kinds are read
    of_new, of_alike = zip(
        *[[calls(file, series, n, power_mw) for power_mw in (20.0, 21.0)] for n in (25, 52)], strict=True
    )
    assert max(of_new) < 1060.0  # 1037
    assert of_alike[1] < 300.0  # 285
    # stacks have more links than the rest, 1.06; a list looked through for each of its entries would double it
    assert of_new[1] < 1.15 * of_new[0]
    assert of_alike[1] < 1.15 * of_alike[0]


def test_plants_alike_share_their_layout_and_no_number(file: Path, series: dict[str, Series]) -> None:
    (plant, program), (other_plant, other) = (made(file, series, 4, power_mw) for power_mw in (20.0, 21.0))
    assert plant.structure is other_plant.structure and program.field_index is other.field_index
    memory = program.arrays.memory
    differing = {name for name, k in program.field_index.items() if memory[k] != other.arrays.memory[k]}
    assert "electrolysis_stack_1.rated_power_w" in differing
    for name in WRITTEN:
        assert not np.shares_memory(getattr(program.arrays, name), getattr(other.arrays, name)), name
    for shared in (other.columns, other.flows, other.component_ids, other.component_kinds, other.component_rows):
        shared.clear()  # type: ignore[attr-defined]
    other.arrays.memory[:] = 0.0
    again = lower(plant, series, 60.0)
    assert again.columns == program.columns and again.flows == program.flows
    assert again.component_rows == program.component_rows
    assert np.array_equal(again.arrays.memory, memory)


def test_what_differs_in_structure_or_series_has_a_layout_of_its_own(file: Path, series: dict[str, Series]) -> None:
    plant, program = made(file, series, 4, 20.0)
    assert plant.structure is not made(file, series, 5, 20.0)[0].structure
    more = {"other_w": series["temp_air_degc"], **series}
    assert [c.name for c in lower(plant, more, 60.0).columns] == ["series.other_w", *(c.name for c in program.columns)]
    assert lower(plant, series, 60.0).columns == program.columns
    assert pickle.loads(pickle.dumps(plant)).structure.ids == list(plant.components)


_IN_ORDER = (PLANTS / "minimal.yaml").read_text(encoding="utf-8")
_EXTRA = "links:\n  - series.extra_degc -> cooler.coolant_temperature\n"


@pytest.mark.parametrize(
    ("before", "after", "id"),
    [
        (("", ""), (" {kind: gas_cooler,", " {kind: gas_cooler, fan_power_ratio: 0.02,"), "power-unlinked"),
        (("", ""), ("line_power_mw: 1.1", "line_power_mw: 0.1, line_minimum_mw: 0.3"), "line-never-runs"),
        (("", ""), ("  temp_air_degc: {file: nl_2023, mode: linear}\n", ""), "unknown-series"),
        (("links:\n", _EXTRA), ("series:\n", "series:\n  extra_degc: {constant: 20}\n"), "linked-twice"),
    ],
)
def test_what_is_wrong_is_found_after_plants_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: tuple[str, str], after: tuple[str, str], id: str
) -> None:
    """What a plant alike was found in order for hangs on no value, series or line."""
    file = tmp_path / "plant.yaml"

    def findings(text: str) -> list[str]:
        file.write_text(text, encoding="utf-8")
        return [str(finding) for finding in read_plant(file)[1]]

    first = _IN_ORDER.replace(*before)
    second = first.replace(*after)
    assert second != first
    findings(first)
    found = findings(f"# a line more\n{second}")
    assert f"[{id}]" in "".join(found)
    for name, nothing in (("_kept", ()), ("_last", (None, None, None))):
        monkeypatch.setattr(structure, name, nothing)
    assert findings(f"# a line more\n{second}") == found


_BLOCK = "h2plant: 1\nblock: piece\ncomponents:\n  store: {kind: gas_tank, n_vessels: 3}\n"
_KIND = """from h2plant.core.declare import Kind, parameter
from h2plant.core.jit import kernel
from h2plant.core.role import Process
from h2plant.core.status import OK


@kernel
def step(c, bus, props, dt):
    return OK


KIND = Kind(
    name="own", doc="Does nothing.", fields=(parameter("size_ratio", "1", "its size", 3.0, 0.0, 9.0),), ports=(),
    step=step, role=Process("Control"), costs=(),
)
"""


@pytest.mark.parametrize(
    ("name", "text", "change", "component", "field"),
    [
        ("piece.yaml", _BLOCK, ("vessels: 3", "vessels: 5"), "a_store", "n_vessels"),
        ("own.py", _KIND, ("3.0", "5.0"), "a", "size_ratio"),
        ("plant.yaml", "", ("vessels: 3", "vessels: 5"), "tank", "n_vessels"),
    ],
)
def test_own_files_that_change_are_read_anew(
    tmp_path: Path, name: str, text: str, change: tuple[str, str], component: str, field: str
) -> None:
    """Also where size and time of the file stay as they were."""
    plant = tmp_path / "plant.yaml"
    more = {"piece.yaml": ("blocks: [piece.yaml]", "{block: piece}"), "own.py": ("kinds: [own.py]", "{kind: own}")}
    head, named = more.get(name, ("timezone: UTC", "{kind: pump}"))
    of_plant = f"h2plant: 1\nname: x\n{head}\ncomponents:\n  a: {named}\n  tank: {{kind: gas_tank, n_vessels: 3}}\n"
    plant.write_text(of_plant, encoding="utf-8")
    file = tmp_path / name
    file.write_text(text or of_plant, encoding="utf-8")

    def value() -> float:
        found = read_plant(plant)[0]
        assert found is not None
        return found.components[component].values[field]

    before, mark = value(), file.stat()
    file.write_text((text or of_plant).replace(*change), encoding="utf-8")
    os.utime(file, ns=(mark.st_atime_ns, mark.st_mtime_ns))
    assert file.stat().st_size == mark.st_size and file.stat().st_mtime_ns == mark.st_mtime_ns
    assert (before, value()) == (3.0, 5.0)


def test_the_collector_is_held_off_and_comes_back() -> None:
    assert gc.isenabled()
    with paused_collection():
        assert not gc.isenabled()
        with paused_collection():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_digest_is_that_of_the_plant_as_read() -> None:
    """It is worked out when it is asked for, and changes with what decides the result alone."""
    plant, _ = read_plant("minimal")
    other, _ = read_plant("minimal", {"tank.n_vessels": 9.0})
    assert plant is not None and other is not None
    assert len(plant.digest) == 64 and plant.digest != other.digest
    again, _ = read_plant("minimal")
    assert again is not None and again.digest == plant.digest
