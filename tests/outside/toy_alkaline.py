"""An alkaline stack outside the package: a technology, costs, starts and wear of its own on known electrochemistry.

Its physics is that of the built-in PEM stack, called as helpers, so that every figure has a twin to be compared with.
"""

from dataclasses import replace

from h2plant.components import pem_stack
from h2plant.components.pem_stack import begin as begin_of_twin
from h2plant.components.pem_stack import content as content_of_twin
from h2plant.components.pem_stack import emit as emit_of_twin
from h2plant.components.pem_stack import step as step_of_twin
from h2plant.core.declare import Kind
from h2plant.core.jit import kernel


@kernel
def begin(c, props):
    """Fill the loop."""
    return begin_of_twin(c, props)


@kernel
def step(c, bus, props, dt):
    """Advance the stack."""
    return step_of_twin(c, bus, props, dt)


@kernel
def emit(c, bus, props, dt):
    """Hand out gas and heat from what is held."""
    return emit_of_twin(c, bus, props, dt)


@kernel
def content(c, props):
    """Return what the stack holds."""
    return content_of_twin(c, props)


_TWIN = pem_stack.KIND

KIND = Kind(
    name="toy_alkaline",
    doc="Alkaline stack for tests.",
    fields=_TWIN.fields,
    ports=_TWIN.ports,
    step=step,
    emit=emit,
    begin=begin,
    content=content,
    role=replace(
        _TWIN.role,
        technology="LYE",
        unit="LYE stack",
        units="LYE stacks",
        starts=tuple(replace(s, label=s.label.replace("PEM", "LYE")) for s in _TWIN.role.starts),
    ),
    costs=_TWIN.costs,
    laws=_TWIN.laws,
)
