"""Kinds from a user's files: both engines run them, every process gets them, what is wrong is told with its line."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import h2plant
from h2plant.components import KIND_BY_NAME
from h2plant.components.registry import Kinds, declaration_faults, kind_of, register_kind, table_of
from h2plant.config.bundled import PLANTS
from h2plant.config.load import load_plant, read_plant
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.jit import IS_JIT_DISABLED
from h2plant.core.kernel_cache import kernel_digest
from h2plant.core.user_code import CompileError, UserCodeError, codes_from_json, read_code
from h2plant.session.session import make_engine, prepare
from h2plant.simulation import warm_up
from h2plant.simulation.engine import SimulationFailure
from h2plant.simulation.program import Program
from h2plant.testing import run_case
from tests.command import h2plant as command

ROOT = Path(__file__).parents[2]
HELPER = '''
"""What the meter counts with."""
from h2plant.core.jit import kernel

SHIFT_W = 0.0


@kernel
def shifted(power_w):
    """Return the power, W, with the shift."""
    return power_w + SHIFT_W
'''
METER = '''
"""Counts the energy that a signal of power tells of."""
from h2plant.core.declare import Kind, Port, output, parameter, state
from h2plant.core.jit import kernel
from h2plant.core.role import Process
from h2plant.core.status import OK
from my_helper import shifted


@kernel
def step(c, bus, props, dt):
    """Add up what is read."""
    c.power_w = c.gain_ratio * shifted(bus[c.reads])
    c.energy_j = c.energy_j + c.power_w * dt
    bus[c.tells] = c.power_w
    return OK


KIND = Kind(
    name="my_meter",
    doc="Counts the energy that a signal tells of.",
    fields=(
        parameter("gain_ratio", "1", "counted per watt", 1.0, 0.0, 10.0),
        state("energy_j", "J", "counted so far"),
        output("power_w", "W", "counted now"),
    ),
    ports=(
        Port("reads", "signal", "in", "power to be counted", unit="W"),
        Port("tells", "signal", "out", "power that is counted", unit="W"),
    ),
    step=step,
    role=Process("Control"),
    costs=(),
)
'''


def write(folder: Path, meter: str = METER, helper: str = HELPER, kinds: str = "[my_meter.py]", more: str = "") -> Path:
    """Write the smallest plant with a meter of its own at its wind farm."""
    folder.mkdir(exist_ok=True)
    (folder / "my_meter.py").write_text(meter, encoding="utf-8")
    (folder / "my_helper.py").write_text(helper, encoding="utf-8")
    text = (PLANTS / "minimal.yaml").read_text(encoding="utf-8")
    assert "components:\n" in text and "links:\n" in text
    component = f"  meter: {{kind: my_meter, gain_ratio: 2.0{more}}}\n"
    text = text.replace("components:\n", f"kinds: {kinds}\ncomponents:\n{component}")
    text = text.replace("links:\n", "links:\n  - rule.planned_import -> meter.reads\n")
    file = folder / "plant.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def run_command(*words: str, folder: Path | None = None, width: int = 100) -> subprocess.CompletedProcess[str]:
    """Give a command as a user does."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": str(width)}
    command = [sys.executable, "-m", "h2plant.cli", *words]
    return subprocess.run(command, check=False, cwd=folder, env=environment, capture_output=True, text=True)


def run(file: Path, engine: str = "optimized", hours: float = 0.2) -> Program:
    _, program = prepare(changed_scenario(load_scenario(file), hours))
    running = make_engine(engine, program)
    running.begin()
    running.run(round(hours * 60))
    return program


def counted(program: Program) -> float:
    return program.value("meter.energy_j")


def test_a_kind_of_a_file_runs_alike_compiled_and_plain(tmp_path: Path) -> None:
    file = write(tmp_path)
    compiled, plain = (run(file, engine) for engine in ("optimized", "baseline"))
    assert counted(compiled) > 0.0
    assert counted(compiled) == pytest.approx(counted(plain), rel=1e-9)
    asked = compiled.arrays.bus[compiled.slot_index["rule.planned_import"]]
    assert compiled.value("meter.power_w") == 2.0 * asked


def test_an_edit_in_a_file_that_a_kernel_calls_is_followed(tmp_path: Path) -> None:
    """Kernels were known by their module's name: an edit in a helper ran stale code, and nobody was told."""
    before = counted(run(write(tmp_path)))
    file = write(tmp_path, helper=HELPER.replace("SHIFT_W = 0.0", "SHIFT_W = 500.0"))
    compiled, plain = (counted(run(file, engine)) for engine in ("optimized", "baseline"))
    assert compiled == pytest.approx(before + 2.0 * 500.0 * 12 * 60.0, rel=1e-12)
    assert compiled == pytest.approx(plain, rel=1e-9)


def test_the_digest_of_a_kernel_follows_files_that_python_imports(tmp_path: Path, monkeypatch) -> None:
    """As in a package of one's own: there, too, another process runs what the edit says."""
    code = "from my_stack_module import step\nfrom h2plant.core.jit import kernel_digest\nprint(kernel_digest(step))\n"
    source = (
        "from my_helper_module import volts\nfrom h2plant.core.jit import kernel\n\n"
        "@kernel\ndef step(x):\n    return volts(x)\n"
    )
    (tmp_path / "my_stack_module.py").write_text(source)
    path = os.pathsep.join([str(ROOT), str(tmp_path)])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    digests = []
    for shift in ("0.0", "0.0", "0.5"):
        helper = f"from h2plant.core.jit import kernel\n\n@kernel\ndef volts(x):\n    return x + {shift}\n"
        (tmp_path / "my_helper_module.py").write_text(helper)
        command = [sys.executable, "-c", code]
        digests.append(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    assert digests[0] == digests[1] != digests[2]


def test_two_plants_bring_a_kind_of_one_name(tmp_path: Path) -> None:
    one = write(tmp_path / "one")
    two = write(tmp_path / "two", meter=METER.replace("c.gain_ratio * shifted", "100.0 * c.gain_ratio * shifted"))
    first, second = run(one), run(two)
    assert counted(second) == pytest.approx(100.0 * counted(first), rel=1e-12)
    assert counted(run(one)) == counted(first)
    assert load_plant(one).digest != load_plant(two).digest
    assert "my_meter" not in KIND_BY_NAME


def test_source_is_part_of_the_plants_digest(tmp_path: Path) -> None:
    digest = load_plant(write(tmp_path)).digest
    assert load_plant(write(tmp_path / "same")).digest == digest, "it hangs on where the file lies"
    assert load_plant(write(tmp_path, helper=HELPER.replace("0.0", "0.1"))).digest != digest
    assert load_plant(write(tmp_path, meter=METER + "# a remark\n")).digest != digest


def test_a_second_run_compiles_nothing(tmp_path: Path) -> None:
    file = write(tmp_path)
    run(file)
    warm_up._found.clear()
    _, program = prepare(changed_scenario(load_scenario(file), 0.2))
    assert warm_up.missing_kernels(program) == []


# --- what is wrong is told


def findings(file: Path, **more: object) -> list:
    return read_plant(file, **more)[1]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new", "id", "file", "text"),
    [
        ("KIND = Kind(", "KIND = Kind(((", "bad-python", "my_meter.py", None),
        ("KIND = Kind(", "MINE = Kind(", "no-kind", "my_meter.py", "KIND = Kind("),
        ("KIND = Kind(", "KIND = 7\nMINE = Kind(", "bad-kind", "my_meter.py", "type int"),
        ('name="my_meter"', 'name="pem_stack"', "name-taken", "my_meter.py", "pem_stack"),
        ('name="my_meter"', 'name="My meter"', "bad-kind", "my_meter.py", "My meter"),
        ('"J", "counted so far"', '"", "counted so far"', "bad-kind", "my_meter.py", "energy_j"),
        ('state("energy_j"', 'state("power_w"', "bad-python", "my_meter.py", "declared twice"),
        ("1.0, 0.0, 10.0", "11.0, 0.0, 10.0", "bad-kind", "my_meter.py", "out of its bounds"),
        ("c.power_w = c.gain", "print('x')\n    c.power_w = c.gain", "bad-kernel", "my_meter.py", "a call of print"),
        ("c.power_w = c.gain", "x = [1.0]\n    c.power_w = c.gain", "bad-kernel", "my_meter.py", "a list"),
        ("@kernel\ndef step", "def step", "bad-kernel", "my_meter.py", "'step' of the kind 'my_meter' is no kernel"),
        ("from my_helper import", "from no_such_module import", "bad-python", "my_meter.py", "no_such_module"),
        ("from h2plant.core.jit import kernel\n\nSHIFT", "SHIFT", "bad-python", "my_helper.py", "kernel"),
        ("SHIFT_W = 0.0\n\n\n@kernel", "SHIFT_W = 0.0\n\n", "bad-kernel", "my_meter.py", "'shifted', which"),
        ("return power_w + SHIFT_W", "return power_w + +", "bad-python", "my_helper.py", None),
        ("c.gain_ratio * shifted", "c.gain_factor * shifted", "bad-kernel", "my_meter.py", "it has gain_ratio"),
    ],
)
def test_a_broken_file_is_a_finding_with_its_line(
    tmp_path: Path, old: str, new: str, id: str, file: str, text: str | None
) -> None:
    is_helper = old in HELPER and old not in METER
    assert old in (HELPER if is_helper else METER)
    sources = {"helper": HELPER.replace(old, new)} if is_helper else {"meter": METER.replace(old, new, 1)}
    found = [f for f in findings(write(tmp_path, **sources)) if f.id == id]
    assert len(found) == 1, findings(write(tmp_path, **sources))
    assert found[0].file is not None and found[0].file.name == file
    assert found[0].line > 0
    assert found[0].remedy
    assert text is None or text in str(found[0])


@pytest.mark.parametrize(
    ("kinds", "id", "text"),
    [
        ("[my_mater.py]", "no-such-file", "my_meter.py"),
        ("[my_meter]", "bad-kind-file", "my_stack.py"),
        ("[[my_meter.py]]", "wrong-type", "kinds"),
        ("[my_meter.py, my_meter.py]", "name-taken", "my_meter"),
        ("[my_helper.py]", "no-kind", "KIND"),
    ],
)
def test_a_wrong_list_of_kinds_is_a_finding(tmp_path: Path, kinds: str, id: str, text: str) -> None:
    found = [f for f in findings(write(tmp_path, kinds=kinds)) if f.id == id]
    assert found and text in str(found[0]), findings(write(tmp_path, kinds=kinds))
    assert found[0].line > 0


@pytest.mark.skipif(IS_JIT_DISABLED, reason="nothing is compiled")
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("return OK\n", "return 0.5\n", "must return a status"),
        ("shifted(bus[c.reads])", "shifted(bus)", "No implementation"),
    ],
)
def test_a_kernel_that_cannot_be_compiled_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(CompileError, match=rf"my_(meter|helper)\.py:\d+: \[cannot-compile\].*{message}"):
        run(write(tmp_path, meter=METER.replace(old, new)))


@pytest.mark.parametrize("slot", ["c.tells + 100000", "c.tells - 100000"])
@pytest.mark.parametrize("engine", ["optimized", "baseline"])
def test_a_wrong_slot_stops_the_run_with_component_and_minute(tmp_path: Path, slot: str, engine: str) -> None:
    """In compiled code it wrote into somebody else's memory."""
    late = METER.replace("    return OK\n", f"    if bus[TIME] > 200.0:\n        bus[{slot}] = 1.0\n    return OK\n")
    late = late.replace("from my_helper", "from h2plant.core.bus import TIME\nfrom my_helper")
    with pytest.raises(SimulationFailure, match=r"meter: its kind raised an error.* in step 4 ") as raised:
        run(write(tmp_path, meter=late), engine)
    if engine == "baseline" or IS_JIT_DISABLED:
        assert "my_meter.py" in str(raised.value) and "IndexError" in str(raised.value)


def test_a_wrong_slot_is_found_in_this_packages_kernels_too(tmp_path: Path) -> None:
    meter = METER.replace("    return OK\n", "    put_nothing(bus, 100000, 300.0, 1.0e5)\n    return OK\n")
    meter = meter.replace("from my_helper", "from h2plant.physics.stream import put_nothing\nfrom my_helper")
    with pytest.raises(SimulationFailure, match="meter: its kind raised an error"):
        run(write(tmp_path, meter=meter))


def test_code_runs_only_where_it_may(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    file = write(tmp_path, meter=f"import pathlib\npathlib.Path({str(ran)!r}).touch()\n" + METER)
    (finding, *_) = findings(file, may_run_code=False)
    assert finding.id == "code-not-allowed" and "--allow-code" in finding.remedy and "my_meter.py" in finding.what
    assert not ran.exists()
    load_plant(file)
    assert ran.exists()


# --- other processes


def test_a_kind_travels_with_its_source(tmp_path: Path) -> None:
    plant = load_plant(write(tmp_path))
    packed = pickle.dumps(plant.components["meter"].kind)
    code = (
        "import pickle, sys\nkind = pickle.load(sys.stdin.buffer)\n"
        "from h2plant.core.jit import kernel_digest\nprint(kind.name, kind.source.digest, kernel_digest(kind.step))\n"
    )
    for file in tmp_path.iterdir():
        file.unlink()  # as on another machine
    kind = plant.components["meter"].kind
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    there = subprocess.run([sys.executable, "-c", code], input=packed, env=environment, capture_output=True, check=True)
    assert there.stdout.decode().split() == ["my_meter", kind.source.digest, kernel_digest(kind.step)]  # type: ignore[union-attr]
    assert pickle.loads(packed) is kind
    assert pickle.loads(pickle.dumps(KIND_BY_NAME["pem_stack"])) is KIND_BY_NAME["pem_stack"]


@pytest.mark.skipif(IS_JIT_DISABLED, reason="nothing is compiled")
def test_workers_compile_kinds_of_files(tmp_path: Path) -> None:
    kind = load_plant(write(tmp_path / "plant")).components["meter"].kind
    environment = {**os.environ, "H2PLANT_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}
    answer = subprocess.run(
        [sys.executable, "-m", "h2plant.simulation.warm_up"],
        input=pickle.dumps((kind, "step")).hex() + "\n",
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout == "done\n", answer.stderr
    kept = [f.name for f in (tmp_path / "cache").rglob("*.nbc")]
    assert any(name.startswith("my_meter.step-") for name in kept)


# --- registered, and of installed packages


def test_a_registered_kind_is_known_by_name(tmp_path: Path, monkeypatch) -> None:
    from h2plant.components import registry

    monkeypatch.setattr(registry, "_registered", {})
    kind = load_plant(write(tmp_path)).components["meter"].kind
    registered = register_kind(kind)
    assert Kinds()["my_meter"] is registered and "my_meter" in list(Kinds())
    file = write(tmp_path)
    file.write_text(file.read_text().replace("kinds: [my_meter.py]\n", ""))
    assert counted(run(file)) > 0.0
    with pytest.raises(UserCodeError, match="built-in"):
        register_kind(KIND_BY_NAME["pem_stack"])
    with pytest.raises(UserCodeError, match="type int"):
        register_kind(7)  # type: ignore[arg-type]


def test_a_package_brings_kinds_by_entry_points(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "my_package-1.2.dist-info").mkdir(parents=True)
    metadata = "Metadata-Version: 2.1\nName: my-package\nVersion: 1.2\n"
    (site / "my_package-1.2.dist-info" / "METADATA").write_text(metadata)
    points = "my_meter = my_package.meter:KIND\nother = my_package.none:KIND\npem_stack = my_package.x:Y\n"
    points = f"[h2plant.kinds]\n{points}"
    (site / "my_package-1.2.dist-info" / "entry_points.txt").write_text(points)
    (site / "my_package").mkdir()
    (site / "my_package" / "__init__.py").write_text("")
    (site / "my_package" / "meter.py").write_text(METER.replace("from my_helper", "from my_package.my_helper"))
    (site / "my_package" / "my_helper.py").write_text(HELPER)
    file = write(tmp_path / "plant")
    file.write_text(file.read_text().replace("kinds: [my_meter.py]\n", ""))
    code = f"""
import pickle
from h2plant.components.registry import Kinds, label_of
from h2plant.config.load import read_plant
from tests.unit.test_outside_kinds import counted, run
from pathlib import Path
program = run(Path({str(file)!r}))
kind = Kinds()["my_meter"]
print(counted(program) > 0.0, label_of(kind), pickle.loads(pickle.dumps(kind)).name)
print(Kinds()["pem_stack"].source)
text = Path({str(file)!r}).read_text().replace("my_meter", "other")
Path({str(file)!r}).write_text(text)
print(read_plant({str(file)!r})[1][0])
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(site)])}
    answer = subprocess.run([sys.executable, "-c", code], check=False, env=environment, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    lines = answer.stdout.splitlines()
    assert lines[0] == "True my-package 1.2 my_meter"
    assert lines[1] == "None"
    assert "[broken-package]" in answer.stdout and "No module named 'my_package.none'" in answer.stdout


def test_a_mistyped_built_in_module_fails_loudly(monkeypatch) -> None:
    """It was left out without a word."""
    import importlib

    from h2plant import components

    source = Path(components.__file__).read_text(encoding="utf-8")
    changed = source.replace('"components.pem_stack"', '"components.pem_stak"')
    assert changed != source
    with pytest.raises(ModuleNotFoundError, match="pem_stak"):
        exec(compile(changed, "components", "exec"), {"__name__": "h2plant.components"})
    assert importlib.import_module("h2plant.components") is components


def test_built_in_kinds_are_first_in_a_programs_table(tmp_path: Path) -> None:
    program = run(write(tmp_path), hours=1.0 / 60.0)
    names = [kind.name for kind in program.kinds]
    assert names[: len(KIND_BY_NAME)] == list(KIND_BY_NAME) and names[len(KIND_BY_NAME) :] == ["my_meter"]
    assert len(table_of([])) == len(KIND_BY_NAME)
    assert all(list(declaration_faults(kind)) == [] for kind in program.kinds)
    assert np.isfinite(program.arrays.bus).all()


def test_repr_of_a_plant_is_a_few_lines(tmp_path: Path) -> None:
    """It had 99,852 characters."""
    for plant in (load_plant("dual_path"), load_plant(write(tmp_path))):
        assert len(repr(plant).splitlines()) <= 8 and len(repr(plant)) < 800
        assert plant.name in repr(plant)


def test_a_file_is_run_once(tmp_path: Path) -> None:
    write(tmp_path)
    kinds = [kind_of(read_code(tmp_path / "my_meter.py")) for _ in range(2)]
    assert kinds[0] is kinds[1]


# --- the public face


def test_public_names_are_shown_and_kinds_are_listed() -> None:
    assert {"Results", "kinds", "load", "register_kind", "run"} <= set(dir(h2plant))
    assert not [name for name in dir(h2plant) if name.startswith("_") and name != "__version__"]
    assert list(h2plant.kinds())[: len(KIND_BY_NAME)] == list(KIND_BY_NAME)


def test_kinds_of_a_plant_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    listed = command("kinds", "--plant", file)
    assert "my_meter" in listed.stdout and "(my_meter.py)" in listed.stdout and "pem_stack" in listed.stdout
    one = command("kinds", "my_meter", "--plant", file)
    assert "gain_ratio" in one.stdout and "my_meter.py" in one.stdout
    assert "there is no kind" in command("kinds", "my_meter").text


def test_a_new_kind_is_written_with_a_case_that_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written = command("init", "--kind", "my_stack")
    assert written.exit_code == 0, written
    assert "pytest test_my_stack.py" in written.text
    pytest_of_it = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:dash", "test_my_stack.py"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    tested = subprocess.run(pytest_of_it, check=False, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert tested.returncode == 0, tested.stdout
    assert "2 passed" in tested.stdout
    again = command("init", "--kind", "my_stack")
    assert again.exit_code == 2 and "is there already" in again.text
    assert "built-in" in command("init", "--kind", "pem_stack").text
    assert "name of a kind" in command("init", "--kind", "My-stack").text


def test_a_case_that_is_not_met_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rig calls a kernel from outside as the engines do: a wrong slot is an error, not somebody else's memory."""
    monkeypatch.chdir(tmp_path)
    command("init", "--kind", "my_stack")
    case = tmp_path / "my_stack--design-point"
    file = tmp_path / "my_stack.py"
    text = file.read_text(encoding="utf-8")
    run_case(case, file).require_met()
    file.write_text(text.replace("0.5 * mol_per_s", "0.6 * mol_per_s"), encoding="utf-8")
    with pytest.raises(AssertionError, match="does not balance"):
        run_case(case, file, is_plain=True).require_met()
    for is_plain in (False, True):
        file.write_text(text.replace("bus[c.power] = power", "bus[c.power + 5000] = power"), encoding="utf-8")
        with pytest.raises(IndexError, match="my_stack"):
            run_case(case, file, is_plain=is_plain)


# --- results and the dashboard


@pytest.mark.slow
def test_results_keep_the_code_and_pages_run_it_only_where_allowed(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    touched = f"import pathlib\npathlib.Path({str(ran)!r}).touch()\n" + METER
    file = write(tmp_path / "plant", meter=touched)
    made = run_command("run", str(file), "--hours", "24", "--out", str(tmp_path / "run"))
    assert made.returncode == 0, made.stderr
    kept = codes_from_json((tmp_path / "run" / "code.json").read_text(encoding="utf-8"))
    assert [source.name for source in kept["my_meter.py"].sources] == ["my_meter", "my_helper"]
    for f in (tmp_path / "plant").iterdir():
        f.unlink()  # as with results of somebody else
    page = tmp_path / "page.html"
    for more, runs in (((), False), (("--minutes",), False), (("--allow-code",), True)):
        ran.unlink(missing_ok=True)
        reported = run_command("report", str(tmp_path / "run"), "--out", str(page), *more)
        assert reported.returncode == 0, reported.stderr
        assert ran.exists() is runs
        text = page.read_text(encoding="utf-8")
        assert ("nobody has allowed to run" in text) is not runs
        assert ("nobody has allowed to run" in reported.stderr) is not runs  # said on the screen as well
        assert " --allow-code" in text  # the command that makes it again
    # damaged so that its plant seems to be one of the user's own, with code beside it
    (tmp_path / "run" / "code.json").unlink()
    (tmp_path / "run" / "my_meter.py").write_text(touched, encoding="utf-8")
    (tmp_path / "run" / "my_helper.py").write_text(HELPER, encoding="utf-8")
    scenario = json.loads((tmp_path / "run" / "scenario.json").read_text(encoding="utf-8"))
    del scenario["plant_folder"]
    (tmp_path / "run" / "scenario.json").write_text(json.dumps(scenario), encoding="utf-8")
    ran.unlink()
    for words in (
        ("report", str(tmp_path / "run"), "--out", str(page), "--minutes"),
        ("run", str(tmp_path / "run" / "scenario.json")),
    ):
        given = run_command(*words, folder=tmp_path)
        assert not ran.exists() and "Traceback" not in given.stderr, given.stderr
    assert given.returncode == 2 and "nobody has allowed to run" in given.stderr


@pytest.mark.slow
def test_costs_that_nobody_can_bring_to_another_year_are_findings(tmp_path: Path) -> None:
    def checked(size: str, price: str) -> subprocess.CompletedProcess[str]:
        costs = f'    costs=(cost("clock", ("{size}",), 1.0, 100.0, 1.0, "an offer", {price}),),'
        meter = METER.replace("    costs=(),", costs)
        meter = meter.replace(
            "from h2plant.core.declare", "from h2plant.core.cost import cost\nfrom h2plant.core.declare"
        )
        return run_command("check", str(write(tmp_path, meter=meter)))

    sound = checked("gain_ratio", "2023")
    assert sound.returncode == 0, sound.stderr
    shown = run_command("costs", "my_meter", "--plant", str(tmp_path / "plant.yaml"), width=80)
    assert "my_meter: clock" in shown.stdout and "an offer" in shown.stdout, shown.stderr
    assert "--plant" in run_command("costs", "my_meter").stderr
    for size, price, reported in (
        ("gain_ratio", "1990", "no cost index for 1990"),
        ("gain_ratio", "2020, currency='GBP'", "no exchange rate for 'GBP'"),
        ("gain", "2020", "no parameter 'gain'"),
    ):
        answer = checked(size, price)
        assert answer.returncode == 2 and reported in answer.stderr, answer.stderr


def test_a_dashboard_runs_no_code_that_nobody_allowed(tmp_path: Path) -> None:
    pytest.importorskip("dash")
    code = """
import sys
from pathlib import Path
from h2plant.core.user_code import allow_code
from h2plant.dashboard.editing import Asked, wanted
from h2plant.dashboard.listing import Catalogue
folder = Path(sys.argv[1])
asked = Asked("file:plant.yaml", hours="1")
print([f.id for f in wanted(asked, {}, folder, Catalogue(folder))[1]])
allow_code()
print([f.id for f in wanted(asked, {}, folder, Catalogue(folder))[1]])
"""
    write(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, str(tmp_path)]
    answer = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    barred, allowed = answer.stdout.splitlines()
    assert "code-not-allowed" in barred and allowed == "[]"


# --- sweeps

STUDY = """
h2plant: 1
study: gains
kind: sweep
scenario: {plant}
hours: 2
parameters:
  - {{name: gain, path: meter.gain_ratio, values: [1.0, 2.0, 3.0]}}
design: {{kind: grid}}
outputs:
  - {{name: counted, column: meter.energy_j, reduce: last}}
"""


@pytest.mark.parametrize("backend", ["threads", pytest.param("dask", marks=pytest.mark.slow)])
def test_a_sweep_runs_kinds_of_files(tmp_path: Path, backend: str) -> None:
    if backend == "dask":
        pytest.importorskip("distributed")
    file = write(tmp_path / "plant")
    study = tmp_path / "study.yaml"
    study.write_text(STUDY.format(plant=file), encoding="utf-8")
    made = run_command("sweep", str(study), "--out", str(tmp_path / "out"), "--backend", backend, "--threads", "2")
    assert made.returncode == 0, made.stdout + made.stderr
    rows = (tmp_path / "out" / "results.csv").read_text(encoding="utf-8").splitlines()
    names = rows[0].split(",")
    at = next(i for i, name in enumerate(names) if name.startswith("counted"))
    counts = [float(row.split(",")[at]) for row in rows[1:]]
    assert len(counts) == 3 and counts[0] > 0.0
    assert counts[1] == pytest.approx(2.0 * counts[0]) and counts[2] == pytest.approx(3.0 * counts[0])
