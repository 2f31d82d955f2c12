"""Lanes in the device's memory, and the launches that advance them. Import it late, as ``h2plant.cuda.jit``."""

from __future__ import annotations

from typing import Any

import numpy as np

from h2plant.core.declare import Kind
from h2plant.cuda import lanes
from h2plant.cuda.jit import IS_SIMULATED, advance_kernel, driver
from h2plant.cuda.lanes import BLOCK, TILE
from h2plant.simulation.program import FloatArray, IntArray


def free_bytes() -> int:
    """Return the device's free memory, bytes."""
    return 2**30 if IS_SIMULATED else int(driver.current_context().get_memory_info().free)


def n_processors() -> int:
    """Return the number of the device's multiprocessors."""
    return 1 if IS_SIMULATED else int(driver.get_current_device().MULTIPROCESSOR_COUNT)


def device_name() -> str:
    """Return what the device calls itself."""
    name = driver.get_current_device().name
    return name.decode() if isinstance(name, bytes) else str(name)


_launched: list[Any] = []


class Launcher:
    """The lanes of a batch in the device's memory, and the kernel that advances them.

    Parameters
    ----------
    kinds
        (index, kind) of those that the plants have.
    dropped
        Fields by kind that are not kept.
    shared, series_base
        What lanes read (see ``lanes.Shared``), and where each lane's series start.
    shape
        Words of a lane.
    """

    def __init__(
        self,
        kinds: tuple[tuple[int, Kind], ...],
        dropped: lanes.Dropped,
        shared: lanes.Shared,
        series_base: IntArray,
        shape: lanes.Shape,
    ) -> None:
        self._kernel = advance_kernel(kinds, dropped)
        _launched.append(self._kernel)
        self._shape = shape
        n_lanes = series_base.size
        n_tiles = -(-n_lanes // TILE)
        # the simulator takes arrays within a tuple as they are
        self._shared = shared if IS_SIMULATED else lanes.Shared(*(driver.to_device(x) for x in shared))
        self._series_base = driver.to_device(series_base)
        self._outcome = driver.to_device(np.zeros((n_lanes, 3), dtype=np.int64))
        self._tile_words = shape.n_words * TILE
        self._own = driver.device_array(n_tiles * self._tile_words, dtype=np.float64)

    def put_tiles(self, first: int, words: FloatArray) -> None:
        """Send tiles to the device, flat, from tile number ``first`` on."""
        start = first * self._tile_words
        self._own[start : start + words.size].copy_to_device(words)

    def get_tiles(self, first: int, n: int) -> FloatArray:
        """Return n tiles from the device, flat."""
        start = first * self._tile_words
        words: FloatArray = self._own[start : start + n * self._tile_words].copy_to_host()
        return words

    def outcome(self) -> IntArray:
        """Return what became of each lane: (n_lanes, 3) steps done, status, component."""
        found: IntArray = self._outcome.copy_to_host()
        return found

    def advance(self, first_step: int, n_steps: int, dt: float, steps_per_log: int) -> None:
        """Run all lanes that have not failed for n_steps, and wait for them."""
        n_blocks = -(-self._outcome.shape[0] // BLOCK)
        shape = self._shape
        arrays = (self._shared, self._own, self._series_base, self._outcome)
        self._kernel[n_blocks, BLOCK](
            *arrays, shape.n_slots, shape.n_memory, first_step, n_steps, float(dt), steps_per_log
        )
        driver.synchronize()


def attributes() -> dict[str, int]:
    """Return what the device says of the kernel launched last: registers, local bytes a thread, threads it holds."""
    found: dict[str, int] = {}
    for kernel in _launched[-1:]:
        for made in kernel.overloads.values():
            function = made._codelibrary.get_cufunc()
            blocks = driver.current_context().get_active_blocks_per_multiprocessor(function, BLOCK, 0)
            found["registers a thread"] = int(made.regs_per_thread)
            found["local bytes a thread"] = int(made.local_mem_per_thread)
            found["threads a multiprocessor holds"] = int(blocks) * BLOCK
    return found
