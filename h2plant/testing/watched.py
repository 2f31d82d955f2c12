"""A kind's case seen as an audit sees a run: every step of it, with states before and after."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from h2plant.core.declare import Kind
from h2plant.core.law import Place, Seen
from h2plant.testing.case import run_case
from h2plant.testing.rig import Rig


class WatchedRig(Rig):
    """A rig that keeps each step that it makes."""

    def __init__(self, *args: Any, **named: Any) -> None:
        self.kept: list[tuple[float, Any, Any, Any, Any]] = []
        super().__init__(*args, **named)

    def _fields(self) -> dict[str, float]:
        return {f.name: self.field(f.name) for f in self.kind.fields if f.role != "parameter"}

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
            places[port.name] = Place(tuple(self.slot(port.name, k) for k in range(n)), n > 0)
        found = []
        for dt in dict.fromkeys(one[0] for one in self.kept):
            rows = [one for one in self.kept if one[0] == dt]
            names = rows[0][2]
            found.append(
                Seen(
                    component=self.kind.name,
                    kind=self.kind.name,
                    role=self.kind.role,
                    parameters={f.name: self.field(f.name) for f in self.kind.parameters},
                    step_s=dt,
                    places=places,
                    slots=np.array([row[3] for row in rows]),
                    slots_before=np.array([row[1] for row in rows]),
                    before_={name: np.array([row[2][name] for row in rows]) for name in names},
                    after_={name: np.array([row[4][name] for row in rows]) for name in names},
                )
            )
        return found


def watch_case(case: str | Path, kind: Kind | str | Path | None = None, is_plain: bool = False) -> list[Seen]:
    """Run a kind's case as ``run_case`` does and return what was seen of it, for each length of a step."""
    rig = run_case(case, kind, is_plain, WatchedRig).rig
    assert isinstance(rig, WatchedRig)
    return rig.seen()
