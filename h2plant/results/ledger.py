"""The ledger: what crossed every port, what is held, and what does not add up.

Every step the loop adds the bus to running sums; the sums of the slots of a link are what both of its ends
booked. The residual of a component is computed from those sums and from what it held before and after
(``content``, from its states alone); nothing corrects it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from h2plant.core import bus as layout
from h2plant.core.constants import MOLAR_MASS_H2_KG_PER_MOL, MOLAR_MASS_H2O_KG_PER_MOL, MOLAR_MASS_O2_KG_PER_MOL
from h2plant.simulation.program import FloatArray, Program

ITEMS = ("h2_kg", "o2_kg", "n2_kg", "h2o_kg", "energy_j", "money_eur")
"""What is booked, in the order of the ledger's columns. Energy includes enthalpies of formation."""

_PER_MOL_SPLIT = np.array([MOLAR_MASS_H2_KG_PER_MOL, 0.5 * MOLAR_MASS_O2_KG_PER_MOL, 0.0, -MOLAR_MASS_H2O_KG_PER_MOL])


@dataclass(frozen=True)
class Ledger:
    """Sums of a run; arrays of shape (n_components, 6) in the order of ``ITEMS``.

    Attributes
    ----------
    inflow, outflow
        What entered and left each component through its ports, kg, J and EUR (gross).
    reacted
        What reactions made (negative: used up).
    stored_before, stored_after
        What each component held.
    boundary_in, boundary_out
        What crossed the plant's boundary, shape (6,).
    memory_before
        All fields of all components (``Arrays.memory``) when the ledger was opened; None: all sums were zero.
    """

    component_ids: tuple[str, ...]
    inflow: FloatArray
    outflow: FloatArray
    reacted: FloatArray
    stored_before: FloatArray
    stored_after: FloatArray
    boundary_in: FloatArray
    boundary_out: FloatArray
    memory_before: FloatArray | None = None

    @property
    def residual(self) -> FloatArray:
        """In - out + reacted - change of content, absolute; (n_components, 5), money has no content."""
        change = self.stored_after - self.stored_before
        return (self.inflow - self.outflow + self.reacted - change)[:, :5]

    @property
    def relative_residual(self) -> FloatArray:
        """Residual over the larger of throughput and content; (n_components, 5)."""
        scale = np.maximum(np.maximum(np.abs(self.inflow), np.abs(self.outflow)), np.abs(self.reacted))
        scale = np.maximum(scale, np.maximum(np.abs(self.stored_before), np.abs(self.stored_after)))[:, :5]
        return np.asarray(self.residual / np.where(scale > 0.0, scale, 1.0))

    @property
    def plant_residual(self) -> FloatArray:
        """Relative residual of the whole plant over what crossed its boundary or was made; shape (5,)."""
        change = (self.stored_after - self.stored_before).sum(axis=0)
        reacted = self.reacted.sum(axis=0)
        residual = (self.boundary_in - self.boundary_out + reacted - change)[:5]
        scale = np.maximum(np.maximum(np.abs(self.boundary_in), np.abs(self.boundary_out)), np.abs(reacted))
        scale = np.maximum(scale, np.abs(self.stored_after).sum(axis=0))[:5]
        return np.asarray(residual / np.where(scale > 0.0, scale, 1.0))

    @property
    def worst_relative_residual(self) -> float:
        """Largest relative residual of any component or of the plant."""
        return float(max(np.abs(self.relative_residual).max(initial=0.0), np.abs(self.plant_residual).max()))


EMPTY_LEDGER = Ledger((), *(np.zeros((0, 6)) for _ in range(5)), *(np.zeros(6) for _ in range(2)))
"""That of no component at all."""


_OPENED = ("before", "reacted_before", "totals_before", "memory_before")
"""What balances start from."""


class Bookkeeper:
    """Takes the state before a run and makes the ledger after it."""

    def __init__(self, program: Program, content: FloatArray) -> None:
        self.program = program
        self._before = content.copy()
        self._reacted_before = self._reacted()
        self._totals_before = program.arrays.totals.copy()
        self._memory_before = program.arrays.memory.copy()

    def opened(self) -> dict[str, FloatArray]:
        """Return what the balances started from, for ``open_again``."""
        return {name: getattr(self, f"_{name}").copy() for name in _OPENED}

    def open_again(self, opened: Mapping[str, FloatArray]) -> None:
        """Let the balances start from where others of the same program did."""
        for name in _OPENED:
            setattr(self, f"_{name}", np.array(opened[name]))

    def _reacted(self) -> FloatArray:
        program = self.program
        index = [program.field_index.get(f"{id_}.reacted_h2o_mol", -1) for id_ in program.component_ids]
        return np.array([program.arrays.memory[i] if i >= 0 else 0.0 for i in index])

    def close(self, content: FloatArray) -> Ledger:
        """Make the ledger; content is what the components hold now, (n_components, 5)."""
        program = self.program
        n = program.n_components
        totals = program.arrays.totals - self._totals_before
        inflow, outflow = np.zeros((n, 6)), np.zeros((n, 6))
        boundary_in, boundary_out = np.zeros(6), np.zeros(6)
        for flow in program.flows:
            booked = _booked(flow.medium, totals, flow.slot)
            if flow.source >= 0:
                outflow[flow.source] += booked
            else:
                boundary_in += booked
            if flow.target >= 0:
                inflow[flow.target] += booked
            else:
                boundary_out += booked
        split = self._reacted() - self._reacted_before
        reacted = np.zeros((n, 6))
        reacted[:, :4] = split[:, None] * _PER_MOL_SPLIT[None, :]
        before, after = np.zeros((n, 6)), np.zeros((n, 6))
        before[:, :5], after[:, :5] = self._before, content
        held = (before, after)
        ids = tuple(program.component_ids)
        return Ledger(ids, inflow, outflow, reacted, *held, boundary_in, boundary_out, self._memory_before)


def _booked(medium: str, totals: FloatArray, slot: int) -> FloatArray:
    booked = np.zeros(6)
    if medium == "stream":
        s = totals[slot : slot + layout.STREAM_WIDTH]
        booked[:5] = (
            s[layout.H2],
            s[layout.O2],
            s[layout.N2],
            s[layout.VAPOUR] + s[layout.LIQUID],
            s[layout.ENTHALPY],
        )
    elif medium in ("power", "heat"):
        booked[4] = totals[slot]
    elif medium == "money":
        booked[5] = totals[slot]
    return booked


def no_ledger(program: Program) -> Ledger:
    """Return the ledger of a program of which nothing is known: zero and NaN."""
    n = program.n_components
    zero, unknown, border = np.zeros((n, 6)), np.full((n, 6), np.nan), np.zeros(6)
    return Ledger(tuple(program.component_ids), zero, zero, zero, unknown, unknown, border, border)
