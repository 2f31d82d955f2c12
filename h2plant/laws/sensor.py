"""Law of sensors: what they show."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core.law import FloatArray, Law, Seen, equal


def sensor_reading() -> Law:
    """Return: a sensor shows its signal, but for its gain and its bias."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        signal, bias = seen.at("signal"), seen.at("bias")
        come = (1.0 - seen.at("outage")) * signal
        wanted = come + seen.at("gain") * come + bias
        yield equal(seen.at("reading"), wanted, abs_=1.0e-12 * (np.abs(signal) + np.abs(bias)))

    return Law(
        "sensor-reading",
        "a sensor shows its signal, but for the gain, the loss and the bias that a fault gives it",
        "y = (1 + g) (1 - s) x + b",
        "definition",
        check,
        takes_arrays=True,
    )
