"""Plants on a CUDA device: speed and agreement where there is one; what the compiled code tells where there is none.

``python -m benchmarks.cuda`` compiles the loop for the reference plant, prints registers, stack and spills from ptxas,
counts the work of a step, and says what memory and arithmetic of some devices would allow. With a device it runs
plants on it, checks some against the processor, and prints plant-years per second. Exit code 1: they disagree.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from rich.console import Console

from h2plant.benchmarking.figures import Figure
from h2plant.benchmarking.tables import figure_table
from h2plant.components import KINDS
from h2plant.config.findings import PlantError
from h2plant.config.scenario import load_scenario
from h2plant.cuda.assembly import Assembled, assemble, find_ptxas
from h2plant.cuda.batch import Batch
from h2plant.cuda.presence import missing_part, require
from h2plant.cuda.work import Work, count_work
from h2plant.ensemble import Member, run_ensemble
from h2plant.execution import prepare
from h2plant.simulation.manager_optimized import SimulationEngineOptimized
from h2plant.simulation.program import Program, copy_program

YEAR_STEPS = 525_600
BAR_PLANT_YEARS_PER_S = 200.0
TOLERANCE = 1.0e-9
N_CHECKED = 4
VARIED = "wind.capacity_w"
SPAN_STEPS = (60, 240, 420)
"""Steps of test_8hour from which work is counted, ten each."""


class Device(NamedTuple):
    """A device by its data sheet: bytes/s of its memory, double-precision flop/s (a fused operation is two)."""

    name: str
    bytes_per_s: float
    flop_per_s: float
    n_processors: int


DEVICES = (
    Device("H200", 4.8e12, 34e12, 132),
    Device("H100 SXM", 3.35e12, 34e12, 132),
    Device("A100 80 GB SXM", 2.039e12, 9.7e12, 108),
)
REGISTERS = 65_536
"""Registers of a multiprocessor (compute capability 8.0 and 9.0)."""
MEMORY_LATENCY_S = 600e-9
"""Time from a load to its value from main memory, of the devices above, rounded."""


def code_figures(kinds: tuple[int, ...], said: dict[str, Assembled]) -> Iterator[Figure]:
    """Compile the loop for kinds and assemble it."""
    from h2plant.cuda import jit

    began = time.process_time()
    ptx = jit.compile_ptx(kinds, jit.DEFAULT_CAPABILITY)
    yield Figure("kinds", len(kinds), "1")
    yield Figure("compiled to PTX, processor time", time.process_time() - began, "s")
    yield Figure("PTX", len(ptx) / 1e6, "MB")
    ptxas = find_ptxas()
    if ptxas is None:
        return
    made = said["code"] = assemble(ptx, ptxas)
    yield Figure("assembled by ptxas", made.assembly_s, "s")
    yield Figure("machine code", made.code_bytes / 1e6, "MB")
    yield Figure("registers a thread", made.registers, "1", 255, "<=")
    yield Figure("stack a thread (local memory)", made.stack_bytes, "B")
    yield Figure("spilled, stores in the code", made.spill_store_bytes, "B")
    yield Figure("spilled, loads in the code", made.spill_load_bytes, "B")
    yield Figure("threads a multiprocessor holds, by registers", resident_threads(made.registers), "1")


def resident_threads(registers: int) -> int:
    """Return the threads that a multiprocessor's registers hold: whole blocks, registers given out by eights."""
    from h2plant.cuda.jit import BLOCK

    return REGISTERS // (-(-registers // 8) * 8 * BLOCK) * BLOCK


def work_figures(program: Program, found: dict[str, Work]) -> Iterator[Figure]:
    """Count the work of a step of a plant that has begun; the program runs on."""
    engine = SimulationEngineOptimized(program)
    counted: list[Work] = []
    for start in SPAN_STEPS:
        engine.run(start - engine.step_number)
        counted.append(count_work(program, 10))
    work = found["work"] = Work(
        *(
            float(np.mean([getattr(w, name) for w in counted]))
            for name in Work.__dataclass_fields__
            if name != "operations"
        ),
        {name: float(np.mean([w.operations.get(name, 0.0) for w in counted])) for name in counted[0].operations},
    )
    yield Figure("a plant's words on the device", 8 * Batch(program).shape.n_words / 1e3, "kB")
    yield Figure("reads of own words a step", work.reads, "1")
    yield Figure("writes of own words a step", work.writes, "1")
    yield Figure("reads of shared words a step", work.shared_reads, "1")
    yield Figure("different own words, read and written", work.least_bytes / 1e3, "kB")
    for name, n in work.operations.items():
        yield Figure(f"operations: {name}", n, "1")
    yield Figure("double-precision instructions a step", work.instructions, "1")


def roof_figures(work: Work, made: Assembled | None) -> Iterator[Figure]:
    """Say what devices allow by their data sheets."""
    for device in DEVICES:
        by_memory = device.bytes_per_s / work.least_bytes / YEAR_STEPS
        by_arithmetic = device.flop_per_s / 2.0 / work.instructions / YEAR_STEPS
        yield Figure(f"{device.name}: most by memory traffic", by_memory, "plant-years/s")
        yield Figure(f"{device.name}: most by arithmetic", by_arithmetic, "plant-years/s")
        if made is not None:
            threads = device.n_processors * resident_threads(made.registers)
            in_flight = device.bytes_per_s * MEMORY_LATENCY_S / (8.0 * threads)
            yield Figure(f"{device.name}: loads in flight a thread that fill the memory", in_flight, "1")


def device_figures(program: Program, n_plants: int, n_steps: int) -> Iterator[Figure]:
    """Run plants on the device and some of them on the processor."""
    from h2plant.cuda import jit
    from h2plant.cuda.run import run_on_device

    def factory(n: int) -> Callable[[], Program]:
        def make() -> Program:
            copy = copy_program(program)
            copy.arrays.memory[copy.field_index[VARIED]] *= 0.5 + n / n_plants
            return copy

        return make

    factories = [factory(n) for n in range(n_plants)]
    checked = np.unique(np.linspace(0, n_plants - 1, N_CHECKED, dtype=int)).tolist()
    kept: dict[int, Member] = {}
    launches_s, n_failed = 0.0, 0
    began = time.perf_counter()
    for member in run_on_device(factories, n_steps):
        launches_s += member.loop_s
        n_failed += member.error is not None
        if member.index in checked:
            kept[member.index] = member
    wall_s = time.perf_counter() - began
    plant_years = n_plants * n_steps / YEAR_STEPS
    bar = BAR_PLANT_YEARS_PER_S if n_steps >= YEAR_STEPS else None
    yield Figure("plant-years a second in launches", plant_years / launches_s, "1/s", bar, ">=")
    yield Figure("plant-years a second, begin to end", plant_years / wall_s, "1/s")
    yield Figure("plants that failed", n_failed, "1")
    for key, value in jit.attributes().items():
        yield Figure(f"device: {key}", value, "1")
    worst_total, worst_state = 0.0, 0.0
    slots = Batch(program).summed_slots
    states = [
        program.field_index[f"{component}.{field.name}"]
        for component, kind in zip(program.component_ids, program.component_kinds, strict=True)
        for field in KINDS[kind].fields
        if field.role == "state"
    ]
    for cpu in run_ensemble([factories[n] for n in checked], 1, n_steps):
        gpu = kept[checked[cpu.index]]
        assert cpu.program is not None and gpu.program is not None
        worst_total = max(worst_total, _difference(cpu.program.arrays.totals[slots], gpu.program.arrays.totals[slots]))
        worst_state = max(
            worst_state, _difference(cpu.program.arrays.memory[states], gpu.program.arrays.memory[states])
        )
    yield Figure("totals, largest relative difference", worst_total, "1", TOLERANCE, "<=")
    yield Figure("end states, largest relative difference", worst_state, "1", TOLERANCE, "<=")


def _difference(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.max(np.abs(a - b) / np.maximum(np.abs(a), 1.0e-9)))


def main() -> int:
    """Run what can be run here; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cuda", description=__doc__)
    parser.add_argument("--scenario", default="test_full_year", help="what runs on the device (default: %(default)s)")
    parser.add_argument("--plants", type=int, default=33_792, help="plants on the device (default: %(default)s)")
    parser.add_argument("--hours", type=float, default=None, help="span on the device (default: the scenario's)")
    options = parser.parse_args()
    console = Console(highlight=False, width=120)
    try:
        require(needs_device=False)
    except PlantError as missing:
        console.print(str(missing), markup=False)
        return 2
    program = prepare(load_scenario("test_8hour"))[1]
    SimulationEngineOptimized(program).begin()
    said: dict[str, Assembled] = {}
    found: dict[str, Work] = {}
    kinds = tuple(sorted(set(program.component_kinds)))
    console.print(figure_table("Compiled for compute capability 9.0", list(code_figures(kinds, said))))
    console.print(figure_table("Work of one plant in one step, counted", list(work_figures(program, found))))
    console.print(figure_table("Roofs by data sheets", list(roof_figures(found["work"], said.get("code")))))
    missing_device = missing_part()
    if missing_device is not None:
        console.print(f"not measured on a device: {missing_device.what}", markup=False)
        return 0
    scenario = load_scenario(options.scenario)
    n_steps = round((options.hours or scenario.hours) * 3600.0 / scenario.step_s)
    figures = list(device_figures(prepare(scenario)[1], options.plants, n_steps))
    console.print(figure_table("On the device", figures))
    return 0 if all(figure.is_met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
