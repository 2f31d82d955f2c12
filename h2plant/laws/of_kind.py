"""Which laws a kind has."""

from __future__ import annotations

import functools

from h2plant.core.declare import Kind
from h2plant.core.law import Law
from h2plant.laws.roles import role_laws
from h2plant.laws.streams import STREAM_LAWS


@functools.cache
def laws_of(kind: Kind) -> tuple[Law, ...]:
    """Return the laws of a kind: its own, those of its role, and those of streams."""
    has_streams = any(port.medium == "stream" and port.direction == "out" for port in kind.ports)
    return (*kind.laws, *role_laws(kind.role), *(STREAM_LAWS if has_streams else ()))
