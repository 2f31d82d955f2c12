"""What is kept for the very same argument: it follows from the argument alone, and begins true of it."""

import itertools
import math

import pytest

from h2plant.components import KINDS
from h2plant.core.exponential import exponential
from h2plant.physics.held.same import same_exponential, same_mean_decay
from h2plant.physics.relaxation import decayed_step, linear_step, mean_decay

FORMS = ((same_exponential, exponential), (same_mean_decay, mean_decay))


@pytest.mark.parametrize(("same", "function"), FORMS)
def test_it_is_the_function_whatever_came_before(same, function):
    pair = (0.0, 1.0)
    for x in (0.0, 0.3, 0.3, math.nextafter(0.3, 1.0), 5.0e-5, 0.3, 12.0, 0.0):
        pair = same(*pair, x)
        assert pair == (x, function(x))


@pytest.mark.parametrize(("same", "function"), FORMS)
def test_the_very_same_argument_asks_for_nothing(same, function):
    assert same(0.3, 7.0, 0.3) == (0.3, 7.0)
    assert same(0.3, 7.0, math.nextafter(0.3, 1.0))[1] != 7.0


def test_a_step_with_a_known_decay_is_the_linear_step():
    for rate in (0.0, 1.0e-7, 3.0e-4, 0.02):
        known = decayed_step(300.0, 1.5, rate, mean_decay(rate * 60.0), 60.0)
        assert known == linear_step(300.0, 1.5, rate, 60.0)


def test_pairs_of_kinds_begin_true():
    """A field NAME_x is an argument, and what it gave stands beside it; a compressor's are slopes with x."""
    found = 0
    for kind in KINDS:
        fields = kind.fields
        for argument, value in itertools.pairwise(fields):
            if argument.role == "memory" and argument.name.endswith("_x") and not argument.doc.startswith("change"):
                assert (argument.default, value.role, value.default) == (0.0, "memory", 1.0), (kind.name, argument.name)
                found += 1
    assert found >= 8
