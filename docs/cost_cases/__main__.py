"""``python -m docs.cost_cases`` writes what published costs of hydrogen come to here into docs/validation.md."""

from docs.cost_cases.page import PAGE, written

if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
