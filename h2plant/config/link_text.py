"""Links as files write them: ports on both sides of an arrow."""

from __future__ import annotations

import re

from h2plant.plant.graph import PortRef

_REF = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*)\.([A-Za-z][A-Za-z0-9_]*)\s*")
LINK_REMEDY = "write 'component.port -> component.port'; one side may be a list: '[a.heat, b.heat] -> loop.heat'"


def link_ends(text: str) -> list[PortRef]:
    """Return the ports of one side of a link; empty if it cannot be read."""
    inner = text.strip()
    parts = inner[1:-1].split(",") if inner.startswith("[") and inner.endswith("]") else [inner]
    matches = [_REF.fullmatch(part) for part in parts]
    # within a block: 'electrolysis.mixer.outlet' is a port of 'electrolysis_mixer'
    return [PortRef(match[1].replace(".", "_"), match[2]) for match in matches if match] if all(matches) else []
