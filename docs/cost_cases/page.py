"""The part of docs/validation.md that sets published costs of hydrogen beside ours."""

from __future__ import annotations

import re
from pathlib import Path

from docs.cost_cases import all_cases
from docs.cost_cases.headlines import iea_best, waterfall
from h2plant.measure.measured import markdown_rows

PAGE = Path(__file__).parents[1] / "validation.md"
BEGIN, END = "<!-- cases of the cost of hydrogen -->\n", "<!-- end of the cases -->\n"


def written(page: str) -> str:
    """Return the page with the part as it is computed now."""
    found = re.subn(f"(?<={re.escape(BEGIN)}).*?(?={re.escape(END)})", lambda _: f"\n{part()}\n", page, flags=re.S)
    assert found[1] == 1, f"docs/validation.md has no place for the cases: {BEGIN.strip()} ... {END.strip()}"
    return str(found[0])


def part() -> str:
    """Return the tables: every case, and the ways from our figures to headlines that differ."""
    rows = [
        [
            f"{case.tool}: {case.name}", case.inputs, f"{case.published:.4g}", f"{case.ours:.4g}",
            f"{_percent(case.difference_frac)}", f"{case.tolerance_frac * 100.0:g} %", case.source,
        ]
        for case in all_cases()
    ]  # fmt: skip
    cases = markdown_rows(["case", "inputs", "published", "ours", "difference", "tolerance", "where"], rows)
    return f"{cases}\n{_iea()}\n\n{_tno()}"


def _percent(share: float) -> str:
    return "0 %" if abs(share) < 1.0e-9 else f"{share * 100.0:+.2g} %"


def _iea() -> str:
    said = "; ".join(f"{power} {cost:.2f}, and 2.00 at {capital:.0f} USD/kW" for power, cost, capital in iea_best())
    return (
        "The IEA also has onshore wind and sun at the best sites at around 2 USD/kg in 2030. From its prices of power "
        f"(22 and 14 USD/MWh), hours and 950 USD/kW we find: {said}. Both sources ask for the same capital: the report "
        "says that electrolysers in China cost less than the 950 of its notes, and not how much in 2030."
    )


def _tno() -> str:
    steps = waterfall()
    rows = [
        [text, f"{value:.2f}", "" if k == 0 else f"{value - steps[k - 1][1]:+.2f}"]
        for k, (text, value) in enumerate(steps)
    ]
    intro = (
        "From the levelised cost of [pem_wind](gallery.md#pem_wind) to TNO's mean of 13.7 EUR/kg, input by input, each "
        "in the place of ours and all before it kept. What remains to 13.7 belongs to inputs that could not be found: "
        "efficiency, life, cost of capital, hours."
    )
    return f"{intro}\n\n{markdown_rows(['then', 'EUR per kg made', 'change'], rows)}"
