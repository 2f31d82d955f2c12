"""A rule of one's own: a Python function in a file beside the plant decides the powers of all lines.

The kernel below stands for it where the function is not loaded; ``config.own_rule`` makes the kernel that calls it.
"""

from h2plant.core.bus import MOST_LINES, REACH
from h2plant.core.declare import Kind, memory, parameter
from h2plant.core.jit import kernel, leaf
from h2plant.core.status import RULE_RAISED
from h2plant.dispatch.declaration import PORTS, ROLE, RULE_FIELDS
from h2plant.dispatch.serve import own_power
from h2plant.laws.battery_dispatch import surplus_battery
from h2plant.laws.dispatch import rule_laws

N_MEMORY = 16
"""Numbers that a rule may keep from step to step."""


ARRAYS = (
    *("source_w", "source_price_eur_per_mwh", "source_renewable_w"),
    *("line_w", "line_power_w", "line_minimum_w", "line_energy_j_per_kg", "request_w"),
)
"""What a rule takes of sources and lines, a number for each."""


@leaf
def of_old_line(number, values):
    """Return a value of a line by its number, from 1; 0 if there is none."""
    return values[int(number) - 1] if 0.5 < number < len(values) + 0.5 else 0.0


@leaf
def ask_old_line(number, request_w, power_w):
    """Request a power for a line by its number, from 1, if there is one."""
    if 0.5 < number < len(request_w) + 0.5:
        request_w[int(number) - 1] = power_w


@leaf
def forecast_power(c, bus):
    """Return the own power at the end of the first line's ramp, W; that of now where nobody knows it."""
    reach = bus[c.lines + REACH] if c.n_lines > 0 else -1.0
    return reach if reach >= 0.0 else own_power(c, bus)


@kernel
def step(c, bus, props, dt):
    """Refuse: the function of this plant was not loaded."""
    return RULE_RAISED


KIND = Kind(
    name="user_rule",
    doc="A function in a Python file of yours decides the power of all lines.",
    fields=(
        *(memory(f"memory_{i}", "1", "kept by the rule from step to step") for i in range(N_MEMORY)),
        *(memory(f"{name}_{i}", "1", "handed to the rule") for name in ARRAYS for i in range(MOST_LINES)),
        parameter(
            "soec_line_number",
            "1",
            "line that a rule of old calls SOEC, from 1; 0: none",
            1.0,
            0.0,
            16.0,
            is_whole=True,
        ),
        parameter(
            "pem_line_number", "1", "line that a rule of old calls PEM, from 1; 0: none", 2.0, 0.0, 16.0, is_whole=True
        ),
        *RULE_FIELDS,
    ),
    ports=PORTS,
    step=step,
    group="dispatch",
    function_key="file",
    role=ROLE,
    laws=(*rule_laws(), surplus_battery()),
    costs=(),
)
