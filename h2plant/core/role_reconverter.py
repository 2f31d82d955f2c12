"""What fuel cells and engines are to the plant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from h2plant.core.role_base import Role, of_counter, of_field, of_port


@dataclass(frozen=True)
class Reconverter(Role):
    """Makes power of the plant's own hydrogen: fuel cell, engine. No source: that power was own or bought before.

    Parameters
    ----------
    technology
        What it is called: 'fuel cell'.
    power, power_column
        Port that gives the power, and output of it, W.
    hydrogen, demand, load
        Ports: stream of its hydrogen; signals of what it asks for, kg/s, and of the load wanted, 0 to 1.
    running, n_starts
        Counters: hours run, starts.
    reaction
        Hydrogen and oxygen to water.
    """

    technology: str
    power: str = of_port("power")
    power_column: str = of_field("power_w")
    hydrogen: str = of_port("hydrogen")
    demand: str = of_port("demand")
    load: str = of_port("load")
    running: str = of_counter("running_h")
    n_starts: str = of_counter("n_starts")
    reaction: Literal["recombination"] = "recombination"

    @property
    def place(self) -> str:
        return "Reconversion"

    @property
    def stands_alone(self) -> bool:
        return True
