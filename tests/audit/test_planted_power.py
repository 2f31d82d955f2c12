"""Faults planted in kinds of the power part: the audit names the law."""

import pytest

from tests.audit.planting import broken_in_case, planted

FAULTS = {
    "rectifier: lossless": (
        "rectifier--igbt-converter",
        "rectifier-loss",
        [("components.rectifier", "        loss = converter_loss(load,", "        loss = 0.0 * converter_loss(load,")],
    ),
    "rectifier: loss 1 % low": (
        "rectifier--igbt-converter",
        "rectifier-loss",
        [
            ("physics.electrical", "", ""),
            (
                "components.rectifier",
                "        loss = converter_loss(load,",
                "        loss = 0.99 * converter_loss(load,",
            ),
        ],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_found(fault):
    case, law, edits = FAULTS[fault]
    assert law in broken_in_case(case, planted(*edits))
