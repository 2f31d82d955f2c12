"""Faults of a plant: which component, in what way, and when; and what kinds can have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from h2plant.core.battery_role import Battery
from h2plant.core.declare import Kind
from h2plant.core.role import Control, Converter, Dispatch, Grid, Maker, Process, Source
from h2plant.core.role_reconverter import Reconverter
from h2plant.core.sensor_role import Sensor

Way = Literal["outage", "trip", "fouling", "bias"]

WAYS: dict[Way, str] = {
    "outage": "it is out of service, or so much of it",
    "trip": "it rests, and the plant's lines and transfers with it, as when its own protection trips",
    "fouling": "so much of its heat transfer is lost",
    "bias": "a signal of it is read wrong, by an offset or by a share",
}


@dataclass(frozen=True)
class Span:
    """Once: seconds since 1970 UTC, or, where ``is_of_run``, since the start of the run."""

    begin_s: int
    end_s: int
    is_of_run: bool = False


@dataclass(frozen=True)
class Yearly:
    """In every year: from a day and hour of a month, local time, for so long."""

    month: int
    day: int
    hour: float
    length_s: int


@dataclass(frozen=True)
class Random:
    """At random: exponential times of working and of repair, by their means, s."""

    mtbf_s: float
    mttr_s: float

    @property
    def out_frac(self) -> float:
        """Share of the time that is out in the long run."""
        return self.mttr_s / (self.mtbf_s + self.mttr_s)

    def n_expected(self, n_s: float) -> float:
        """Return how often it begins in so many seconds, in the mean."""
        return n_s / (self.mtbf_s + self.mttr_s)


When = Span | Yearly | Random


@dataclass(frozen=True)
class Fault:
    """A fault of a component.

    Parameters
    ----------
    name
        Its key in the file.
    component, way, port
        What it strikes, and how; the signal that is read wrong, of a bias.
    when
        When it does.
    share_frac
        How much of the component is out, or of its heat transfer is lost.
    bias, gain_frac
        What is added to a signal, SI, and the share of it that is.
    seed
        Of random ones: the seed of the plant's faults.
    cost_eur, cost_eur_per_s
        Paid for each time that it happens, and while it lasts.
    line
        Where it stands.
    """

    name: str
    component: str
    way: Way
    when: When
    port: str = ""
    share_frac: float = 1.0
    bias: float = 0.0
    gain_frac: float = 0.0
    seed: int = 0
    cost_eur: float = 0.0
    cost_eur_per_s: float = 0.0
    line: int = 0

    @property
    def is_yearly(self) -> bool:
        """Whether it comes once in every year, so that a shorter run stands for no more of it."""
        return isinstance(self.when, Yearly)

    @property
    def year_eur(self) -> float:
        """What it costs a year, of one that comes once in every year; 0 of another."""
        return self.cost_eur + self.cost_eur_per_s * self.when.length_s if isinstance(self.when, Yearly) else 0.0

    @property
    def is_planned(self) -> bool:
        """Whether it is known ahead: all but what happens at random."""
        return not isinstance(self.when, Random)

    @property
    def is_rest(self) -> bool:
        """Whether the component, or so much of it, is out of service meanwhile."""
        return self.way in ("outage", "trip")

    @property
    def series(self) -> tuple[FaultSeries, ...]:
        """The series that bring it to the component, each with the value that it has while the fault lasts."""
        if self.way == "bias":
            stem = f"{self.component}_{self.port}"
            both = (
                FaultSeries(f"bias_{stem}", self.bias, True),
                FaultSeries(f"gain_{stem}_frac", self.gain_frac, True),
            )
            return tuple(one for one in both if one.value)
        return (
            FaultSeries(f"{'fouling' if self.way == 'fouling' else self.way}_{self.component}_frac", self.share_frac),
        )

    def content(self) -> list[Any]:
        """Return everything that decides it, for digests."""
        when = [type(self.when).__name__, *vars(self.when).values()]
        numbers = [self.share_frac, self.bias, self.gain_frac, self.cost_eur, self.cost_eur_per_s]
        return [self.name, self.component, self.way, self.port, when, numbers, 0 if self.is_planned else self.seed]


class FaultSeries(NamedTuple):
    """A series of a fault and its value meanwhile; several at once add up, or each leaves its share of the rest."""

    name: str
    value: float
    adds_up: bool = False


@dataclass(frozen=True)
class Faults:
    """The faults of a plant, and in which year of its life it is, from 0: random ones differ by it."""

    of: tuple[Fault, ...] = ()
    life_year: int = 0

    def by_series(self) -> dict[str, tuple[tuple[Fault, FaultSeries], ...]]:
        """Return the faults of each series."""
        found: dict[str, list[tuple[Fault, FaultSeries]]] = {}
        for fault in self.of:
            for one in fault.series:
                found.setdefault(one.name, []).append((fault, one))
        return {name: tuple(each) for name, each in found.items()}

    def content(self) -> list[Any]:
        """Return everything that decides them, for digests."""
        return [fault.content() for fault in self.of]


NO_FAULTS = Faults()


def ways(kind: Kind) -> dict[Way, str]:
    """Return how components of a kind can fail, each with what carries it: ports, or who commands them."""
    found: dict[Way, str] = {}
    if isinstance(kind.role, Process) and kind.role.tripped:  # first: a plant whose compressor fails stops its lines
        found["trip"] = f"who reads its port '{kind.role.tripped}'"
    outage = [port.name for port in kind.ports if port.fault == "outage"]
    if outage:
        found["outage"] = f"port '{outage[0]}'"
    elif isinstance(kind.role, Maker):
        found["outage"] = "its line controller counts it as not ready"
    elif isinstance(kind.role, Reconverter):
        found["outage"] = f"what it is asked for at its port '{kind.role.load}' is cut"
    fouling = [port.name for port in kind.ports if port.fault == "fouling"]
    if fouling:
        found["fouling"] = f"port '{fouling[0]}'"
    if measured := list(measured_ports(kind)):
        found["bias"] = f"who reads its {', '.join(measured)}"
    return found


def has_shares(kind: Kind, way: Way) -> bool:
    """Whether a share of a component can be out, or lost; else it works or rests as a whole."""
    return way == "fouling" or (way == "outage" and isinstance(kind.role, Battery | Grid | Reconverter | Source))


def measured_ports(kind: Kind) -> Iterator[str]:
    """Yield the signals of a kind that can be read wrong: what it tells, and no command."""
    if isinstance(kind.role, Control | Dispatch | Sensor):
        return
    told = kind.role.tripped if isinstance(kind.role, Process | Converter) else ""
    for port in kind.ports:
        if port.medium == "signal" and port.direction == "out" and not port.is_multi and port.name != told:
            yield port.name


def faultable(kinds: Mapping[str, Kind], way: Way) -> list[str]:
    """Return the ids of the components that can fail in a way, of those by id."""
    return [id_ for id_, kind in kinds.items() if way in ways(kind)]
