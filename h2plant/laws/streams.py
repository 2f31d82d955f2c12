"""The laws of streams, for each that a component gives."""

from __future__ import annotations

from h2plant.core.law import Law

STREAM_LAWS: tuple[Law, ...] = ()
