"""Look-ups over arrays of states: the compiled side of ``LUTManager.lookup_batch``."""

# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators

from h2plant.core.gas_properties import gas_quantity
from h2plant.core.jit import kernel
from h2plant.core.water_properties import h2o_quantity


@kernel
def fill_gas_quantity(props, fluid, quantity, pressures_pa, temperatures_k, results):
    """Write a quantity of a gas for each pair of pressure and temperature; returns how many are NaN."""
    n_missing = 0
    for k in range(len(results)):
        results[k] = gas_quantity(props, fluid, quantity, pressures_pa[k], temperatures_k[k])
        if results[k] != results[k]:
            n_missing += 1
    return n_missing


@kernel
def fill_h2o_quantity(props, quantity, pressures_pa, temperatures_k, results):
    """Write a quantity of water for each pair of pressure and temperature; returns how many are NaN."""
    n_missing = 0
    for k in range(len(results)):
        results[k] = h2o_quantity(props, quantity, pressures_pa[k], temperatures_k[k])
        if results[k] != results[k]:
            n_missing += 1
    return n_missing
