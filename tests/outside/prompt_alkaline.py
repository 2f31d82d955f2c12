"""An alkaline stack outside the package that holds nothing up: gas and heat leave in the step that makes them.

So all that treats them waits for the stack, the stack for its line, the line for the rule of dispatch: the rule cannot
read their power of the same step.
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
    """Advance the stack, and hand out at once what it made."""
    status = step_of_twin(c, bus, props, dt)
    emit_of_twin(c, bus, props, dt)
    return status


@kernel
def content(c, props):
    """Return what the stack holds."""
    return content_of_twin(c, props)


_TWIN = pem_stack.KIND

KIND = Kind(
    name="prompt_alkaline",
    doc="Alkaline stack without hold-up, for tests.",
    fields=_TWIN.fields,
    ports=tuple(replace(port, is_emitted=False) for port in _TWIN.ports),
    step=step,
    begin=begin,
    content=content,
    role=replace(_TWIN.role, technology="LYE", unit="LYE stack", units="LYE stacks"),
    costs=_TWIN.costs,
    laws=_TWIN.laws,
)
