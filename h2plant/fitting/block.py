"""Fitted parameters as YAML: a component for a plant file, or a scenario that sets them."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence

from h2plant.fitting.curve import CurveFit
from h2plant.fitting.estimate import FITTED, HELD, Estimate

_WIDTH = 118


def remark(estimate: Estimate, confidence: float) -> str:
    """Return what stands behind a value: its interval, or why it has none."""
    if estimate.state == FITTED:
        return f"{confidence * 100:g} %: {estimate.low:.4g} to {estimate.high:.4g}"
    return f"{estimate.state}: {estimate.note}"


def component_block(fit: CurveFit, name: str, command: str) -> str:
    """Return a component to paste under ``components:`` of a plant file.

    Parameters
    ----------
    fit
        The fitted stack.
    name
        Id of the component.
    command
        What made it, for the comment.
    """
    unit, factor = ("kWh/kg", 1.0 / 3.6e6) if fit.is_energy else ("mV", 1e3)
    rms = float((fit.residuals**2).mean() ** 0.5) * factor
    lines = [f"# {command}", f"# {fit.points.n} points, root mean square deviation {rms:.3g} {unit}"]
    by_name = {e.candidate.name: e for e in fit.fit.estimates}
    lines += _wrapped(
        f"# {e.candidate.name} stays at {e.value:g}: it {e.note}" for e in fit.fit.estimates if e.state == HELD
    )
    lines += _wrapped(f"# {text}" for text in fit.notes)
    lines += ["components:", f"  {name}:", f"    kind: {fit.kind.name}"]
    for key in fit.written:
        found = by_name.get(key)
        notes = "" if found is None or found.state == HELD else f"  # {remark(found, fit.fit.confidence)}"
        lines.append(f"    {key}: {number(fit.values[key])}{notes}")
    return "\n".join(lines) + "\n"


def scenario_block(
    name: str,
    plant: str,
    values: Mapping[str, str | float],
    estimates: Sequence[Estimate],
    confidence: float,
    comments: Sequence[str],
) -> str:
    """Return a scenario that runs a plant with fitted parameters.

    Parameters
    ----------
    name, plant
        Of the scenario, and its plant as a scenario file gives it.
    values
        ``component.parameter`` to value, of what else is set.
    estimates
        The fitted parameters, named in the same way.
    confidence
        Of their intervals.
    comments
        What stands above.
    """
    lines = _wrapped(f"# {text}" for text in comments)
    lines += _wrapped(f"# {e.candidate.name} stays at {e.value:g}: it {e.note}" for e in estimates if e.state == HELD)
    lines += ["h2plant: 1", f"name: {name}", f"plant: {plant}", "set:"]
    fitted = {e.candidate.name for e in estimates if e.state != HELD}
    lines += [f"  {key}: {number(value)}" for key, value in values.items() if key not in fitted]
    lines += [
        f"  {e.candidate.name}: {number(e.value)}  # {remark(e, confidence)}" for e in estimates if e.state != HELD
    ]
    return "\n".join(lines if lines[-1] != "set:" else lines[:-1]) + "\n"


def number(value: str | float) -> str:
    """Return a value as YAML, numbers with six digits."""
    if isinstance(value, str):
        return value
    return f"{value:.6g}" if math.isfinite(value) else str(value)


def _wrapped(lines: Iterable[str]) -> list[str]:
    """Return comments broken into lines."""
    return [part for line in lines for part in textwrap.wrap(line, _WIDTH, subsequent_indent="#   ")]
