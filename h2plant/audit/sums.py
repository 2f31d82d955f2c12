"""Laws whose terms add up, checked on the sums of a run: all of a plant at once, for studies as for single runs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from h2plant.audit.examine import Checked
from h2plant.audit.steps import Audited, audited_components, audited_fields
from h2plant.core.law import STREAM_ITEMS, Law, Row, SumLaw, Wired
from h2plant.laws.of_kind import laws_of
from h2plant.simulation.program import FloatArray, IntArray, Program


@dataclass(frozen=True)
class _Rows:
    """The rows of all laws of a program's components, their terms one after another.

    Attributes
    ----------
    laws, components
        Of each row.
    row, place, factor, parameter, is_field
        Of each term: its row; its place in the sums of the bus, or in memory; its factor; the place of the parameter
        by which it is multiplied, or -1; whether it is a counter.
    is_equal, rel
        Of each row.
    """

    laws: list[Law]
    components: list[str]
    row: IntArray
    place: IntArray
    factor: FloatArray
    parameter: IntArray
    is_field: IntArray
    is_equal: IntArray
    rel: FloatArray

    def shares(self, program: Program, memory_before: FloatArray | None) -> FloatArray:
        """Return the deviation of each row as a share of what is allowed; NaN where its sums were not kept."""
        # as plain arrays: what a device did not keep is NaN there
        memory, totals = np.asarray(program.arrays.memory), np.asarray(program.arrays.totals)
        before = np.zeros_like(memory) if memory_before is None else memory_before
        is_field = self.is_field != 0
        at_field, at_slot = np.where(is_field, self.place, 0), np.where(is_field, 0, self.place)
        values = np.where(is_field, memory[at_field] - before[at_field], totals[at_slot])
        parts = values * self.factor * np.where(self.parameter >= 0, memory[self.parameter], 1.0)
        n = len(self.laws)
        total = np.bincount(self.row, parts, n)
        magnitude = np.bincount(self.row, np.abs(parts), n)
        deviation = np.where(self.is_equal != 0, np.abs(total), np.maximum(total, 0.0))
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(deviation > 0.0, deviation / (self.rel * magnitude), deviation)


_last: list[tuple[object, list[object], _Rows]] = []
"""Indices, kinds and rows of the last program: the points of a study share them."""


def examine_sums(
    program: Program, memory_before: FloatArray | None = None, components: Sequence[Audited] | None = None
) -> Iterator[Checked]:
    """Yield what the laws of sums say of a run at each component.

    Parameters
    ----------
    program
        After the run; totals and counters are those of the run.
    memory_before
        The memory at the start of the run (``Ledger.memory_before``); None: counters began at zero.
    components
        Its components as an audit sees them, where they are known.
    """
    rows = _rows_of(program, components)
    shares = rows.shares(program, memory_before)
    for law, component, share in zip(rows.laws, rows.components, shares.tolist(), strict=True):
        if not math.isnan(share):
            yield Checked(law, component, 1, share, -1)


def broken_sums(program: Program, memory_before: FloatArray | None = None) -> list[Checked]:
    """Return the laws of sums that are broken, the worst first; in a study's time."""
    rows = _rows_of(program)
    shares = rows.shares(program, memory_before)
    bad = np.flatnonzero(shares > 1.0).tolist()
    found = [Checked(rows.laws[k], rows.components[k], 1, float(shares[k]), -1) for k in bad]
    return sorted(found, key=lambda one: -one.worst)


def _rows_of(program: Program, components: Sequence[Audited] | None = None) -> _Rows:
    kinds: list[object] = [program.kinds[k] for k in program.component_kinds]
    last = _last[0] if _last else None  # once: studies run in threads
    if last is not None and last[0] is program.field_index and last[1] == kinds:
        return last[2]
    rows = _made(program, audited_components(program) if components is None else components)
    _last[:] = [(program.field_index, kinds, rows)]
    return rows


def _made(program: Program, components: Sequence[Audited]) -> _Rows:
    laws: list[Law] = []
    ids: list[str] = []
    of_rows: list[Row] = []
    terms: list[tuple[int, int, float, int, bool]] = []
    for i, one in enumerate(components):
        kind = program.kind_of(i)
        laws_of_sums = [law for law in laws_of(kind) if isinstance(law, SumLaw)]
        wired = Wired(kind.role, one.places, frozenset(audited_fields(kind)))
        for law in laws_of_sums:
            for row in law.rows(wired):
                for term in row.terms:
                    places, is_field = _places(program, one.id, wired, term.name)
                    index = program.field_index[f"{one.id}.{term.parameter}"] if term.parameter else -1
                    terms += [(len(laws), place, term.factor, index, is_field) for place in places]
                laws.append(law)
                ids.append(one.id)
                of_rows.append(row)
    return _Rows(
        laws,
        ids,
        row=np.array([term[0] for term in terms], dtype=np.int64),
        place=np.array([term[1] for term in terms], dtype=np.int64),
        factor=np.array([term[2] for term in terms], dtype=float),
        parameter=np.array([term[3] for term in terms], dtype=np.int64),
        is_field=np.array([term[4] for term in terms], dtype=np.int64),
        is_equal=np.array([one.is_equal for one in of_rows], dtype=np.int64),
        rel=np.array([one.rel for one in of_rows], dtype=float),
    )


def _places(program: Program, id_: str, wired: Wired, name: str) -> tuple[list[int], bool]:
    """Return where a term is summed, and whether it is a counter."""
    port, _, item = name.partition(".")
    if port not in wired.places:
        return [program.field_index[f"{id_}.{name}"]], True
    offsets = STREAM_ITEMS[item] if item else (0,)
    return [slot + offset for slot in wired.places[port].slots for offset in offsets], False
