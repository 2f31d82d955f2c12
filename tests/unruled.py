"""A plant whose line nothing holds back: it draws what it is told, whatever sources and grid give."""

from pathlib import Path

import h2plant

MINIMAL = Path(h2plant.__file__).parent / "plants" / "minimal.yaml"


def write_day(folder: Path, *links: str, hours: int = 24, **series: float) -> Path:
    """Write a day of the smallest plant whose line follows a series instead of a rule: nothing holds it back."""
    lines = [line for line in MINIMAL.read_text(encoding="utf-8").splitlines() if "rule" not in line]
    bus = lines.index("  bus: {kind: power_bus}")
    lines[bus] = "  bus: {kind: power_bus, ride_through_kwh: 20, ride_through_power_mw: 1}"
    at = lines.index("series:") + 1
    lines[at:at] = [f"  {name}: {{constant: {value}}}" for name, value in {"setpoint_mw": 1.0, **series}.items()]
    lines += [f"  - {link}" for link in ("series.setpoint_mw -> line.setpoint", *links)]
    (folder / "plant.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    file = folder / "day.yaml"
    file.write_text(
        f"h2plant: 1\nname: day\nplant: plant.yaml\nstart: 2023-07-03\nhours: {hours}\nstep_s: 60\nlog_every_s: 60\n",
        encoding="utf-8",
    )
    return file
