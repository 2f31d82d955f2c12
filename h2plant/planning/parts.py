"""Batteries, fuel cells and customers under a contract as variables and rows of a plan's program."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from h2plant.planning.battery import BatteryModel
from h2plant.planning.customer import Customer
from h2plant.planning.reconversion import ReconversionModel
from h2plant.simulation.program import FloatArray, IntArray

if TYPE_CHECKING:
    from h2plant.planning.formulation import Formulation, Start

UNMET_EUR_PER_KG = 100.0
"""Penalty on hydrogen that was promised and is not there: far above any value of hydrogen."""
DELIVERY_EUR_PER_KG = 1.0e-3
"""Customers take what they can get: a preference too small to move a decision."""

Terms = list[tuple[IntArray, Any]]


@dataclass(frozen=True)
class Battery:
    """Variables of the batteries of a plant.

    Attributes
    ----------
    charge, discharge, held
        Power at the bus, taken and given; energy above empty.
    own, own_charge, own_discharge
        What of that is own power; None where nothing hangs on it.
    resold
        Bought power that they give to the grid.
    draws
        Terms in the balance of power.
    """

    charge: IntArray
    discharge: IntArray
    held: IntArray
    own: IntArray | None
    own_charge: IntArray | None
    own_discharge: IntArray | None
    resold: IntArray | None
    draws: Terms

    @classmethod
    def added(cls, program: Formulation, model: BatteryModel, start: Start, price_in: FloatArray) -> Battery:
        """Add them to a program; ``price_in``: of purchases, EUR/MWh."""
        rows, dt, n = program.rows, program.window.interval_h, program.window.n
        infinite = math.inf
        # of new cells; what is worn no longer holds energy
        window = max(model.window_mwh - (1.0 - start.battery_full_frac) * model.full_mwh, 0.0)
        charge = program.take(0.0, model.charge_mw, 0.0)
        discharge = program.take(0.0, model.discharge_mw, 0.0)
        taken = program.take(0.0, infinite, 0.0)
        given = program.take(0.0, infinite, -model.wear_eur_per_mwh * dt)
        held = program.take(0.0, window, 0.0)
        for slope, intercept in model.taken:
            rows.add([(taken, 1.0), (charge, -slope)], -infinite, intercept)
        for slope, intercept in model.given:
            rows.add([(given, 1.0), (discharge, -slope)], intercept, infinite)
        # losses are no way to get rid of power: they are those at full power at most
        into, out = _at(model.taken, model.charge_mw, min), _at(model.given, model.discharge_mw, max)
        rows.add([(taken, 1.0), (charge, -into)], 0.0, infinite)
        rows.add([(given, 1.0), (discharge, -out)], -infinite, 0.0)
        # nobody is paid for turning power into heat; elsewhere it never pays, and needs no whole number
        direction = program.take(0.0, 1.0, 0.0, is_binary=price_in < 0.0)
        rows.add([(charge, 1.0), (direction, -model.charge_mw)], -infinite, 0.0)
        rows.add([(discharge, 1.0), (direction, model.discharge_mw)], -infinite, model.discharge_mw)
        kept = model.kept_per_h**dt
        before = np.concatenate([[-1], held[:-1]])
        first = np.zeros(n)
        first[0] = kept * min(max(start.battery_mwh, 0.0), window)
        rows.add([(held, 1.0), (before, -kept), (taken, -dt), (given, dt)], first, first)
        draws: Terms = [(charge, -1.0 - model.draw_ratio), (discharge, 1.0 - model.draw_ratio)]
        balance, values = program.window.balance, program.values
        is_counted = balance is not None and balance.is_storage_counted
        if not is_counted and values.own_eur_per_kg <= values.grid_eur_per_kg:
            return cls(charge, discharge, held, None, None, None, None, draws)
        own_charge = program.take(0.0, np.minimum(model.charge_mw, np.maximum(program.window.own_mw, 0.0)), 0.0)
        own_discharge = program.take(0.0, model.discharge_mw, 0.0)
        own = program.take(0.0, window, 0.0)
        rows.add([(charge, 1.0), (own_charge, -1.0)], 0.0, infinite)
        rows.add([(held, 1.0), (own, -1.0)], 0.0, infinite)
        first = np.zeros(n)
        first[0] = kept * min(max(start.battery_own_mwh, 0.0), window, max(start.battery_mwh, 0.0))
        before = np.concatenate([[-1], own[:-1]])
        rows.add([(own, 1.0), (before, -kept), (own_charge, -dt * into), (own_discharge, dt * out)], -infinite, first)
        resold = program.take(0.0, model.discharge_mw, 0.0)
        rows.add([(program.exported, 1.0), (resold, -1.0)], 0.0, infinite)
        rows.add([(discharge, 1.0), (own_discharge, -1.0), (resold, -1.0)], 0.0, infinite)
        return cls(charge, discharge, held, own, own_charge, own_discharge, resold, draws)

    def of_bought(self, kg_per_mwh: float) -> Terms:
        """Return the terms by which hydrogen of bought power is less by what they take of it, more by what they give.

        As a row of ``hydrogen - kg_per_mwh * bought >= ...`` has them.
        """
        if self.own_charge is None or self.own_discharge is None or self.resold is None:
            return []
        kg = kg_per_mwh
        taken: Terms = [(self.charge, kg), (self.own_charge, -kg)]
        return [*taken, (self.discharge, -kg), (self.own_discharge, kg), (self.resold, kg)]

    def of_own(self, dt: float) -> Terms:
        """Return the terms by which renewable energy is less by what they take of it, more by what they give."""
        if self.own_charge is None or self.own_discharge is None:
            return []
        return [(self.own_charge, dt), (self.own_discharge, -dt)]


def _at(pieces: Any, power_mw: float, choose: Any) -> float:
    """Return power of the cells by power at the bus, at a power."""
    return float(choose(slope * power_mw + intercept for slope, intercept in pieces)) / power_mw


def add_reconversion(program: Formulation, model: ReconversionModel) -> tuple[IntArray, IntArray]:
    """Add fuel cells and engines; returns their power and the hydrogen that they burn, kg/h."""
    rows, infinite = program.rows, math.inf
    least, most = model.powers_mw[0], model.powers_mw[-1]
    power = program.take(0.0, most, 0.0)
    on = program.take(0.0, 1.0, 0.0, is_binary=True)
    # hydrogen counts when it is made: what is burnt again is not there to be sold
    worth = program.values.own_eur_per_kg
    burnt = program.take(0.0, infinite, -worth * program.window.interval_h)
    rows.add([(power, 1.0), (on, -most)], -infinite, 0.0)
    rows.add([(power, 1.0), (on, -least)], 0.0, infinite)
    for slope, intercept in model.pieces:
        rows.add([(burnt, 1.0), (power, -slope), (on, -intercept)], 0.0, infinite)
    return power, burnt


def add_customer(program: Formulation, customer: Customer, late_kg: float, firm_frac: float) -> IntArray:
    """Add a customer under a contract; returns what it gets, kg/h.

    late = late before + wanted - delivered, anew with each period; what is late at its end, beyond what is not under
    contract, is penalised.
    """
    rows, dt, n = program.rows, program.window.interval_h, program.window.n
    infinite = math.inf
    delivered = program.take(0.0, customer.most_kg_per_h, (customer.premium_eur_per_kg + DELIVERY_EUR_PER_KG) * dt)
    late = program.late[customer.name] = program.take(0.0, infinite, 0.0)
    is_new = np.concatenate([[True], customer.period[1:] != customer.period[:-1]])
    is_last = np.concatenate([is_new[1:], [True]])
    before = np.where(is_new, -1, np.concatenate([[-1], late[:-1]]))
    owed = customer.wanted_kg_per_h * dt
    owed[0] += max(late_kg, 0.0)
    rows.add([(late, 1.0), (before, -1.0), (delivered, dt)], owed, owed)
    number = np.cumsum(is_new) - 1
    asked = np.bincount(number, weights=owed)
    contract = np.bincount(number, weights=np.full(n, customer.contract_kg_per_h * dt))
    beyond = np.maximum(asked - contract, 0.0)[number]
    missing = program.take(0.0, infinite, np.where(is_last, -customer.penalty_eur_per_kg, 0.0))
    rows.add([(missing, 1.0), (late, -1.0)], np.where(is_last, -beyond, -infinite), infinite)
    program.lacking.append(missing)
    if firm_frac > 0.0:
        unmet = program.take(0.0, infinite, -UNMET_EUR_PER_KG * dt)
        program.unmet_by_contract.append(unmet)
        may_be_late = np.where(is_last, (1.0 - firm_frac) * asked[number], infinite)
        rows.add([(late, 1.0), (unmet, -dt)], -infinite, may_be_late)
    return delivered
