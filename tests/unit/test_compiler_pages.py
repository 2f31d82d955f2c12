"""Pages of the compiler are given back, and it compiles all the same."""

import sys

import pytest

from h2plant.core.jit import IS_JIT_DISABLED
from tests.command import process

CODE = """
from pathlib import Path
from numba import njit
from h2plant import Session
from h2plant.core.compiler_pages import release_compiler

def resident_kb():
    found, is_llvm = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        words = line.split()
        if len(words) >= 5 and "-" in words[0]:
            is_llvm = "llvmlite" in line and words[1] == "r-xp"
        elif is_llvm and words[0] == "Rss:":
            found += int(words[1])
    return found

double = njit(lambda x: 2 * x)
assert double(4) == 8
before = resident_kb()
released = release_compiler()
after = resident_kb()
session = Session("minimal_day", hours=1)
session.run()
triple = njit(lambda x: 3 * x)
assert triple(4) == 12
print(before, after, released, resident_kb())
"""


@pytest.mark.long
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.skipif(IS_JIT_DISABLED, reason="nothing compiles")
def test_what_is_compiled_afterwards_works():
    answer = process(code=CODE)
    assert answer.exit_code == 0, answer
    before, after, released, later = (int(number) for number in answer.stdout.split())
    assert before > 5_000 and after < 0.1 * before
    assert released > 1024 * before
    assert later > after
