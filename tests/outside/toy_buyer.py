"""A buyer of hydrogen outside the package: asks for a flow by its timetable and pays for what it gets."""

from h2plant.components import truck_loading
from h2plant.components.truck_loading import begin as begin_of_twin
from h2plant.components.truck_loading import step as step_of_twin
from h2plant.core.declare import Kind
from h2plant.core.jit import kernel


@kernel
def begin(c, props):
    """Start with empty bays."""
    return begin_of_twin(c, props)


@kernel
def step(c, bus, props, dt):
    """Take what comes, pay for it, and ask for the next step's flow."""
    return step_of_twin(c, bus, props, dt)


_TWIN = truck_loading.KIND

KIND = Kind(
    name="toy_buyer",
    doc="Customer for tests.",
    fields=_TWIN.fields,
    ports=_TWIN.ports,
    step=step,
    begin=begin,
    role=_TWIN.role,
    costs=_TWIN.costs,
    laws=_TWIN.laws,
)
