"""Events: a status other than OK opens one, its end or another status closes it; nothing is lost."""

from h2plant.core.jit import kernel
from h2plant.core.status import OK
from h2plant.simulation.program import AMOUNT, CODE, COMPONENT, FIRST_STEP, LAST_STEP, N_EVENTS, PEAK


@kernel
def note_status(a, component, code, amount, step_number, dt):
    """Book a component's status for this step (opens, extends or closes its event)."""
    before = a.status[component]
    if before != OK and code != before:
        close_event(a, component, step_number - 1)
    if code != OK:
        if code != before:
            a.status[component] = code
            a.event_first_step[component] = step_number
            a.event_amount[component] = 0.0
            a.event_peak[component] = 0.0
        a.event_amount[component] += amount * dt
        if abs(amount) > abs(a.event_peak[component]):
            a.event_peak[component] = amount


@kernel
def close_event(a, component, last_step):
    """Write a component's open event to the buffer."""
    n = a.counters[N_EVENTS]
    a.event_marks[n, COMPONENT] = component
    a.event_marks[n, CODE] = a.status[component]
    a.event_marks[n, FIRST_STEP] = a.event_first_step[component]
    a.event_marks[n, LAST_STEP] = last_step
    a.event_sizes[n, AMOUNT] = a.event_amount[component]
    a.event_sizes[n, PEAK] = a.event_peak[component]
    a.counters[N_EVENTS] = n + 1
    a.status[component] = OK
