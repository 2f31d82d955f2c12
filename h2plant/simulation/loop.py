"""The compiled loop: minutes times schedule, in one call.

Order within a step: series onto the bus; storages emit what they hold (``emit_all``); all components step in
topological order (``step_all``); the bus is added to the running sums. At the end of a log interval the means
of the bus and of the outputs and the end values of the states become a row of the log.
"""

import math

from h2plant.core.block_sum import BLOCK, add_block
from h2plant.core.bus import TIME
from h2plant.core.finite import is_number
from h2plant.core.jit import kernel, leaf
from h2plant.core.status import OUT_OF_RANGE
from h2plant.simulation.calls import emit_all, step_all
from h2plant.simulation.event import copy_start, is_of_new_mode, keep_after, keep_before
from h2plant.simulation.program import FAILED_CODE, FAILED_COMPONENT, IN_INTERVAL, LOG_ROW, N_EVENTS, STEP


@leaf
def series_mean(values, first, count, resolution_s, is_linear, begin_s, dt):
    """Return the mean of a series from begin_s (since its first sample) over dt.

    Held series keep a sample's value until the next; linear ones join the samples, the last one is held.
    Steps longer than the resolution are averaged over sub-intervals of at most one resolution.
    """
    n = max(1, math.ceil(dt / resolution_s - 1.0e-9))
    width = dt / n
    total = 0.0
    for k in range(n):
        position = (begin_s + (k + 0.5) * width) / resolution_s
        i = min(max(int(position), 0), count - 1)
        value = values[first + i]
        if is_linear and i + 1 < count:
            value += (values[first + i + 1] - value) * (position - i)
        total += value
    return total / n


@leaf
def put_series(a, time_s, dt):
    """Write the mean of every series over the step to its slot."""
    for k in range(a.series_slot.size):
        a.bus[a.series_slot[k]] = series_mean(
            a.series_values,
            a.series_first[k],
            a.series_count[k],
            a.series_resolution_s[k],
            a.series_is_linear[k] != 0,
            a.series_offset_s[k] + time_s,
            dt,
        )


@kernel
def add_up(bus, interval_sum, memory, output_block, output_sum):
    """Add the bus and the outputs after a step to the running sums; tells whether the bus is finite.

    Each in one pass; outputs in blocks, with whatever else lies in them (a third of the time of one by one). Of a
    step that is not finite the sums are worth nothing: the engine goes back to the start of the slice, sums included,
    and makes the steps before it again.
    """
    total = 0.0
    for i in range(bus.size):
        value = bus[i]
        total += value
        interval_sum[i] += value
    for k in range(output_block.size):
        add_block(output_sum, BLOCK * k, memory, output_block[k])
    return is_number(total)


@kernel
def close_interval(a, slot_columns, dt):
    """Turn the sums of the finished log interval into a row of the log and into totals."""
    n = a.counters[IN_INTERVAL]
    row = a.counters[LOG_ROW]
    n_slots = slot_columns.size
    n_outputs = a.output_index.size
    for i in range(a.bus.size):
        a.totals[i] += a.interval_sum[i] * dt
    for k in range(n_slots):
        a.log[row, k] = a.interval_sum[slot_columns[k]] / n
    for i in range(a.bus.size):
        a.interval_sum[i] = 0.0
    for k in range(n_outputs):
        a.log[row, n_slots + k] = a.output_sum[a.output_place[k]] / n
    for k in range(a.output_sum.size):
        a.output_sum[k] = 0.0
    for k in range(a.state_index.size):
        a.log[row, n_slots + n_outputs + k] = a.memory[a.state_index[k]]
    a.counters[LOG_ROW] = row + 1
    a.counters[IN_INTERVAL] = 0


@leaf
def finish_step(a, slot_columns, failed, step_number, dt, steps_per_log):
    """Book a step, and close its log interval at the end; False if the step failed: it does not count then.

    ``failed`` is the component that failed, or -1.
    """
    if failed >= 0 or not add_up(a.bus, a.interval_sum, a.memory, a.output_block, a.output_sum):
        a.counters[FAILED_COMPONENT] = failed
        if failed < 0:
            a.counters[FAILED_CODE] = OUT_OF_RANGE
        return False
    a.counters[STEP] = step_number + 1
    a.counters[IN_INTERVAL] += 1
    if a.counters[IN_INTERVAL] >= steps_per_log:
        close_interval(a, slot_columns, dt)
    return True


@leaf
def has_room(a):
    """Tell whether log and events have room for a step."""
    return a.counters[LOG_ROW] < a.log.shape[0] and a.counters[N_EVENTS] <= a.event_marks.shape[0] - 2 * a.status.size


@leaf
def make_step(calls, a, slot_columns, dt, steps_per_log):
    """Make a step and book it; False if it failed."""
    step_number = a.counters[STEP]
    time_s = step_number * dt
    a.bus[TIME] = time_s
    put_series(a, time_s, dt)
    failed = emit_all(calls, a, dt, step_number)
    if failed < 0:
        failed = step_all(calls, a, dt, step_number)
    return finish_step(a, slot_columns, failed, step_number, dt, steps_per_log)


@kernel
def advance(calls, a, slot_columns, n_steps, dt, steps_per_log):
    """Run n_steps; returns the number done (fewer when a buffer is full or the run failed).

    A fatal status or a value that is not finite stops the run: ``counters`` then hold component and code.
    """
    for done in range(n_steps):
        if not has_room(a) or not make_step(calls, a, slot_columns, dt, steps_per_log):
            return done
    return n_steps


STRETCH = 64
"""Most steps between two starts that a watch keeps: 5 us each, and half of them are made again for each mode."""
_FIRST_STRETCH = 4
"""Modes come in groups, so starts are kept close together after one, and then less and less."""


@kernel
def advance_watched(calls, a, slot_columns, n_steps, dt, steps_per_log, watch):
    """Run n_steps as ``advance`` does and keep the drawn ones; ends with the first step of a mode.

    Returns the number done.
    """
    due = 0
    for done in range(n_steps):
        if done == due:
            copy_start(a, watch.start)
            due += min(done + _FIRST_STRETCH, STRETCH)
        if not has_room(a):
            return done
        is_drawn = keep_before(a, watch)
        if not make_step(calls, a, slot_columns, dt, steps_per_log):
            return done
        if is_drawn:
            keep_after(a, watch)
        if is_of_new_mode(a, watch):
            return done + 1
    return n_steps
