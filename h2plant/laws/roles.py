"""The laws that follow from what a kind is to the plant."""

from __future__ import annotations

from h2plant.core.law import Law
from h2plant.core.role import Role


def role_laws(role: Role | None) -> tuple[Law, ...]:
    """Return the laws that follow from a role."""
    return ()
