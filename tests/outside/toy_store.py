"""A store of hydrogen outside the package: vessels that fill, give on demand and blow off, with costs of their own."""

from h2plant.components import gas_tank
from h2plant.components.gas_tank import begin as begin_of_twin
from h2plant.components.gas_tank import content as content_of_twin
from h2plant.components.gas_tank import emit as emit_of_twin
from h2plant.components.gas_tank import step as step_of_twin
from h2plant.core.declare import Kind
from h2plant.core.jit import kernel


@kernel
def begin(c, props):
    """Fill the vessels."""
    return begin_of_twin(c, props)


@kernel
def emit(c, bus, props, dt):
    """Give what is asked for, as far as it is there."""
    return emit_of_twin(c, bus, props, dt)


@kernel
def step(c, bus, props, dt):
    """Take in what comes."""
    return step_of_twin(c, bus, props, dt)


@kernel
def content(c, props):
    """Return what the vessels hold."""
    return content_of_twin(c, props)


_TWIN = gas_tank.KIND

KIND = Kind(
    name="toy_store",
    doc="Vessels for tests.",
    fields=_TWIN.fields,
    ports=_TWIN.ports,
    step=step,
    emit=emit,
    begin=begin,
    content=content,
    role=_TWIN.role,
    costs=_TWIN.costs,
    laws=_TWIN.laws,
)
