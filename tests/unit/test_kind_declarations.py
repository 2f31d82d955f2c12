"""What a kind from outside may not declare, and what its kernels may not do: told before a run, or by its end."""

from pathlib import Path
from typing import Any

import pytest

import h2plant
from h2plant.components import KIND_BY_NAME
from h2plant.components.declaration import declaration_faults
from h2plant.core.declare import Kind, Published, parameter
from h2plant.report.kind_tables import field_rows
from h2plant.simulation.engine import SimulationFailure
from tests.command import h2plant as command
from tests.unit.test_outside_kinds import METER, findings, run, write


@pytest.mark.parametrize(
    ("old", "new", "id", "file", "text"),
    [
        ("props, dt)", "props)", "bad-kernel", "my_meter.py", "takes 3 arguments, wanted 4"),
        ("step=step", "step=None", "bad-kernel", "my_meter.py", "has no 'step'"),
        ("bus[c.tells] =", "c.tells =", "bad-kernel", "my_meter.py", "'bus[c.tells] = ...'"),
        ("bus[c.tells] =", "bus[c.reads] =", "bad-kernel", "my_meter.py", "which another component writes"),
        ("c.energy_j = c", "c.gain_ratio = c", "bad-kernel", "my_meter.py", "writes to the parameter 'gain_ratio'"),
        ('role=Process("Control")', 'role="Process"', "bad-python", "my_meter.py", "'role' must be one of"),
        ('Process("Control")', "Process(part=7)", "bad-kind", "my_meter.py", "'part' of its role is no text"),
        ('Process("Control")', 'Process(reaction="fire")', "bad-kind", "my_meter.py", "not one of '', 'recombination'"),
        ('Process("Control")', 'Process(recovered=("energy_j",))', "bad-python", "my_meter.py", "its role names what"),
        ("    ports=(", "    ports=[], x=(", "bad-python", "my_meter.py", "x"),
        ("costs=()", "costs=7", "bad-kind", "my_meter.py", "no tuple of cost"),
        ("costs=()", "costs=(), sizes=lambda p: 1 / 0", "bad-kind", "my_meter.py", "ZeroDivisionError"),
        ('"signal", "out"', '"signl", "out"', "bad-kind", "my_meter.py", "carries 'signl'"),
        ('"signal", "out"', '"signal", "off"', "bad-kind", "my_meter.py", "leads 'off'"),
        ('counted", unit="W"', 'counted", unit="Q"', "bad-kind", "my_meter.py", "a unit that is not known"),
        ('state("energy_j"', 'state("label"', "bad-kind", "my_meter.py", "a key that every component has"),
        ('"signal", "out"', '["signal"], "out"', "bad-kind", "my_meter.py", "carries ['signal']"),
        ('counted", unit="W"', 'counted", unit="W", idle_without=7', "bad-kind", "my_meter.py", "no tuple of names: 7"),
        (
            'counted", unit="W"',
            'counted", unit="W", paired_with=[1]',
            "bad-kind",
            "my_meter.py",
            "paired with '[1]'",
        ),
        ('name="my_meter"', "name=['my_meter']", "bad-kind", "my_meter.py", "the name '['my_meter']'"),
        ("1.0, 0.0, 10.0", '1.0, "a", 10.0', "bad-kind", "my_meter.py", "a bound of 'gain_ratio' is no number"),
        ("1.0, 0.0, 10.0", "1.0, 10.0, 0.0", "bad-kind", "my_meter.py", "above its highest"),
    ],
)
def test_a_broken_declaration_is_a_finding_with_its_line(
    tmp_path: Path, old: str, new: str, id: str, file: str, text: str
) -> None:
    assert old in METER
    found = findings(write(tmp_path, meter=METER.replace(old, new, 1)))
    assert [f.id for f in found] == [id] and text in str(found[0]), found
    assert found[0].file is not None and found[0].file.name == file and found[0].line > 0 and found[0].remedy


@pytest.mark.parametrize("text", ["-" * 200_000 + "1", "+".join(["1"] * 20_000)])
def test_what_pythons_parser_gives_up_on_is_a_finding(tmp_path: Path, text: str) -> None:
    """It raises MemoryError or RecursionError, and knows no line."""
    found = findings(write(tmp_path, meter=f"x = {text}\n{METER}"))
    assert [f.id for f in found] == ["bad-python"] and "nested too deeply" in str(found[0])


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        ('"meter", ("gain_ratio",), 1.0, -5.0, 1.0, "a bill"', "'reference_cost' of the cost of 'meter' is -5.0"),
        ('"meter", ("gain_ratio",), 0.0, 5.0, 1.0, "a bill"', "'reference_size'"),
        ('"meter", ("gain_ratio",), 1.0, 5.0, 1.0, ""', "a source"),
        ('"meter", ("gain_ratio",), 1.0, 5.0, 1.0, "a bill", life_years="ten"', "'life_years'"),
        ('"meter", ("gain_ratio",), 1.0, 5.0, 1.0, "a bill", low_ratio=2.0', "low_ratio"),
    ],
)
def test_a_cost_that_cannot_be_is_a_finding(tmp_path: Path, figure: str, text: str) -> None:
    """They were found in the midst of a run, or not at all."""
    meter = METER.replace("costs=()", f"costs=(cost({figure}),)")
    meter = meter.replace("from my_helper", "from h2plant.core.cost import cost\nfrom my_helper")
    found = findings(write(tmp_path, meter=meter))
    assert [f.id for f in found] == ["bad-kind"] and text in str(found[0]), found


@pytest.mark.parametrize(
    ("law", "text"),
    [
        ('"counts", "a", "b", "c", Row((("tells"), Term("reads", -1.0)))', "a comma behind a single term too"),
        ('"counts", "a", "b", "c", Row(Term("tells"))', "a row of the law 'counts' is no"),
        ('"counts", "a", "b", "c", Row((Term(7),))', "a row of the law 'counts' is no"),
        ('"counts", "a", "b", "c", Row((Term("tells", "1"),))', "a row of the law 'counts' is no"),
        ('"counts", "a", "b", "c", Row((Term("tells", 1.0, [1]),))', "a row of the law 'counts' is no"),
        ('"counts", "a", "b", "c", "tells"', "a row of the law 'counts' is no"),
        ('["counts"], "a", "b", "c", Row((Term("tells"),))', "the name of a law is no text"),
    ],
)
def test_a_law_that_is_made_of_no_terms_is_a_finding(tmp_path: Path, law: str, text: str) -> None:
    meter = METER.replace("costs=()", f"costs=(), laws=(sum_law({law}),)")
    meter = meter.replace("from my_helper", "from h2plant.core.law import Row, Term, sum_law\nfrom my_helper")
    found = findings(write(tmp_path, meter=meter))
    assert [f.id for f in found] == ["bad-kind"] and text in str(found[0]), found


def test_built_in_kinds_pass_what_is_asked_of_others() -> None:
    assert [fault for kind in KIND_BY_NAME.values() for fault in declaration_faults(kind)] == []


@pytest.mark.parametrize("answer", ["0.5", "(1, 2)", "math.nan"])
def test_plain_python_takes_no_status_that_compiled_code_refuses(tmp_path: Path, answer: str) -> None:
    meter = METER.replace("return OK", f"return {answer}").replace("from my_helper", "import math\nfrom my_helper")
    with pytest.raises(SimulationFailure, match=r"my_meter\.py:\d+: TypeError: 'step' must return a status"):
        run(write(tmp_path, meter=meter), "baseline")


@pytest.mark.parametrize("engine", ["optimized", "baseline"])
def test_an_unknown_status_stops_the_run_with_a_message(tmp_path: Path, engine: str) -> None:
    meter = METER.replace("return OK", "return 12345")
    with pytest.raises(SimulationFailure, match=r"meter: its kind returned 12345, which is no status"):
        run(write(tmp_path, meter=meter), engine)


def test_a_state_that_ends_as_no_number_is_not_valid(tmp_path: Path) -> None:
    """Balances do not tell of it, and figures left it out."""
    meter = METER.replace("c.energy_j = c.energy_j", "c.energy_j = math.nan + c.energy_j")
    file = write(tmp_path, meter=meter.replace("from my_helper", "import math\nfrom my_helper"))
    found = h2plant.run(file, hours=1, out=tmp_path / "run").summary["not_valid"]
    assert [(fault["id"], fault["component"]) for fault in found] == [("not-a-number", "meter")], found
    assert "energy_j" in found[0]["text"]


def test_what_is_published_of_a_parameter_holds_its_default_and_stands_in_the_tables() -> None:
    seen = 0
    for kind in KIND_BY_NAME.values():
        shown = {row[0]: row[-1] for row in field_rows(kind)}
        for field in kind.parameters:
            if field.published is None:
                continue
            seen += 1
            low, high, source = field.published
            assert field.default is not None and low <= field.default <= high, f"{kind.name}.{field.name}"
            assert source and f"published {low:g} to {high:g} ({source})" in shown[field.name]
    assert seen >= 8
    printed = command("costs", "pem_stack")
    assert "5e-06 to 0.000148" in printed.text


@pytest.mark.parametrize(
    ("published", "fault"),
    [
        ((1.0, 0.1, "a book"), "is not 'Published("),
        ((0.1, 1.0, ""), "is not 'Published("),
        (7, "is not 'Published("),
        (Published(2.0, 3.0, "a book"), "out of the range that is published"),
    ],
)
def test_a_range_that_is_none_is_told(published: Any, fault: str) -> None:
    field = parameter("gain_ratio", "1", "gain", 1.0, 0.0, 10.0, published=published)
    assert any(fault in one for one in declaration_faults(Kind("meter", "a meter", (field,), (), step=None)))
