"""The inlined exponentials against the C library's, over all arguments that kernels may have."""

import math

import pytest

from h2plant.core.exponential import _exponential, _exponential_less_one, exponential, exponential_less_one
from h2plant.core.jit import IS_JIT_DISABLED
from h2plant.core.kernel_cache import kernel_digest

ARGUMENTS = [
    sign * 10.0**k * f for sign in (-1.0, 1.0) for k in range(-18, 3) for f in (1.0, 1.7, 2.6, 3.4657, 5.1, 6.9)
]


@pytest.mark.parametrize(
    ("inlined", "library"), [(_exponential, math.exp), (_exponential_less_one, math.expm1)], ids=["exp", "expm1"]
)
def test_they_agree_with_the_library_to_the_last_digits(inlined, library):
    for x in (0.0, -0.0, 0.35, -0.35, math.log(2.0) / 2.0, *ARGUMENTS):
        if abs(x) < 700.0:
            assert inlined(x) == pytest.approx(library(x), rel=4e-16, abs=0.0), x  # two units in the last digit at most


def test_beyond_all_numbers_they_end_as_the_library_does():
    assert _exponential(-1.0e5) == 0.0
    assert _exponential_less_one(-1.0e5) == -1.0
    assert _exponential(1.0e5) == math.inf
    assert _exponential(-math.inf) == 0.0
    assert math.isnan(_exponential(math.nan))
    assert math.isnan(_exponential_less_one(math.nan))


def test_python_takes_the_librarys():
    assert exponential(-12.3) == math.exp(-12.3)
    assert exponential_less_one(-1.0e-9) == math.expm1(-1.0e-9)


@pytest.mark.skipif(IS_JIT_DISABLED, reason="nothing is compiled")
def test_what_is_compiled_is_part_of_the_digest(monkeypatch):
    before = kernel_digest(exponential)
    monkeypatch.setattr(exponential, "compiled_as", _exponential_less_one)
    assert kernel_digest(exponential) != before
