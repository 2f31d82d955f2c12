"""The links of a run that carry electricity, and who is fed from where."""

from __future__ import annotations

from collections.abc import Iterable

from h2plant.simulation.program import Flow, Program


def power_flows(program: Program) -> list[Flow]:
    """Return the links that carry electricity."""
    return [flow for flow in program.flows if flow.medium == "power"]


def fed_from(component: int, links: Iterable[Flow]) -> set[int]:
    """Return a component and all that get power from it, directly or over others."""
    fed, front = {component}, [component]
    while front:
        here = front.pop()
        for flow in links:
            if flow.source == here and flow.target >= 0 and flow.target not in fed:
                fed.add(flow.target)
                front.append(flow.target)
    return fed
