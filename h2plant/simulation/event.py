"""Events: a status other than OK opens one, its end or another status closes it; nothing is lost.

What ``emit`` and ``step`` of a component report are events of their own: a tank may be short while its gas is off
specification. ``Arrays.status`` and its like have a place for each component, for its ``step``, and behind them one for
each entry of the schedule of ``emit``.
"""

from typing import NamedTuple

from h2plant.core.jit import kernel
from h2plant.core.status import OK
from h2plant.simulation.program import (
    AMOUNT,
    CODE,
    COMPONENT,
    FIRST_STEP,
    LAST_STEP,
    N_EVENTS,
    N_OPENED,
    PEAK,
    STEP,
    FloatArray,
    IntArray,
)


@kernel
def note_status(a, place, code, amount, step_number, dt):
    """Book the status of a component's ``step``, or of an entry of ``emit``: opens, extends or closes its event."""
    before = a.status[place]
    if before != OK and code != before:
        close_event(a, place, step_number - 1)
    if code != OK:
        if code != before:
            a.status[place] = code
            a.event_first_step[place] = step_number
            a.event_amount[place] = 0.0
            a.event_peak[place] = 0.0
            a.counters[N_OPENED] += 1
        a.event_amount[place] += amount * dt
        if abs(amount) > abs(a.event_peak[place]):
            a.event_peak[place] = amount


@kernel
def close_event(a, place, last_step):
    """Write an open event to the buffer."""
    n = a.counters[N_EVENTS]
    n_components = a.status.size - a.emit_component.size
    a.event_marks[n, COMPONENT] = place if place < n_components else a.emit_component[place - n_components]
    a.event_marks[n, CODE] = a.status[place]
    a.event_marks[n, FIRST_STEP] = a.event_first_step[place]
    a.event_marks[n, LAST_STEP] = last_step
    a.event_sizes[n, AMOUNT] = a.event_amount[place]
    a.event_sizes[n, PEAK] = a.event_peak[place]
    a.counters[N_EVENTS] = n + 1
    a.status[place] = OK


class Start(NamedTuple):
    """Copies of the arrays of the same names that a step writes to (see ``program.Arrays``)."""

    bus: FloatArray
    memory: FloatArray
    status: IntArray
    event_first_step: IntArray
    event_amount: FloatArray
    event_peak: FloatArray
    counters: IntArray
    interval_sum: FloatArray
    totals: FloatArray
    output_sum: FloatArray


class Watch(NamedTuple):
    """What tells a step of a mode that was never seen before.

    Attributes
    ----------
    places
        Fields whose values are modes, as places in memory, shape (n,).
    last
        Their values in the last step, shape (n,): most steps change none, and compare no more than these.
    seen
        Their values seen so far, a bit each, shape (n,).
    codes_seen
        Status codes seen so far in each place of ``Arrays.status``, a bit each.
    notes
        (field, value) of each value seen for the first time, shape (62 n, 2).
    counts
        Number of notes, 1 where the last step was of a new mode, events that had begun, drawn steps that are over,
        shape (4,).
    start
        The plant as it was at most ``loop.STRETCH`` steps before.
    drawn
        Numbers of the steps that are kept whatever they are, in their order.
    fields
        What is kept besides the bus, as places in memory.
    kept
        Of each drawn step: bus before and after it, fields before and after it.
    """

    places: IntArray
    last: FloatArray
    seen: IntArray
    codes_seen: IntArray
    notes: IntArray
    counts: IntArray
    start: Start
    drawn: IntArray
    fields: IntArray
    kept: FloatArray


@kernel
def keep_before(a, watch):
    """Keep bus and fields if the step to come is a drawn one; tells whether it is."""
    k = watch.counts[3]
    if k >= watch.drawn.size or watch.drawn[k] != a.counters[STEP]:
        return False
    n = a.bus.size
    for i in range(n):
        watch.kept[k, i] = a.bus[i]
    for i in range(watch.fields.size):
        watch.kept[k, 2 * n + i] = a.memory[watch.fields[i]]
    return True


@kernel
def keep_after(a, watch):
    """Keep bus and fields after the drawn step that was just made."""
    k = watch.counts[3]
    n = a.bus.size
    for i in range(n):
        watch.kept[k, n + i] = a.bus[i]
    for i in range(watch.fields.size):
        watch.kept[k, 2 * n + watch.fields.size + i] = a.memory[watch.fields[i]]
    watch.counts[3] += 1


@kernel
def is_of_new_mode(a, watch):
    """Tell whether a field has a value, or a place a status, from 0 to 61 that it never had; fields are noted."""
    is_new = False
    if a.counters[N_OPENED] != watch.counts[2]:
        watch.counts[2] = a.counters[N_OPENED]
        for place in range(a.status.size):
            bit = 1 << min(a.status[place], 61)
            if watch.codes_seen[place] & bit == 0:
                watch.codes_seen[place] |= bit
                is_new = True
    for k in range(watch.places.size):
        value = a.memory[watch.places[k]]
        if value == watch.last[k]:
            continue
        watch.last[k] = value
        mode = int(value)
        bit = 1 << min(max(mode, 0), 61)
        if watch.seen[k] & bit == 0:
            watch.seen[k] |= bit
            watch.notes[watch.counts[0], 0] = k
            watch.notes[watch.counts[0], 1] = mode
            watch.counts[0] += 1
            is_new = True
    watch.counts[1] = is_new
    return is_new


@kernel
def copy(values, to):
    """Copy numbers to an array of the same length."""
    for k in range(values.size):
        to[k] = values[k]


@kernel
def copy_start(a, start):
    """Copy all that a step writes to, but for the log and the events that are over."""
    copy(a.bus, start.bus)
    copy(a.memory, start.memory)
    copy(a.status, start.status)
    copy(a.event_first_step, start.event_first_step)
    copy(a.event_amount, start.event_amount)
    copy(a.event_peak, start.event_peak)
    copy(a.counters, start.counters)
    copy(a.interval_sum, start.interval_sum)
    copy(a.totals, start.totals)
    copy(a.output_sum, start.output_sum)
