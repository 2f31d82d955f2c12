"""A well-mixed thermal store whose cooler is held by a control valve, advanced exactly over a step."""

import math

from h2plant.core.exponential import exponential
from h2plant.core.jit import kernel
from h2plant.physics.relaxation import linear_step, mean_decay


@kernel
def _crossing_step(temperature_k, setpoint_k, capacity, source_w, loss, cooler, sink_k, dt):
    """Advance a store that reaches its setpoint from below within the step; the valve opens there."""
    rate_w = source_w - loss * setpoint_k  # what is left to warm the store at the setpoint, > 0
    y = loss * (setpoint_k - temperature_k) / rate_w
    slower = math.log1p(y) / y if y > 1.0e-8 else 1.0 - 0.5 * y
    first = min(capacity * (setpoint_k - temperature_k) / rate_w * slower, dt)
    rest = dt - first
    per_c = 1.0 / capacity
    _, first_mean_k = linear_step(temperature_k, source_w * per_c, loss * per_c, first)
    end_k = setpoint_k
    rest_mean_k = setpoint_k
    removed_w = rate_w
    if rate_w > cooler * (setpoint_k - sink_k):  # the open valve cannot hold it
        if setpoint_k <= sink_k:
            cooler = 0.0
        end_k, rest_mean_k = linear_step(
            setpoint_k, (source_w + cooler * sink_k) * per_c, (loss + cooler) * per_c, rest
        )
        removed_w = cooler * (rest_mean_k - sink_k)
    mean_k = (first_mean_k * first + rest_mean_k * rest) / dt
    return end_k, mean_k, removed_w * rest / dt, rest_mean_k


@kernel
def cooled_store_step(
    temperature_k,
    setpoint_k,
    control_time_s,
    capacity_j_per_k,
    source_w,
    loss_w_per_k,
    cooler_w_per_k,
    sink_k,
    dt,
):
    """Advance a store as ``decayed_store_step`` does, with a loss or a time constant that changes from step to step.

    ``control_time_s``: time constant of the control; zero: at once.
    """
    decay = mean_decay(loss_w_per_k * dt / capacity_j_per_k)
    control = 0.0
    if temperature_k > setpoint_k and control_time_s > 0.0:
        control = exponential(-dt / control_time_s)
    return decayed_store_step(
        temperature_k,
        setpoint_k,
        control,
        capacity_j_per_k,
        source_w,
        loss_w_per_k,
        decay,
        cooler_w_per_k,
        sink_k,
        dt,
    )


@kernel
def decayed_store_step(
    temperature_k,
    setpoint_k,
    control_frac,
    capacity_j_per_k,
    source_w,
    loss_w_per_k,
    decay,
    cooler_w_per_k,
    sink_k,
    dt,
):
    """Advance C dT/dt = source - K T - S exactly by dt; S >= 0 is what a controlled cooler takes.

    Arguments: temperature, K; setpoint, K; what the control leaves of a deviation of a store that is too warm,
    exp(-dt / control time), -; heat capacity C, J/K; all constant sources, W (with K_i T_i of each loss);
    sum K of the conductances of losses, W/K; ``mean_decay`` of K dt / C; conductance of the cooler with
    its valve fully open, W/K; temperature that the cooler cools to, K; step, s. Returns (T at the end, mean T,
    mean S in W, mean T while the cooler worked).

    The cooler stays shut below the setpoint. A store that reaches it within the step is held there from
    then on, as far as the open valve, S = cooler (T - sink), can. One that starts above it is given the
    constant S that ends the step at setpoint + (T - setpoint) exp(-dt / control time), or the open valve
    where that is less. Exact solutions of the linear equation in each case, so that
    C (T_end - T) / dt = source - K T_mean - S to rounding.
    """
    per_c = 1.0 / capacity_j_per_k
    x = loss_w_per_k * per_c * dt
    f = decay
    g = 0.5 - x * (1.0 / 6.0 - x / 24.0) if x < 1.0e-3 else (1.0 - f) / x
    change = (source_w - loss_w_per_k * temperature_k) * per_c * dt
    end_k = temperature_k + change * f
    mean_k = temperature_k + change * g
    goal_k = setpoint_k
    if temperature_k > setpoint_k:
        goal_k += (temperature_k - setpoint_k) * control_frac
    if end_k <= goal_k or cooler_w_per_k <= 0.0:
        return end_k, mean_k, 0.0, mean_k
    if temperature_k < setpoint_k:
        return _crossing_step(
            temperature_k, setpoint_k, capacity_j_per_k, source_w, loss_w_per_k, cooler_w_per_k, sink_k, dt
        )
    total = loss_w_per_k + cooler_w_per_k
    x_open = total * per_c * dt
    f_open = mean_decay(x_open)
    change_open = (source_w + cooler_w_per_k * sink_k - total * temperature_k) * per_c * dt
    open_end_k = temperature_k + change_open * f_open
    if open_end_k >= goal_k:
        g_open = 0.5 - x_open * (1.0 / 6.0 - x_open / 24.0) if x_open < 1.0e-3 else (1.0 - f_open) / x_open
        open_mean_k = temperature_k + change_open * g_open
        removed_w = cooler_w_per_k * (open_mean_k - sink_k)
        if removed_w <= 0.0:
            return end_k, mean_k, 0.0, mean_k
        return open_end_k, open_mean_k, removed_w, open_mean_k
    removed_w = (end_k - goal_k) * capacity_j_per_k / (dt * f)
    mean_k -= removed_w * per_c * dt * g
    return goal_k, mean_k, removed_w, mean_k
