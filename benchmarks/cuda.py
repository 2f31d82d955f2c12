"""Plants on a CUDA device: speed and agreement where there is one; what the compiled code tells where there is none.

``python -m benchmarks.cuda`` compiles the loop for the reference plant, prints registers, stack and spills from ptxas,
counts the work of a step and where its bytes go, and says what memory and arithmetic of some devices would allow: for
a run that keeps all totals, and for one that keeps what figures need. With a device it runs plants on it both ways,
checks some against the processor, and prints plant-years per second, bytes per second beside the data sheet's,
registers and threads at work. Exit code 1: they disagree, or the bar is missed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.cuda_assembly import Assembled, assemble, find_ptxas
from benchmarks.cuda_work import Work, count_work, mean_work
from h2plant.config.scenario import load_scenario
from h2plant.core.declare import Kind
from h2plant.cuda.batch import Batch
from h2plant.cuda.carried import slots_not_carried
from h2plant.cuda.lanes import BLOCK, Dropped
from h2plant.cuda.presence import missing_part, require
from h2plant.cuda.wanted import Wanted, wanted_by_figures
from h2plant.measure.measured import Measured, measured_table
from h2plant.plant.finding import PlantError
from h2plant.plant.graph import Plant
from h2plant.session.ensemble import Member, run_ensemble
from h2plant.session.session import prepare
from h2plant.simulation.manager_optimized import SimulationEngineOptimized
from h2plant.simulation.program import Program, copy_program

YEAR_STEPS = 525_600
TARGET_PLANT_YEARS_PER_S = 200.0
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
SMALL_KB = 0.5
"""Traffic of a kind of component below which the table has no row for it."""
THREADS = 2_048
"""Most threads that a multiprocessor holds."""
MOST_KB = 1e-3 * 4.8e12 / (TARGET_PLANT_YEARS_PER_S * YEAR_STEPS)
"""Traffic of a step, kB, at which the memory of an H200 allows the bar."""
MEMORY_LATENCY_S = 600e-9
"""Time from a load to its value from main memory, of the devices above, rounded."""


def code_figures(
    kinds: tuple[tuple[int, Kind], ...], dropped: Dropped, reported: dict[str, Assembled]
) -> Iterator[Measured]:
    """Compile the loop for kinds and assemble it."""
    from h2plant.cuda import jit

    began = time.process_time()
    ptx = jit.compile_ptx(kinds, jit.DEFAULT_CAPABILITY, dropped)
    yield Measured("kinds", len(kinds), "1")
    yield Measured("compiled to PTX, processor time", time.process_time() - began, "s")
    yield Measured("PTX", len(ptx) / 1e6, "MB")
    ptxas = find_ptxas()
    if ptxas is None:
        return
    made = reported["code"] = assemble(ptx, ptxas)
    yield Measured("assembled by ptxas", made.assembly_s, "s")
    yield Measured("machine code", made.code_bytes / 1e6, "MB")
    yield Measured("registers a thread", made.registers, "1", 255, "<=")
    yield Measured("stack a thread (local memory)", made.stack_bytes, "B")
    yield Measured("spilled, stores in the code", made.spill_store_bytes, "B")
    yield Measured("spilled, loads in the code", made.spill_load_bytes, "B")
    yield Measured("threads a multiprocessor holds, by registers", resident_threads(made.registers), "1")


def resident_threads(registers: int) -> int:
    """Return the threads that a multiprocessor's registers hold: whole blocks, registers given out by eights."""
    return REGISTERS // (-(-registers // 8) * 8 * BLOCK) * BLOCK


def count(plant: Plant, program: Program, empty_slots: list[int]) -> dict[str, Work]:
    """Count the work of a step of a plant that has begun, in each way to keep results; the program runs on."""
    engine = SimulationEngineOptimized(program)
    wanted = wanted_by_figures(plant, program)
    ways: dict[str, tuple[Wanted | None, list[int]]] = {
        "all words": (None, []),
        "everything": (None, empty_slots),
        "figures": (wanted, empty_slots),
    }
    counted: dict[str, list[Work]] = {name: [] for name in ways}
    for start in SPAN_STEPS:
        engine.run(start - engine.step_number)
        for name, (kept, empty) in ways.items():
            counted[name].append(count_work(program, 10, wanted=kept, empty_slots=empty))
    return {name: mean_work(each) for name, each in counted.items()}


def work_figures(program: Program, wanted: Wanted | None, work: Work) -> Iterator[Measured]:
    """Say what a step takes."""
    yield Measured("a plant's words on the device", 8 * Batch(program, wanted).shape.n_words / 1e3, "kB")
    yield Measured("reads of own words a step", work.reads, "1")
    yield Measured("writes of own words a step", work.writes, "1")
    yield Measured("reads of shared words a step", work.shared_reads, "1")
    target = None if wanted is None else MOST_KB  # a sweep keeps figures
    yield Measured("different own words, read and written", work.least_bytes / 1e3, "kB", target, "<=")
    for name, n in work.operations.items():
        yield Measured(f"operations: {name}", n, "1")
    yield Measured("double-precision instructions a step", work.instructions, "1")


def bytes_table(title: str, works: dict[str, Work], column: int) -> Table:
    """Show where the bytes of a step go: by part (column 0) or by kind of component (column 1), kB."""
    table = Table(title=title)
    table.add_column("kB a step")
    sums = {name: Counter[str]() for name in works}
    for name, work in works.items():
        table.add_column(name, justify="right")
        for key, words in work.parts.items():
            sums[name][key[column] or "the loop: series, sums"] += 8e-3 * sum(words)
    first = next(iter(sums.values()))
    small = [key for key in first if max(each[key] for each in sums.values()) < SMALL_KB]
    for key, _ in first.most_common():
        if key not in small:
            table.add_row(key, *(f"{each[key]:.2f}" for each in sums.values()))
    if small:
        rest = (sum(each[key] for key in small) for each in sums.values())
        table.add_row(f"{len(small)} others", *(f"{kb:.2f}" for kb in rest))
    table.add_row("in all", *(f"{sum(each.values()):.2f}" for each in sums.values()))
    return table


def roof_figures(work: Work, made: Assembled | None) -> Iterator[Measured]:
    """Say what devices allow by their data sheets."""
    for device in DEVICES:
        by_memory = device.bytes_per_s / work.least_bytes / YEAR_STEPS
        by_arithmetic = device.flop_per_s / 2.0 / work.instructions / YEAR_STEPS
        yield Measured(f"{device.name}: most by memory traffic", by_memory, "plant-years/s")
        yield Measured(f"{device.name}: most by arithmetic", by_arithmetic, "plant-years/s")
        if made is not None:
            threads = device.n_processors * resident_threads(made.registers)
            in_flight = device.bytes_per_s * MEMORY_LATENCY_S / (8.0 * threads)
            yield Measured(f"{device.name}: loads in flight a thread that fill the memory", in_flight, "1")


def device_figures(
    program: Program, n_plants: int, n_steps: int, figures_of: Plant | None, work: Work
) -> Iterator[Measured]:
    """Run plants on the device and some of them on the processor; ``work`` is what was counted of a step."""
    from h2plant.cuda import launch
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
    for member in run_on_device(factories, n_steps, figures_of=figures_of):
        launches_s += member.loop_s
        n_failed += member.error is not None
        if member.index in checked:
            kept[member.index] = member
    wall_s = time.perf_counter() - began
    plant_years = n_plants * n_steps / YEAR_STEPS
    target = TARGET_PLANT_YEARS_PER_S if n_steps >= YEAR_STEPS else None
    steps_per_s = n_plants * n_steps / launches_s
    yield Measured("plant-years a second in launches", plant_years / launches_s, "1/s", target, ">=")
    yield Measured("plant-years a second, begin to end", plant_years / wall_s, "1/s")
    yield Measured("plants that failed", n_failed, "1")
    yield Measured("memory, counted bytes a second", steps_per_s * work.least_bytes / 1e12, "TB/s")
    yield Measured("arithmetic, counted instructions a second", steps_per_s * work.instructions / 1e12, "1e12/s")
    name = launch.device_name()
    for device in DEVICES:
        if device.name.split()[0] in name:
            share = steps_per_s * work.least_bytes / device.bytes_per_s
            yield Measured(f"share of the memory's speed ({device.name}, data sheet)", share, "1")
            share = 2.0 * steps_per_s * work.instructions / device.flop_per_s
            yield Measured(f"share of the arithmetic ({device.name}, data sheet)", share, "1")
    found = launch.attributes()
    for key, value in found.items():
        yield Measured(f"device: {key}", value, "1")
    yield Measured("occupancy, by registers", found["threads a multiprocessor holds"] / THREADS, "1")
    worst_total, worst_state = 0.0, 0.0
    for cpu in run_ensemble([factories[n] for n in checked], 1, n_steps):
        gpu = kept[checked[cpu.index]]
        assert cpu.program is not None and gpu.program is not None
        batch = Batch(cpu.program, None if figures_of is None else wanted_by_figures(figures_of, cpu.program))
        slots = batch.summed_slots
        states = [
            program.field_index[f"{component}.{field.name}"]
            for component, kind in zip(program.component_ids, program.component_kinds, strict=True)
            for field in program.kinds[kind].fields
            if field.role == "state" and (program.kinds[kind].name, field.name) not in batch.dropped
        ]
        worst_total = max(worst_total, _difference(cpu.program.arrays.totals[slots], gpu.program.arrays.totals[slots]))
        worst_state = max(
            worst_state, _difference(cpu.program.arrays.memory[states], gpu.program.arrays.memory[states])
        )
    yield Measured("totals, largest relative difference", worst_total, "1", TOLERANCE, "<=")
    yield Measured("end states, largest relative difference", worst_state, "1", TOLERANCE, "<=")


def _difference(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.max(np.abs(a - b) / np.maximum(np.abs(a), 1.0e-9)))


def main() -> int:
    """Run what can be run here; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cuda", description=__doc__)
    parser.add_argument("--scenario", default="test_full_year", help="what runs on the device (default: %(default)s)")
    parser.add_argument("--plants", type=int, default=33_792, help="plants on the device (default: %(default)s)")
    parser.add_argument("--hours", type=float, default=None, help="span on the device (default: the scenario's)")
    parser.add_argument("--max-registers", type=int, default=None, help="most registers of a thread, on the device")
    options = parser.parse_args()
    console = Console(highlight=False, width=120)
    try:
        require(needs_device=False)
    except PlantError as missing:
        console.print(str(missing), markup=False)
        return 2
    scenario = load_scenario(options.scenario)
    whole_plant, whole = prepare(scenario)
    begun = copy_program(whole)
    SimulationEngineOptimized(begun).begin()
    n_steps = round((options.hours or scenario.hours) * 3600.0 / scenario.step_s)
    plant, program = prepare(load_scenario("test_8hour"))
    SimulationEngineOptimized(program).begin()
    is_same = (program.n_slots, program.component_ids) == (begun.n_slots, begun.component_ids)
    empty = slots_not_carried(begun, n_steps) if is_same else slots_not_carried(program, 480)
    works = count(plant, program, empty)
    console.print(bytes_table("Where the bytes go, by what they are", works, 0))
    console.print(bytes_table("Where the bytes go, by the kind that touches a word first", works, 1))
    kinds = tuple((k, program.kinds[k]) for k in sorted(set(program.component_kinds)))
    reported: dict[str, Assembled] = {}
    for way, wanted in (("everything", None), ("figures", wanted_by_figures(plant, program))):
        code = list(code_figures(kinds, frozenset() if wanted is None else wanted.dropped, reported))
        console.print(measured_table(f"Compiled for compute capability 9.0, {way} kept", code))
        console.print(
            measured_table(f"Work of one plant in a step, {way} kept", list(work_figures(program, wanted, works[way])))
        )
        console.print(
            measured_table(f"Roofs by data sheets, {way} kept", list(roof_figures(works[way], reported.get("code"))))
        )
    missing_device = missing_part()
    if missing_device is not None:
        console.print(f"not measured on a device: {missing_device.what}", markup=False)
        return 0
    from h2plant.cuda import jit

    jit.MAX_REGISTERS = options.max_registers
    is_met = True
    for way, figures_of in (("everything", None), ("figures", whole_plant)):
        figures = list(device_figures(whole, options.plants, n_steps, figures_of, works[way]))
        console.print(measured_table(f"On the device, {way} kept", figures))
        # the bar is that of a sweep, which keeps figures
        is_met &= all(figure.is_met for figure in figures if way == "figures" or figure.sign == "<=")
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
