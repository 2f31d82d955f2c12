"""From requested powers of both lines, of a plan or of a rule of one's own, to set points that can be held."""

from h2plant.core.jit import kernel
from h2plant.dispatch.rule import after_draw, power_budget
from h2plant.dispatch.setpoints import auxiliary_power, give_setpoints

_UP = 1.0 + 1.0e-14


@kernel
def filled_up(requested_w, minimum_w, reach_w):
    """Return the power, W, up to which a line may buy: its request as far as reach, its minimum at least."""
    if requested_w < minimum_w or requested_w <= 0.0:
        return 0.0
    return min(requested_w, max(minimum_w, reach_w))


@kernel
def share_of(power_w, rating_w):
    """Return a power by a rating; rounded up, so that the product is not below a smallest power."""
    return power_w / max(rating_w, 1.0) * _UP


@kernel
def serve_request(c, bus, dt, soec_w, pem_w, purchase_w):
    """Serve the SOEC line, then the PEM line, up to requested powers, W, and write their set points.

    A line takes own power up to its request and buys what is missing, both lines together up to ``purchase_w``.
    Beyond that, power is bought for the minimum of a line that is requested to run, so that a lull does not stop it.
    Auxiliaries come before, storage throttle, hold times and import limit are those of all kinds of dispatch.
    """
    own, _ = power_budget(bus[c.available_power], auxiliary_power(c, bus), c.import_limit_w)
    soec_requested_w = min(max(soec_w, 0.0), c.soec_power_w)
    pem_requested_w = min(max(pem_w, 0.0), c.pem_power_w)
    purchase = max(purchase_w, 0.0)
    soec_top = filled_up(soec_requested_w, c.soec_minimum_w, own + purchase)
    left, purchase = after_draw(own, purchase, soec_top)
    pem_top = filled_up(pem_requested_w, c.pem_minimum_w, left + purchase)
    return give_setpoints(
        c,
        bus,
        dt,
        share_of(soec_requested_w, c.soec_power_w),
        share_of(soec_top, c.soec_power_w),
        0.0,
        share_of(pem_requested_w, c.pem_power_w),
        share_of(pem_top, c.pem_power_w),
    )
