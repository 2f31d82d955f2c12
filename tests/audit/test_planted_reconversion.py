"""Faults planted in fuel cells, engines and the rule that runs them: the audit names the law."""

import pytest

from tests.audit.planting import broken_in_case, planted

CELL, ENGINE, SHARED = "components.fuel_cell", "components.hydrogen_engine", "components.reconverter"
CURVE, RULE = "physics.fuel_cell", "dispatch.reconversion"
POINTS, STARTS = "fuel_cell--amphlett-70c", "fuel_cell--start-and-part-load"
TABLE, PRICES = "hydrogen_engine--table", "reconversion--price-and-level"
AGAIN = (CELL, "", "")
FAULTS = {
    "cell: 1 % more power": (
        POINTS,
        "fuel-cell-curve",
        (CELL, "power = max(cell_v, 0.0) *", "power = 1.01 * max(cell_v, 0.0) *"),
    ),
    "cell: no ohmic loss": (POINTS, "fuel-cell-curve", (CURVE, "activation - ohmic +", "activation +"), AGAIN),
    "cell: Nernst without oxygen": (STARTS, "fuel-cell-curve", (CURVE, "+ 0.5 * math.log(oxygen)", ""), AGAIN),
    "cell: asks 1 % too much": (
        STARTS,
        "fuel-cell-curve",
        (CELL, "    bus[c.demand] = demand\n", "    demand *= 1.01\n    bus[c.demand] = demand\n"),
    ),
    "cell: half of the charge": (
        POINTS,
        "fuel-cell-curve",
        (CELL, "j = 2.0 * FARADAY_C_PER_MOL * used", "j = FARADAY_C_PER_MOL * used"),
    ),
    "cell: starts do not wear": (
        STARTS,
        "fuel-cell-wear",
        (CELL, "(c.n_starts - before) * c.start_degradation_v", "0.0"),
    ),
    "cell: wear 1 % slow": (
        STARTS,
        "fuel-cell-wear",
        (CELL, "c.degradation_v_per_s * dt", "0.99 * c.degradation_v_per_s * dt"),
    ),
    "cell: heat 1 % low": (
        POINTS,
        "reconversion-energy",
        (
            CELL,
            "bus[c.heat] = burn(c, bus, props, dt, used) - power",
            "bus[c.heat] = 0.99 * (burn(c, bus, props, dt, used) - power)",
        ),
    ),
    "cell: energy 1 % high": (
        POINTS,
        "reconversion-energy",
        (CELL, "c.generated_j += power", "c.generated_j += 1.01 * power"),
    ),
    "engine: hydrogen burnt 1 % low": (
        TABLE,
        "reconversion-burns",
        (ENGINE, "c.burnt_kg += used", "c.burnt_kg += 0.99 * used"),
    ),
    "cell: water that forms is not counted": (
        POINTS,
        "reconversion-burns",
        (SHARED, "c.reacted_h2o_mol -= used", "c.reacted_h2o_mol -= 0.99 * used"),
        AGAIN,
    ),
    "cell: half of the air": (
        STARTS,
        "reconversion-limits",
        (SHARED, "oxygen_mol = 0.5 * c.air_ratio", "oxygen_mol = 0.25 * c.air_ratio"),
        AGAIN,
    ),
    "cell: air without nitrogen": (
        STARTS,
        "reconversion-limits",
        (SHARED, "oxygen_mol * NITROGEN_PER_OXYGEN", "0.9 * oxygen_mol * NITROGEN_PER_OXYGEN"),
        AGAIN,
    ),
    "cell: more than the free energy": (
        POINTS,
        "reconversion-limits",
        (CELL, "power = max(cell_v, 0.0)", "power = 2.0 * max(cell_v, 0.0)"),
    ),
    "cell: no time to start": (
        STARTS,
        "reconversion-starts",
        (SHARED, "c.since_s >= c.start_time_s", "c.since_s >= 0.0"),
        AGAIN,
    ),
    "cell: starts are not counted": (
        STARTS,
        "reconversion-starts",
        (SHARED, "c.n_starts += 1.0", "c.n_starts += 0.0"),
        AGAIN,
    ),
    "cell: stops at once": (
        STARTS,
        "reconversion-starts",
        (SHARED, "if not wants and c.since_s >= c.min_up_s", "if not wants"),
        AGAIN,
    ),
    "cell: starts below its least load": (
        STARTS,
        "reconversion-starts",
        (SHARED, " and wanted_frac >= c.min_load_frac", ""),
        AGAIN,
    ),
    "cell: hours 1 % short": (POINTS, "reconversion-starts", (CELL, "c.running_h += dt", "c.running_h += 0.99 * dt")),
    "engine: efficiency of full load at any": (
        TABLE,
        "engine-efficiency",
        (
            ENGINE,
            "power = min(load_of_fuel(c, fuel_w), 1.0) * c.rated_power_w",
            "power = fuel_w * c.efficiency_100_frac",
        ),
    ),
    "engine: asks as at full load": (
        TABLE,
        "engine-efficiency",
        (ENGINE, "(efficiency(c, load) * LHV", "(efficiency(c, 1.0) * LHV"),
    ),
    "rule: runs within the band": (
        PRICES,
        "reconversion-request",
        (RULE, "c.price_limit_eur_per_j, c.price_band_eur_per_j", "c.price_limit_eur_per_j, 0.0"),
    ),
    "rule: forgets the customers": (PRICES, "reconversion-request", (RULE, "kept += c.kept_ratio", "kept += 0.0")),
    "rule: starts at the level where it stops": (
        PRICES,
        "reconversion-request",
        (RULE, "c.min_level_frac + c.level_band_frac", "c.min_level_frac"),
    ),
    "rule: full load": (PRICES, "reconversion-request", (RULE, "load = c.run_load_frac *", "load =")),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_found(fault):
    case, law, *edits = FAULTS[fault]
    assert law in broken_in_case(case, planted(*edits))
