"""What a sensor is to the plant: a signal passes it, and may come out wrong."""

from __future__ import annotations

from dataclasses import dataclass

from h2plant.core.role import Role, named_ports


@dataclass(frozen=True)
class Sensor(Role):
    """Passes a signal on, with an offset and a gain that faults give it.

    Parameters
    ----------
    signal, reading
        Ports: what it measures, and what it shows.
    bias, gain, lost
        Ports: what is added to the signal; share of it that is added; share of it that does not come through.
    """

    signal: str = named_ports("signal")
    reading: str = named_ports("reading")
    bias: str = named_ports("bias")
    gain: str = named_ports("gain")
    lost: str = named_ports("outage")

    @property
    def stands_alone(self) -> bool:
        return True
