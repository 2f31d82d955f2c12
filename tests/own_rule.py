"""The smallest plant with a rule of its own."""

from pathlib import Path

from h2plant.config.bundled import PLANTS


def plant_with_rule(folder: Path, code: str) -> Path:
    """Write ``rule.py`` with the code of ``decide`` and the smallest plant that uses it; returns the plant's file."""
    (folder / "rule.py").write_text(code, encoding="utf-8")
    text = (PLANTS / "minimal.yaml").read_text(encoding="utf-8")
    file = folder / "plant.yaml"
    text = text.replace("kind: price_threshold}", "kind: user_rule, file: 'rule.py:decide'}")
    file.write_text(text, encoding="utf-8")
    return file
