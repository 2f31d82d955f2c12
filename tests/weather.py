"""Weather other than the bundled year's: the air's series of a session, moved or held."""

from h2plant.session.session import Session


def air(session: Session):
    """Return the columns of the session's program that hold the temperature of the air, K."""
    arrays = session.program.arrays
    found = []
    for first, count in zip(arrays.series_first.tolist(), arrays.series_count.tolist(), strict=True):
        values = arrays.series_values[first : first + count]
        if 200.0 < values.min() and values.max() < 330.0:  # no other series of the plants lies there
            found.append(values)
    assert found, "the plant has no air"
    return found


def move_air(session: Session, shift_k: float) -> None:
    """Make the year colder or warmer."""
    for values in air(session):
        values += shift_k


def hold_air(session: Session, temperature_k: float) -> None:
    """Hold one temperature."""
    for values in air(session):
        values[:] = temperature_k
