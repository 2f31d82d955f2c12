"""Sums of outputs in blocks against the outputs one by one."""

import numpy as np

from h2plant import Session
from h2plant.core.block_sum import BLOCK, add_block
from h2plant.core.jit import kernel, python_function


@kernel
def added(sums, values, firsts):
    for k in range(firsts.size):
        add_block(sums, BLOCK * k, values, firsts[k])


def test_a_block_is_added_as_its_words_are():
    values = np.random.default_rng(1).normal(size=40)
    firsts = np.array([0, 3, 17, 36], dtype=np.uint64)
    whole, plain = np.ones(16), np.ones(16)
    added(whole, values, firsts)
    for k, first in enumerate(firsts.tolist()):
        python_function(add_block)(plain, BLOCK * k, values, first)
    assert np.array_equal(whole, plain)
    assert np.array_equal(whole, 1.0 + np.concatenate([values[f : f + BLOCK] for f in firsts.tolist()]))


def test_each_output_has_its_place_in_a_block_and_its_mean_in_the_log():
    session = Session("minimal", hours=1.0)
    session.begin()
    program = session.program
    a = program.arrays
    assert np.array_equal(a.output_block[a.output_place // BLOCK] + a.output_place % BLOCK, a.output_index)
    assert np.unique(a.output_place).size == a.output_index.size
    means = np.zeros(a.output_index.size)
    for _ in range(session.n_steps):
        session.step()
        means += program.arrays.memory[a.output_index] / session.n_steps
    first = program.slot_columns.size
    logged = np.vstack(session._rows)[-1][first : first + means.size]
    assert np.allclose(logged, means, rtol=1e-12, atol=0.0)
    assert means.any()
