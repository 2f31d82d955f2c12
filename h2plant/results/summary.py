"""Key figures of a run, from the ledger and the end states."""

from __future__ import annotations

from h2plant.core.role import Store
from h2plant.plant.graph import Plant
from h2plant.results.figures import Technologies, evaluate, figures_of
from h2plant.results.ledger import Ledger
from h2plant.results.run_economics import RunEconomics
from h2plant.results.totals import H2O, MONEY, Totals
from h2plant.simulation.program import Program


def totals(program: Program, ledger: Ledger) -> dict[str, float]:
    """Return the totals by which runs are compared: hydrogen, energy, water in SI, money in EUR."""
    found = Totals(program, ledger)
    money = ledger.boundary_out[MONEY] - ledger.boundary_in[MONEY]
    # drawn by the process: raw water comes in lots of several tonnes, when a tank is refilled
    tanks = [i for i in found.of_role(Store) if found.roles[i].medium == "water"]
    return {
        "hydrogen_made_kg": found.sum("made_kg"),
        "hydrogen_sold_kg": found.sum("sold_hydrogen_kg"),
        "oxygen_sold_kg": found.sum("sold_oxygen_kg"),
        "electricity_used_j": found.sum("used_j"),
        "water_kg": float(ledger.outflow[tanks, H2O].sum()) if tanks else found.sum("raw_water_kg"),
        "net_cost_eur": float(money),
    }


def summarise(
    plant: Plant, program: Program, ledger: Ledger, hours: float, run_economics: RunEconomics | None
) -> dict[str, float | None]:
    """Return the key figures by id (see ``figures``); those that the plant has nothing to do with are left out.

    Without ``run_economics`` those of cost, return and carbon are None.
    """
    figures = figures_of(Technologies.of_plant(plant))
    return evaluate(figures, Totals(program, ledger, plant), hours, run_economics)
