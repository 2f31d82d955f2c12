"""Events: a status other than OK opens one, its end or another status closes it; nothing is lost.

What ``emit`` and ``step`` of a component report are events of their own: a tank may be short while its gas is off
specification. ``Arrays.status`` and its like have a place for each component, for its ``step``, and behind them one for
each entry of the schedule of ``emit``.
"""

from h2plant.core.jit import kernel
from h2plant.core.status import OK
from h2plant.simulation.program import AMOUNT, CODE, COMPONENT, FIRST_STEP, LAST_STEP, N_EVENTS, PEAK


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


@kernel
def note_modes(memory, step_number, index, seen, notes, n_notes):
    """Note the fields that have a value from 0 to 61 which they never had before (see ``step_keeper.Watch``)."""
    for k in range(index.size):
        mode = int(memory[index[k]])
        bit = 1 << min(max(mode, 0), 61)
        if seen[k] & bit == 0:
            seen[k] |= bit
            notes[n_notes[0], 0] = k
            notes[n_notes[0], 1] = mode
            notes[n_notes[0], 2] = step_number
            n_notes[0] += 1
