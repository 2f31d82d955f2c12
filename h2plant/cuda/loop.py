"""The loop of one lane: what ``h2plant.simulation.loop`` does for a plant, without log and events.

The kernels of the kinds come as two functions, ``call_step`` and ``call_emit``, that take the index of a kind and
the record's place: on the device there are no calls by address, so they choose with a chain of comparisons, which
the compiler turns into a jump by index. All threads of a warp are at the same entry of the schedule, so the jump
never splits them.
"""

from h2plant.core.bus import TIME
from h2plant.core.jit import leaf
from h2plant.core.status import FATAL, OK, OUT_OF_RANGE
from h2plant.cuda.lanes import MARK, MISJUDGED, UNEXPECTED_FLOW
from h2plant.simulation.loop import series_mean
from h2plant.simulation.program import COPY


@leaf
def put_lane_series(a, bus, base, time_s, dt):
    """Write the mean of every series over the step to its slot; the lane's set of series starts at ``base``."""
    for k in range(a.series_slot.size):
        bus[a.series_slot[k]] = series_mean(
            a.series_values,
            base + a.series_first[k],
            a.series_count[k],
            a.series_resolution_s[k],
            a.series_is_linear[k] != 0,
            a.series_offset_s[k] + time_s,
            dt,
        )


@leaf
def emit_lane(call_emit, a, shared, props, bus, memory, dt):
    """Let all storages write what they hold; returns (status, component that failed or -1)."""
    for i in range(a.emit_kind.size):
        record = a.emit_record[i]
        if a.emit_kind[i] == COPY:
            bus[a.copies[record, 1]] = bus[a.copies[record, 0]]
        else:
            code = call_emit(a.emit_kind[i], memory, shared, record, a.emit_stride[i], bus, props, dt)
            if code >= FATAL:
                return code, a.emit_component[i]
    return OK, -1


@leaf
def step_lane(call_step, a, shared, props, bus, memory, dt):
    """Step all components in the order of the schedule; returns (status, component that failed or -1)."""
    for i in range(a.step_kind.size):
        record = a.step_record[i]
        if a.step_kind[i] == COPY:
            bus[a.copies[record, 1]] = bus[a.copies[record, 0]]
        else:
            code = call_step(a.step_kind[i], memory, shared, record, a.step_stride[i], bus, props, dt)
            if code >= FATAL:
                return code, a.step_component[i]
    return OK, -1


@leaf
def add_up_lane(a, bus, sums):
    """Add the slots whose totals are kept to the running sums.

    Most slots of a stream are zero, for a species that it does not carry. Passing them over changes no sum and saves
    what the device is short of: traffic between its memory and its processors. Whether the bus is finite is seen
    where it is written, so what is not summed need not be read again.
    """
    for k in range(a.summed_slots.size):
        value = bus[a.summed_slots[k]]
        if value != 0.0:
            sums[k] = sums[k] + value


@leaf
def checked_status(bus, code):
    """Return the status of a step, given that of its components: worse if the bus was marked."""
    mark = bus[MARK]
    if mark == UNEXPECTED_FLOW:
        return MISJUDGED
    return code if mark == 0.0 or code >= FATAL else OUT_OF_RANGE


@leaf
def close_lane_interval(n_summed, sums, totals, dt):
    """Add the sums of a finished interval to the totals, as the CPU's loop does at the end of a log interval."""
    for k in range(n_summed):
        totals[k] = totals[k] + sums[k] * dt
        sums[k] = 0.0


@leaf
def advance_lane(
    call_step, call_emit, a, shared, props, bus, memory, sums, totals, base, first_step, n_steps, dt, steps_per_log
):
    """Run a lane for n_steps from step number ``first_step``; returns (steps done, status, component or -1)."""
    for done in range(n_steps):
        step_number = first_step + done
        time_s = step_number * dt
        bus[TIME] = time_s
        put_lane_series(a, bus, base, time_s, dt)
        code, component = emit_lane(call_emit, a, shared, props, bus, memory, dt)
        if code < FATAL:
            code, component = step_lane(call_step, a, shared, props, bus, memory, dt)
        code = checked_status(bus, code)
        if code >= FATAL:
            return done, code, component
        add_up_lane(a, bus, sums)
        if (step_number + 1) % steps_per_log == 0:
            close_lane_interval(a.summed_slots.size, sums, totals, dt)
    return n_steps, OK, -1
