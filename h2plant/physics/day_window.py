"""Hours of the day within a window, which may run over midnight: from 22 to 6 h."""

from h2plant.core.jit import leaf

_DAY_H = 24.0


@leaf
def window_length(start_h, end_h):
    """Return how many hours of a day lie in its window; none where it ends as it starts."""
    if end_h >= start_h:
        return end_h - start_h
    return _DAY_H - start_h + end_h


@leaf
def hours_within(start_h, end_h, from_h, to_h):
    """Return how much of an interval of one calendar day lies in the window, h.

    Parameters
    ----------
    start_h, end_h
        Window, hours of the day; over midnight where it ends before it starts.
    from_h, to_h
        Interval, hours of the day from 0 to 24.
    """
    if end_h >= start_h:
        return max(min(to_h, end_h) - max(from_h, start_h), 0.0)
    return max(min(to_h, end_h) - from_h, 0.0) + max(to_h - max(from_h, start_h), 0.0)
