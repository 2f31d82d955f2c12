"""A rig for one component: sets its inputs, steps it, reads its outputs, adds up what crosses its border.

``Rig`` runs either the compiled kernels or the same kernels as plain Python, on the property tables.
"""

from __future__ import annotations

import types
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from h2plant.core import bus as layout
from h2plant.core.constants import MOLAR_MASS_H2_KG_PER_MOL, MOLAR_MASS_H2O_KG_PER_MOL, MOLAR_MASS_O2_KG_PER_MOL
from h2plant.core.declare import Kind
from h2plant.core.jit import IS_JIT_DISABLED, plain
from h2plant.core.lut_manager import LUTManager
from h2plant.core.native_call import entry_of
from h2plant.core.sizing import with_sizes
from h2plant.core.status import KERNEL_RAISED, OK
from h2plant.core.user_code import guarded
from h2plant.physics.stream import put_state

FloatArray = npt.NDArray[np.float64]
LINE_ITEMS = {name: k for k, (name, _) in enumerate(layout.LINE_COLUMNS)}
SPECIES = ("h2", "o2", "n2", "h2o", "energy")


@cache
def tables() -> Any:
    """Return the property tables."""
    return LUTManager().props


class Rig:
    """One component on a bus of its own.

    Parameters
    ----------
    kind, parameters
        The kind and its parameters in SI (field names of the declaration).
    n_links
        Number of links of each multi port (default 1).
    is_plain
        Run the kernels as plain Python instead of compiled.
    """

    def __init__(
        self, kind: Kind, parameters: dict[str, float], n_links: dict[str, int] | None = None, is_plain: bool = False
    ) -> None:
        self.kind = kind
        is_plain = is_plain or IS_JIT_DISABLED
        self.props = tables()
        n_links = n_links or {}
        values: dict[str, Any] = {}
        sized = with_sizes(kind, {name: float(value) for name, value in parameters.items()})
        for f in kind.fields:
            if f.role == "parameter" and f.name not in parameters and f.default is None:
                raise KeyError(f"{kind.name}: parameter {f.name} is required")
            values[f.name] = sized.get(f.name, f.default or 0.0)
        unknown = set(parameters) - {f.name for f in kind.fields if f.role == "parameter"}
        if unknown:
            raise KeyError(f"{kind.name}: no parameters {sorted(unknown)}")
        slot = layout.FIRST_FREE
        for port in kind.ports:
            is_line = port.medium == "line" and port.direction == "out"  # linked where it is asked for
            n = n_links.get(port.name, 0 if is_line else 1) if port.is_multi or is_line else 1
            values[port.name] = slot if n else layout.ZERO
            if port.is_multi:
                values[f"n_{port.name}"] = n
            slot += port.width * n
        self.bus = np.zeros(slot)
        self.bus[layout.N_SLOTS] = slot
        self.bus[layout.ZERO_STREAM + layout.TEMPERATURE] = 298.15
        self.bus[layout.ZERO_STREAM + layout.PRESSURE] = 101325.0
        self._memory = np.zeros(1, kind.dtype)
        for name, value in values.items():
            self._memory[name] = value
        self.c: Any = types.SimpleNamespace(**values) if is_plain else self._memory[0]
        self.raised: list[str] = []
        memo: dict[Any, Any] = {}
        self._step, self._emit, self._begin, self._content = (
            self._kernel(name, is_plain, memo) for name in ("step", "emit", "begin", "content")
        )
        self.time_s = 0.0
        self.in_minus_out = np.zeros(5)
        self.throughput = np.zeros(5)
        if self._begin is not None:
            status = self._require_run(self._begin(self.c, self.props))
            if status != OK:
                raise ValueError(f"{kind.name}: 'begin' returned {status}")
        self._before = self.content()
        self._reacted_before = self.field("reacted_h2o_mol") if self.has("reacted_h2o_mol") else 0.0

    def _kernel(self, name: str, is_plain: bool, memo: dict[Any, Any]) -> Any:
        """Return a kernel as the engines call it: one from outside with checks of the slots that it names."""
        function = getattr(self.kind, name)
        if function is None:
            return None
        if not is_plain:
            return entry_of(function, name)
        python = plain(function, {}, memo)
        return python if self.kind.source is None else guarded(python, name, self.raised)

    def has(self, name: str) -> bool:
        """Tell whether the component has a parameter, state or output of that name."""
        return any(f.name == name for f in self.kind.fields)

    def field(self, name: str) -> float:
        """Return a parameter, state or output of the component."""
        return float(getattr(self.c, name) if isinstance(self.c, types.SimpleNamespace) else self._memory[name][0])

    def put(self, name: str, value: float) -> None:
        """Set a parameter, state, output or slot of the component."""
        if isinstance(self.c, types.SimpleNamespace):
            setattr(self.c, name, value)
        else:
            self._memory[name] = value

    def slot(self, port: str, link: int = 0) -> int:
        """Return the first slot of a link of a port."""
        p = self.kind.port(port)
        first = getattr(self.c, port) if isinstance(self.c, types.SimpleNamespace) else self._memory[port][0]
        return int(first) + link * p.width

    def set_signal(self, port: str, value: float, link: int = 0) -> None:
        """Set a scalar input (power, heat, money or signal)."""
        self.bus[self.slot(port, link)] = value

    def set_stream(
        self,
        port: str,
        temperature_k: float = 298.15,
        pressure_pa: float = 101325.0,
        h2: float = 0.0,
        o2: float = 0.0,
        n2: float = 0.0,
        vapour: float = 0.0,
        liquid: float = 0.0,
        link: int = 0,
    ) -> float:
        """Set a stream input (kg/s, K, Pa); returns its enthalpy flow, W."""
        return float(
            put_state(
                self.bus, self.slot(port, link), self.props, h2, o2, n2, vapour, liquid, temperature_k, pressure_pa
            )
        )

    def set_line(self, port: str = "lines", link: int = 0, **values: float) -> None:
        """Set what a line offers to a rule of dispatch, by the names of ``core.bus.LINE_COLUMNS``."""
        for name, value in values.items():
            self.bus[self.slot(port, link) + LINE_ITEMS[name]] = value

    def line(self, item: str, link: int = 0, port: str = "lines") -> float:
        """Return what a line offers, or what its rule has decided, by the name of the slot."""
        return float(self.bus[self.slot(port, link) + LINE_ITEMS[item]])

    def stream(self, port: str, link: int = 0) -> FloatArray:
        """Return the 8 values of a stream, indexed by the constants of ``h2plant.core.bus``."""
        s = self.slot(port, link)
        return self.bus[s : s + layout.STREAM_WIDTH].copy()

    def signal(self, port: str, link: int = 0) -> float:
        """Return the value of a port that is no stream."""
        return float(self.bus[self.slot(port, link)])

    def content(self) -> FloatArray:
        """Return what the component holds: H2, O2, N2, H2O in kg, energy in J."""
        return np.array(self._content(self.c, self.props)) if self._content is not None else np.zeros(5)

    def step(self, n: int = 1, dt: float = 60.0) -> int:
        """Run n steps with the inputs as they are; books every step; returns the last status."""
        status = 0
        for _ in range(n):
            self.bus[layout.TIME] = self.time_s
            with np.errstate(all="ignore"):  # as compiled code, which warns of nothing
                if self._emit is not None:
                    self._require_run(self._emit(self.c, self.bus, self.props, dt))
                status = self._require_run(self._step(self.c, self.bus, self.props, dt))
            self._book(dt)
            self.time_s += dt
        return status

    def _require_run(self, status: int) -> int:
        """Return a status; raises where a kernel from outside raised."""
        if status == KERNEL_RAISED:
            reported = self.raised[-1] if self.raised else "run it as plain Python, with is_plain=True, to see where"
            raise IndexError(f"{self.kind.name}: a kernel raised an error, such as a slot beyond the bus: {reported}")
        return int(status)

    def _book(self, dt: float) -> None:
        for port in self.kind.ports:
            if port.medium in ("signal", "money", "line"):
                continue
            sign = 1.0 if port.direction == "in" else -1.0
            n = 1
            if port.is_multi:
                n = int(self.field(f"n_{port.name}"))
            for link in range(n):
                s = self.slot(port.name, link)
                v = np.zeros(5)
                if port.medium == "stream":
                    b = self.bus[s : s + layout.STREAM_WIDTH]
                    v[:] = b[0], b[1], b[2], b[3] + b[4], b[5]
                    assert (b[:5] >= 0).all(), f"negative flow at {self.kind.name}.{port.name}: {b}"
                    assert np.isfinite(b).all(), f"not a number at {self.kind.name}.{port.name}: {b}"
                else:
                    v[4] = self.bus[s]
                self.in_minus_out += sign * v * dt
                self.throughput += np.abs(v) * dt

    def residuals(self) -> FloatArray:
        """Return the relative residuals of H2, O2, N2, H2O and energy since the start."""
        reacted = self.field("reacted_h2o_mol") - self._reacted_before if self.has("reacted_h2o_mol") else 0.0
        source = reacted * np.array(
            [MOLAR_MASS_H2_KG_PER_MOL, 0.5 * MOLAR_MASS_O2_KG_PER_MOL, 0.0, -MOLAR_MASS_H2O_KG_PER_MOL, 0.0]
        )
        after = self.content()
        change = after - self._before
        scale = np.maximum(self.throughput, np.maximum(np.abs(after), np.abs(self._before)))
        return (self.in_minus_out + source - change) / np.where(scale > 0.0, scale, 1.0)

    def assert_balanced(self, tolerance: float = 1e-9) -> None:
        """Assert that mass per species and energy close."""
        residuals = self.residuals()
        worst = dict(zip(SPECIES, residuals, strict=True))
        assert (np.abs(residuals) < tolerance).all(), f"{self.kind.name} does not balance: {worst}"
