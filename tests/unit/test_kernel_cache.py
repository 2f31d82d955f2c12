"""Compiled code is found again if, and only if, nothing that it is made of has changed; workers compile it."""

import os
import pickle
import struct
import subprocess
import sys
import textwrap
import types
from pathlib import Path

import pytest

from h2plant.components import KIND_BY_NAME
from h2plant.config.scenario import load_scenario
from h2plant.core import kernel_cache
from h2plant.core.cache_folder import read_kept
from h2plant.core.jit import IS_JIT_DISABLED, kernel_digest, kernel_size
from h2plant.session.session import Session, prepare
from h2plant.simulation import batch_states, calls, event, loop, loop_forms, warm_up
from tests.command import process

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
SOURCE = """
    from h2plant.core.jit import kernel

    FACTOR = 2.0

    @kernel
    def inner(x):
        return x * FACTOR

    @kernel
    def outer(x):
        'Say something.'
        return inner(x) + 1.0
"""


def digest(source: str) -> str:
    module = types.ModuleType("h2plant.sample")
    exec(textwrap.dedent(source), module.__dict__)
    return kernel_digest(module.outer)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("FACTOR = 2.0", "FACTOR = 2.5"),  # a constant that the called kernel names
        ("x * FACTOR", "x - FACTOR"),  # the code of the called kernel
        ("+ 1.0", "+ 1.5"),  # a number in the kernel itself
    ],
)
def test_digest_follows_all_that_a_kernel_is_made_of(old, new):
    assert old in SOURCE
    assert digest(SOURCE) != digest(SOURCE.replace(old, new))


@pytest.mark.parametrize("new", ["'Say something else.'", "'Say something.'  # and a comment"])
def test_digest_does_not_follow_words(new):
    assert digest(SOURCE) == digest(SOURCE.replace("'Say something.'", new))


_DIGESTS = """
from h2plant.core.jit import kernel_digest
from h2plant.simulation import batch_states, calls, loop
print(*(kernel_digest(f) for f in (calls.begin_all, loop.advance, batch_states.advance_with_batches)))
"""


def test_digests_are_the_same_in_every_process():
    """An address or the order of a set in a digest would compile anew, and add to the cache, in every run."""
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _DIGESTS]
    there = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    here = [kernel_digest(f) for f in (calls.begin_all, loop.advance, batch_states.advance_with_batches)]
    assert here == there


def test_digest_follows_a_function_within_a_function():
    nested = """
    def outer(x):
        def inner(y):
            return y + 1.0
        return inner
    """
    assert digest(nested) == digest(nested)
    assert digest(nested) != digest(nested.replace("1.0", "1.5"))


def test_size_counts_what_is_called():
    module = types.ModuleType("h2plant.sample")
    exec(textwrap.dedent(SOURCE), module.__dict__)
    assert kernel_size(module.outer) > kernel_size(module.inner) > 0


@pytest.mark.skipif(IS_JIT_DISABLED, reason="nothing is compiled")
def test_worker_compiles_into_the_cache_folder(tmp_path):
    environment = {**os.environ, "H2PLANT_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    answer = subprocess.run(
        [sys.executable, "-m", "h2plant.simulation.warm_up"],
        input=pickle.dumps((KIND_BY_NAME["wind_farm"], "step")).hex() + "\n",
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout == "done\n"
    assert list(tmp_path.glob("*/wind_farm.step-*.nbc"))


def test_workers_that_fail_do_no_harm(monkeypatch):
    monkeypatch.setattr(warm_up, "available_cores", lambda: 2)
    monkeypatch.setattr(warm_up, "_START", [sys.executable, "-c", "raise SystemExit(3)"])
    warm_up.compile_missing([(KIND_BY_NAME["wind_farm"], "step")] * 4, ())


def test_the_loop_is_compiled_from_the_types_of_its_arrays():
    """To the compiler they are the program's own, so a run finds the very forms that a worker has compiled."""
    from numba import typeof

    arrays = prepare(load_scenario("minimal_day"))[1].arrays
    assert [typeof(loop_forms._zeros(one)) for one in loop_forms.types_of(arrays)] == [typeof(a) for a in arrays]
    loop_forms.compile_loop(loop_forms.types_of(arrays))
    forms = (loop.advance, loop.advance_watched, loop.close_interval, event.copy_start, event.close_event)
    before = [len(form.overloads) for form in forms]
    session = Session("minimal_day", hours=2.0)
    session.begin()
    session.keep_steps(10)
    session.run()
    assert [len(form.overloads) for form in forms] == before


_TERMS = "\n".join(f"    a = exp(cos(a) - 0.{k} * x) * cos(a - {k}.0) - cos(exp(a) * x)" for k in range(1, 30))
_CHAIN = f"""
from math import cos, exp
from h2plant.core.jit import kernel, leaf

@kernel
def inner(x):  # too long to be inlined
    a = x
{_TERMS}
    return a

@leaf
def small(x):
    return inner(x) * 0.3 + inner(x + 1.0)

@kernel
def outer(x):
    return small(x) + inner(x) * x + small(0.7 * x)
"""
_COMPILE_IN_ORDER = """
import sys
import chain
from numba import types
for name in sys.argv[1:]:
    getattr(chain, name).compile((types.float64,))
result = chain.outer(0.3).hex()
made = chain.outer.overloads[(types.float64,)].library._final_module
shared = [f.name for f in made.functions if "inner" in f.name and not f.is_declaration and f.linkage.name != "internal"]
print(result, shared)
"""


def _machine_code(folder: Path) -> dict[str, bytes]:
    """Return the machine code of every kernel in a cache folder."""
    code = {}
    for file in folder.glob("*/*.nbc"):
        content = read_kept(file)
        assert content is not None
        _needed, ((_, _, (code[file.name], _)), *_) = pickle.loads(content)
    return code


@pytest.mark.skipif(IS_JIT_DISABLED, reason="nothing is compiled")
def test_machine_code_follows_from_the_kernel_alone(tmp_path, monkeypatch):
    """Whatever was compiled before, in whichever process, and whatever comes from the cache folder.

    Else results differ in the last digit between a first run and the next, between threads and workers.
    """
    (tmp_path / "chain.py").write_text(_CHAIN)
    monkeypatch.syspath_prepend(tmp_path)
    path = f"{ROOT}{os.pathsep}{tmp_path}"
    orders = {
        "all_for_the_outer": [["outer"]],
        "inner_first": [["inner", "small", "outer"]],
        "inner_from_the_cache": [["inner"], ["outer"]],
        "for_the_leaf": [["small"], ["inner"], ["outer"]],
    }
    code, results = {}, set()
    for order, processes in orders.items():
        for seed, names in enumerate(processes):
            folder = tmp_path / order
            variables = {"H2PLANT_CACHE_DIR": str(folder), "PYTHONPATH": path, "PYTHONHASHSEED": str(seed)}
            command = [sys.executable, "-c", _COMPILE_IN_ORDER, *names]
            answer = subprocess.run(
                command, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True, check=True
            )
        results.add(answer.stdout)
        code[order] = _machine_code(folder)
    assert len(results) == 1, results  # none shares a kernel that it calls with other code, whichever is loaded first
    assert next(iter(results)).endswith("[]\n")
    first = code["all_for_the_outer"]
    assert {name.split("-")[0] for name in first} == {"chain.inner", "chain.small", "chain.outer"}
    assert all(found == first for found in code.values())


def _relocations_of_code(elf: bytes) -> list[tuple[int, str]]:
    """Return (type, symbol) of what is to be put into the code of an object file (ELF, 64 bits)."""
    first, n, names_in = (
        int.from_bytes(elf[0x28:0x30], "little"), *(int.from_bytes(elf[i : i + 2], "little") for i in (0x3C, 0x3E))
    )  # fmt: skip
    headers = [struct.unpack_from("<IIQQQQIIQQ", elf, first + 64 * k) for k in range(n)]

    def text(table: int, offset: int) -> str:
        return elf[headers[table][4] + offset :].split(b"\0", 1)[0].decode()

    found = []
    for header in headers:
        if text(names_in, header[0]).startswith(
            (".rela.text", ".rela.ltext")
        ):  # the second where they may lie anywhere
            symbols = headers[header[6]]
            for place in range(header[4], header[4] + header[5], 24):
                info = struct.unpack_from("<QQq", elf, place)[1]
                (name,) = struct.unpack_from("<I", elf, symbols[4] + 24 * (info >> 32))
                found.append((info & 0xFFFFFFFF, text(symbols[6], name)))
    return found


_BY_ADDRESS = {9, 41, 42}  # R_X86_64_GOTPCREL, _GOTPCRELX and _REX_GOTPCRELX
_SHARED = """
from math import exp
from h2plant.core.jit import kernel, leaf, shared

@shared
def deepest(x):
    return exp(0.3 * x)

@shared
def common(x):
    return deepest(x) * x + 0.1

@leaf
def small(x):
    return common(x + 1.0)

@kernel
def first(x):
    return common(x) * small(x)

@kernel
def second(x):
    return small(x) - 0.7 * common(0.2 * x)
"""
_CALL = """
import sys
import sharing
print(*(getattr(sharing, name)(0.3).hex() for name in sys.argv[1:]))
"""


@pytest.mark.skipif(IS_JIT_DISABLED, reason="nothing is compiled")
def test_a_shared_kernel_has_one_machine_code(tmp_path, monkeypatch):
    """Callers have it by name alone; it is loaded with them, or compiled where the cache folder lacks it."""
    (tmp_path / "sharing.py").write_text(_SHARED)
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / "cache"

    def called(*names: str) -> list[str]:
        variables = {"H2PLANT_CACHE_DIR": str(folder), "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
        command = [sys.executable, "-c", _CALL, *names]
        answer = subprocess.run(command, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True, check=True)
        return answer.stdout.split()

    compiled = called("first", "second")
    code = _machine_code(folder)
    of = {name.split("-")[0].removeprefix("sharing."): content for name, content in code.items()}
    assert set(of) == {"deepest", "common", "small", "first", "second"}
    assert b"deepest" in of["common"] and b"deepest" not in of["first"] + of["second"] + of["small"]
    assert all(b"common" in of[caller] for caller in ("first", "second"))
    if kernel_cache.is_near():  # distances are of 32 bits, and another object may lie further away
        for caller, name in (("first", "common"), ("second", "common"), ("common", "deepest")):
            kinds = {
                kind for kind, symbol in _relocations_of_code(of[caller]) if name in symbol and caller not in symbol
            }
            assert kinds and kinds <= _BY_ADDRESS
    assert called("second", "first") == compiled[::-1] and _machine_code(folder) == code
    assert called("common") == called("common")  # from Python too
    for file in folder.glob("*/sharing.*"):
        if file.name.startswith(("sharing.deepest", "sharing.common")):
            file.unlink()
    assert called("second") == compiled[1:] and _machine_code(folder) == code
    expected = subprocess.run(
        [sys.executable, "-c", _CALL, "first", "second"],
        env={**os.environ, "H2PLANT_DISABLE_JIT": "1", "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"},
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    plain = [float.fromhex(number) for number in expected.stdout.split()]
    assert [float.fromhex(number) for number in compiled] == pytest.approx(plain, rel=1e-14)


_CIRCLE = """
from h2plant.core.jit import kernel, shared

@{form}
def even(n):
    if n <= 0.0:
        return 1.0
    return odd(n - 1.0)

@{form}
def odd(n):
    if n <= 0.0:
        return 0.0
    return even(n - 1.0)

@kernel
def either(n):
    return odd(n) + 2.0 * even(n)
"""


@pytest.mark.skipif(IS_JIT_DISABLED, reason="nothing is compiled")
@pytest.mark.parametrize("form", ["kernel", "shared"])
def test_kernels_that_call_each_other_run_twice(tmp_path, form):
    """Their machine code cannot be loaded one by one, which ended the process: they are compiled each time."""
    (tmp_path / "circle.py").write_text(_CIRCLE.format(form=form))
    variables = {"H2PLANT_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    command = [sys.executable, "-c", "import circle; print(circle.either(5.0), circle.odd(4.0), circle.even(4.0))"]
    for _ in range(2):
        answer = subprocess.run(command, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True, check=True)
        assert answer.stdout == "1.0 0.0 1.0\n"


_WITH_CONSTANTS = """
from math import exp
from h2plant.core.jit import kernel

@kernel
def called(x):
    return exp(x) + 0.1

@kernel
def calling(x):
    return called(3.7 * x) + exp(x + 0.3)
"""
_COMPILE_NEAR = """
import constants
from numba import types
constants.calling.compile((types.float64,))
from h2plant.core.kernel_cache import is_near
print(is_near(), constants.calling(0.5).hex())
"""
_NUMBA_FIRST = """
import numba
numba.njit(lambda x: x + 1.0)(1.0)
"""
_ABSOLUTE = {1, 10, 11}  # R_X86_64_64, _32 and _32S (System V ABI, AMD64 supplement, table 4.9)


@pytest.mark.skipif(IS_JIT_DISABLED, reason="nothing is compiled")
def test_machine_code_is_near_unless_somebody_compiled_before(tmp_path, monkeypatch):
    """Constants and functions are reached by their distance; else by addresses, as Numba does. Results are the same."""
    if not kernel_cache.is_near():
        pytest.skip("another processor or system, or somebody compiled before")
    (tmp_path / "constants.py").write_text(_WITH_CONSTANTS)
    monkeypatch.syspath_prepend(tmp_path)
    results, types_found = [], []
    for before in ("", _NUMBA_FIRST):
        folder = tmp_path / f"cache{len(results)}"
        variables = {"H2PLANT_CACHE_DIR": str(folder), "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
        command = [sys.executable, "-c", before + _COMPILE_NEAR]
        answer = subprocess.run(command, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True, check=True)
        results.append(answer.stdout.split())
        (calling,) = (code for name, code in _machine_code(folder).items() if name.startswith("constants.calling"))
        types_found.append({kind for kind, _ in _relocations_of_code(calling)})
    assert [near for near, _ in results] == ["True", "False"]
    assert results[0][1] == results[1][1]
    assert types_found[0] and not types_found[0] & _ABSOLUTE
    assert types_found[1] & _ABSOLUTE


_FOLDER_OF_CHILD = """
import subprocess, sys
from h2plant.core.kernel_cache import code_folder
from h2plant.simulation.warm_up import child_environment
ask = "from h2plant.core.kernel_cache import code_folder; print(code_folder().name)"
child = subprocess.run([sys.executable, "-c", ask], env=child_environment(), stdout=subprocess.PIPE, text=True)
print(code_folder().name, child.stdout.strip())
"""


@pytest.mark.skipif(IS_JIT_DISABLED, reason="nothing is compiled")
@pytest.mark.parametrize("before", ["", _NUMBA_FIRST], ids=["near", "as Numba does"])
def test_workers_compile_into_the_folder_that_the_run_reads(tmp_path, before):
    command = [sys.executable, "-c", before + _FOLDER_OF_CHILD]
    variables = {"H2PLANT_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    answer = subprocess.run(command, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True, check=True)
    own, of_child = answer.stdout.split()
    assert own == of_child


_LINEAR_ALGEBRA = """
import sys, threading
import h2plant
threading.Thread(target=threading.Event().wait, daemon=True).start()
h2plant.run("minimal_day", hours=1, out=sys.argv[1])
assert "scipy.linalg" not in sys.modules, "a run loads SciPy's linear algebra"
import numba
import numpy as np

@numba.njit
def uses_it(a, b):
    return np.convolve(a, b).sum()  # by products of vectors, which are linear algebra's

assert uses_it(np.ones(3), np.ones(3)) == 9.0
assert "scipy.linalg" in sys.modules
"""


@pytest.mark.skipif(IS_JIT_DISABLED, reason="without the compiler nothing is loaded")
def test_a_run_loads_no_linear_algebra_and_others_may_still_use_it(tmp_path):
    """16 MB of the year's memory: Numba loads it to see whether it is there. A progress bar has a thread of its own."""
    answer = process(tmp_path / "r", code=_LINEAR_ALGEBRA)
    assert answer.exit_code == 0, answer.stderr
