"""Centrifugal pumps: head curve, affinity laws, efficiency, and the flow of a pump and its pipe over a step.

Head curve and similarity: Gülich, Centrifugal Pumps, 3rd ed. 2014, ch. 3 and 4 (DOI 10.1007/978-3-642-40114-5).
With q the volume flow in m3/s and n the speed over the rated speed:
rise of pressure  dp = n^2 p0 - k q^2,  system  dp = p_static + k_s q^2,
water column      L dq/dt = n^2 p0 - p_static - (k + k_s) q^2,  with L = rho l / A in kg/m4 (rigid column).
"""

import math

from h2plant.core.exponential import exponential_less_one
from h2plant.core.jit import kernel, leaf


@leaf
def pump_pressure_rise(shut_off_pressure_pa, curve_pa_s2_per_m6, speed_ratio, flow_m3_per_s):
    """Return the rise of pressure, Pa, at a speed (over rated) and flow: n^2 p0 - k q^2 (affinity laws)."""
    return speed_ratio * speed_ratio * shut_off_pressure_pa - curve_pa_s2_per_m6 * flow_m3_per_s * flow_m3_per_s


@leaf
def pump_speed(static_pressure_pa, resistance_pa_s2_per_m6, shut_off_pressure_pa, flow_m3_per_s):
    """Return the speed over rated speed at which a flow is steady.

    n = sqrt((p_static + (k + k_s) q^2) / p0), from head curve and system curve; ``resistance`` is k + k_s.
    """
    needed_pa = static_pressure_pa + resistance_pa_s2_per_m6 * flow_m3_per_s * flow_m3_per_s
    return math.sqrt(max(needed_pa, 0.0) / shut_off_pressure_pa)


@leaf
def pump_efficiency(best_efficiency_frac, flow_ratio):
    """Return the efficiency (flow work over shaft work) at flow_ratio = (q / q_best) / n.

    eta = eta_best (2 r - r^2), the parabola through the origin with its top at r = 1; speed leaves eta(r)
    as it is. Ulanicki, Kahler and Coulbeck 2008 (DOI 10.1061/(ASCE)0733-9496(2008)134:1(88)). For 0 <= r < 2.
    """
    return best_efficiency_frac * flow_ratio * (2.0 - flow_ratio)


@leaf
def pump_shaft_power(pressure_rise_pa, flow_m3_per_s, best_flow_m3_per_s, speed_ratio, best_efficiency_frac):
    """Return the shaft power, W: dp q / eta with the efficiency of ``pump_efficiency``, finite at zero flow.

    dp q / (eta_best r (2 - r)) with r = q / (n q_best) is dp n q_best / (eta_best (2 - r)). Right of r = 1.8
    (far beyond any duty) the efficiency is held.
    """
    if speed_ratio <= 0.0:
        return 0.0
    ratio = min(flow_m3_per_s / (speed_ratio * best_flow_m3_per_s), 1.8)
    return pressure_rise_pa * speed_ratio * best_flow_m3_per_s / (best_efficiency_frac * (2.0 - ratio))


@leaf
def _log1p_ratio(y):
    """Return ln(1 + y) / y, accurate for small y."""
    if abs(y) < 1.0e-5:
        return 1.0 - y * (0.5 - y / 3.0)
    return math.log1p(y) / y


@kernel
def pipe_flow_step(flow, source, friction, dt):
    """Advance dq/dt = source - friction q^2 exactly by dt, with a non-return valve (q >= 0).

    Arguments: flow q >= 0 (m3/s); source (m3/s2) = driving pressure / inertance, of either sign; friction
    >= 0 (1/m3) = (k + k_s) / inertance; dt (s). Returns (q at the end, mean of q over the step), m3/s.

    With u = exp(friction * integral of q) the equation is u'' = source friction u (Riccati): tanh for a
    positive source, tan for a negative one until the valve closes. Exact and stable for any dt.
    """
    product = source * friction
    if source < 0.0:
        # time at which the flow comes to rest: atan(z) / sqrt(-a b), z = q sqrt(b / -a)
        z = flow * math.sqrt(friction / -source)
        stop = flow / -source * (math.atan(z) / z if z > 1.0e-6 else 1.0)
        if stop <= dt:
            return 0.0, 0.5 * flow * flow / -source * _log1p_ratio(z * z) / dt
        angle = math.sqrt(-product) * dt
        even = math.cos(angle)
        if angle > 1.0e-4:
            odd = math.sin(angle) / angle
            half = math.sin(0.5 * angle) / (0.5 * angle)
        else:
            odd = 1.0 - angle * angle / 6.0
            half = 1.0 - angle * angle / 24.0
    else:
        angle = math.sqrt(product) * dt
        if angle > 1.0:
            # u = exp(x) (1 + (r - 1) (1 - exp(-2 x)) / 2), r = q / steady flow
            steady = math.sqrt(source / friction)
            ratio = flow / steady
            w = -exponential_less_one(-2.0 * angle)  # 1 - exp(-2 x)
            rise = w / (2.0 - w)  # tanh x
            mean = steady * (1.0 + math.log1p(0.5 * (ratio - 1.0) * w) / angle)
            return steady * (ratio + rise) / (1.0 + ratio * rise), mean
        even = math.cosh(angle)
        if angle > 1.0e-4:
            odd = math.sinh(angle) / angle
            half = math.sinh(0.5 * angle) / (0.5 * angle)
        else:
            odd = 1.0 + angle * angle / 6.0
            half = 1.0 + angle * angle / 24.0
    # u = even + b q dt odd;  integral of q = ln u / b, with u - 1 = b dt (q odd + a dt half^2 / 2)
    end = (flow * even + source * dt * odd) / (even + friction * flow * dt * odd)
    mean = flow * odd + 0.5 * source * dt * half * half
    return max(end, 0.0), mean * _log1p_ratio(friction * dt * mean)
