"""A rule of one's own: a Python function in a file beside the plant decides both lines' powers.

The kernel below stands for it where the function is not loaded; ``config.own_rule`` makes the kernel that calls it.
"""

from h2plant.core.declare import Kind, memory
from h2plant.core.jit import kernel
from h2plant.core.role import Dispatch
from h2plant.core.status import RULE_RAISED
from h2plant.dispatch.declaration import PORTS, UNIT_FIELDS
from h2plant.dispatch.setpoints import begin_units

N_MEMORY = 16
"""Numbers that a rule may keep from step to step."""


@kernel
def step(c, bus, props, dt):
    """Refuse: the function of this plant was not loaded."""
    return RULE_RAISED


KIND = Kind(
    name="user_rule",
    doc="A function in a Python file of yours decides the power of both lines.",
    fields=(
        *(memory(f"memory_{i}", "1", "kept by the rule from step to step") for i in range(N_MEMORY)),
        *UNIT_FIELDS,
    ),
    ports=PORTS,
    step=step,
    begin=begin_units,
    group="dispatch",
    function_key="file",
    role=Dispatch(),
    costs=(),
)
