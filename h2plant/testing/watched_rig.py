"""A rig that keeps each step that it makes, for the laws of its kind."""

from __future__ import annotations

from typing import Any

import numpy as np

from h2plant.core.bus import ZERO
from h2plant.core.law import Place, Seen, judged
from h2plant.core.sizing import with_sizes
from h2plant.laws.of_kind import laws_of
from h2plant.testing.rig import Rig


class WatchedRig(Rig):
    """A rig that keeps each step that it makes."""

    def __init__(self, *args: Any, **named: Any) -> None:
        self.kept: list[tuple[float, Any, Any, Any, Any]] = []
        super().__init__(*args, **named)
        given = args[1] if len(args) > 1 else named["parameters"]
        self.given = with_sizes(self.kind, {name: float(value) for name, value in given.items()})

    def _fields(self) -> dict[str, float]:
        return {f.name: self.field(f.name) for f in self.kind.fields if f.role != "parameter"}

    def put(self, name: str, value: float) -> None:
        super().put(name, value)
        if name in self.given:
            self.given[name] = value

    def step(self, n: int = 1, dt: float = 60.0) -> int:
        status = 0
        for _ in range(n):
            bus, fields = self.bus.copy(), self._fields()
            status = super().step(1, dt)
            self.kept.append((dt, bus, fields, self.bus.copy(), self._fields()))
        return status

    def seen(self) -> list[Seen]:
        """Return what was seen, for each length of a step."""
        places = {}
        for port in self.kind.ports:
            n = int(self.field(f"n_{port.name}")) if port.is_multi else 1
            slots = tuple(self.slot(port.name, k) for k in range(n))
            stream = port.direction if port.medium == "stream" else ""
            places[port.name] = Place(slots, n > 0 and slots[0] != ZERO, stream)
        found = []
        for dt in dict.fromkeys(one[0] for one in self.kept):
            rows = [one for one in self.kept if one[0] == dt]
            names = rows[0][2]
            found.append(
                Seen(
                    component=self.kind.name,
                    kind=self.kind.name,
                    role=self.kind.role,
                    parameters=self.given,
                    step_s=dt,
                    places=places,
                    slots=np.array([row[3] for row in rows]),
                    slots_before=np.array([row[1] for row in rows]),
                    before_={name: np.array([row[2][name] for row in rows]) for name in names},
                    after_={name: np.array([row[4][name] for row in rows]) for name in names},
                )
            )
        return found

    def broken_laws(self) -> dict[str, float]:
        """Return the laws of the kind that a step broke, with the largest deviation as a share of what is allowed."""
        found: dict[str, float] = {}
        for seen in self.seen():
            for law in laws_of(self.kind):
                n_checks, worst, _ = judged(law, seen)
                if n_checks and worst > 1.0:
                    found[law.id] = max(found.get(law.id, 0.0), worst)
        return found
