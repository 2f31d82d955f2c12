"""Faults planted in kinds of a plant: the audit of its run, on the steps that it keeps, names law and component."""

import pytest

from tests.audit.planting import audited, planted

STAGE, STACK = "components.compressor_stage", "components.pem_stack"
WEAR = "    c.degradation_v += "
FAULTS = {
    # fault -> law, module, text, and what takes its place
    "compressor: 1 % less electricity": (
        *("compressor-losses", STAGE, "    electric_w = through_w / ("),
        "    electric_w = 0.99 * through_w / (",
    ),
    "compressor: a motor that its own kernel betters": (
        *("compressor-losses", STAGE, "    c.slopes_k = 0.0\n"),
        "    c.slopes_k = 0.0\n    c.motor_efficiency_frac *= 1.01\n",
    ),
    "rectifier: loss 1 % low": (
        *("rectifier-loss", "components.rectifier", "        loss = converter_loss(load,"),
        "        loss = 0.99 * converter_loss(load,",
    ),
    "pem: hours 1 % short": (
        *("stack-counters", STACK, "    c.running_h += on * dt / 3600.0\n"),
        "    c.running_h += 0.99 * on * dt / 3600.0\n",
    ),
    "pem: 1 % less wear": ("stack-wear", STACK, WEAR, f"{WEAR}0.99 * "),
    "water: the bill 1 % low": (
        *("water-bill", "components.water_source", "    bus[c.cost] = flow"),
        "    bus[c.cost] = 0.99 * flow",
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS)
def test_found_in_a_plant(fault):
    law, *edit = FAULTS[fault]
    found = audited("minimal_day", planted(tuple(edit)), hours=2.0)
    assert law in found.broken, found.broken
    assert not [one for one in found.faults if one.id == "open-balance"]
