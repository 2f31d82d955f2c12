"""A lumped body whose temperature a cooling valve brings to a setpoint."""

from h2plant.core.jit import kernel
from h2plant.physics.relaxation import linear_step


@kernel
def cooled_step(
    temperature_k,
    source_k_per_s,
    capacity_j_per_k,
    loss_w_per_k,
    ambient_k,
    cooling_w_per_k,
    coolant_k,
    setpoint_k,
    decay,
    decay_mean,
    dt,
):
    """Advance C dT/dt = C s - K_loss (T - T_ambient) - Q by dt; Q from the valve, 0 to K_cooling (T - T_coolant).

    The controller lets T approach the setpoint as exp(-t/tau). Where that would need heating, the valve is
    shut; where it would need more than the cooler gives, the valve is open; both are solved exactly. The
    cooling is what closes the balance over the step: C (T_end - T) / dt = C s - K_loss (T_mean - T_ambient) - Q.

    Parameters
    ----------
    source_k_per_s
        Rise of temperature without loss and cooling, s.
    decay, decay_mean
        exp(-dt/tau) of the controller, and its mean over the step.

    Returns
    -------
    (temperature at the end in K, mean temperature in K, mean cooling in W)
    """
    wanted = setpoint_k + (temperature_k - setpoint_k) * decay
    mean = setpoint_k + (temperature_k - setpoint_k) * decay_mean
    cooling = capacity_j_per_k * (source_k_per_s - (wanted - temperature_k) / dt) - loss_w_per_k * (mean - ambient_k)
    if 0.0 <= cooling <= cooling_w_per_k * (mean - coolant_k):
        return wanted, mean, cooling
    if cooling > 0.0 and cooling_w_per_k > 0.0:
        source = source_k_per_s + (loss_w_per_k * ambient_k + cooling_w_per_k * coolant_k) / capacity_j_per_k
        end, mean = linear_step(temperature_k, source, (loss_w_per_k + cooling_w_per_k) / capacity_j_per_k, dt)
        if mean > coolant_k:
            return end, mean, cooling_w_per_k * (mean - coolant_k)
    rate = loss_w_per_k / capacity_j_per_k
    end, mean = linear_step(temperature_k, source_k_per_s + rate * ambient_k, rate, dt)
    return end, mean, 0.0
