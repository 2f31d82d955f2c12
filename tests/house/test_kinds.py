"""A kind is complete: declarations, a line in the list, a case, a page."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from h2plant.components import KIND_BY_NAME, KINDS
from h2plant.components.registry import declaration_faults
from h2plant.core.declare import Kind
from h2plant.core.role import Maker, Store
from h2plant.testing import run_case

ROOT = Path(__file__).parents[2]
IDS = [k.name for k in KINDS]


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_kind_has_file_case_and_page(kind: Kind) -> None:
    files = [ROOT / "h2plant" / folder / f"{kind.name}.py" for folder in ("components", "dispatch")]
    assert any(f.exists() for f in files)
    assert list((ROOT / "tests" / "cases").glob(f"{kind.name}--*/case.yaml")), "no case folder"
    assert (ROOT / "docs" / "components" / f"{kind.name}.md").exists(), "no docs page"


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_parameters_have_unit_suffix_bounds_and_description(kind: Kind) -> None:
    for field in kind.fields:
        assert field.doc, field.name
        assert field.unit not in ("", "-"), f"{field.name}: needs a unit ('1' for none)"
        assert re.fullmatch(r"[a-z][a-z0-9_]*", field.name), field.name
    for field in kind.parameters:
        assert field.ge is not None or field.le is not None, f"{field.name} has no bounds"
        if field.default is not None:
            assert field.ge is None or field.default >= field.ge, field.name
            assert field.le is None or field.default <= field.le, field.name
        if field.unit == "1" and not field.choices:
            assert re.search(r"_(frac|ratio|pu|number|index|exponent|pct)$|^(n|is|has)_", field.name), (
                f"{field.name} has no unit; name it ..._frac, ..._ratio, n_... or is_..."
            )


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_signal_ports_say_their_unit(kind: Kind) -> None:
    for port in kind.ports:
        if port.medium == "signal":
            assert port.unit not in ("", "-"), f"{port.name}: a signal port needs a unit ('1' for none)"
        assert port.doc


def test_every_kind_with_storage_tells_its_content() -> None:
    for kind in KINDS:
        if kind.emit is not None and any(p.medium == "stream" and p.is_emitted for p in kind.ports):
            assert kind.content is not None or kind.name == "water_source", kind.name


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_kind_declares_its_role_and_what_it_costs(kind: Kind) -> None:
    assert kind.role is not None
    assert kind.costs is not None, "() for a kind without capital of its own"
    parameters = {f.name: f.default or 1.0 for f in kind.parameters}
    sizes = {} if kind.sizes is None else kind.sizes(parameters)
    for figure in kind.costs:
        assert set(figure.size_parameters) <= {*parameters, *sizes}, figure.part
        assert figure.source and figure.low_ratio <= 1.0 <= figure.high_ratio


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_ports_at_the_border_say_where_they_end(kind: Kind) -> None:
    """Whatever may stay without a link and carries mass or heat out or in ends somewhere that a reader can name."""
    media = {
        "stream": {"sold", "bought", "vented", "drained"},
        "heat": {"surroundings"},
        "power": {"source", "surplus", "nothing"},
    }
    for port in kind.ports:
        may_be_open = port.is_writer and not port.is_required and not port.is_multi
        if port.medium in ("stream", "heat") and may_be_open:
            assert port.border in media[port.medium], port.name
        elif port.border:
            assert port.border in media[port.medium], port.name
            assert may_be_open, f"{port.name} is always linked"


def test_the_sign_of_reacted_water_agrees_with_the_role() -> None:
    """Electrolysers split water, a recombination makes it; nothing else may say that it reacts."""
    for kind in KINDS:
        reacts = any(field.name == "reacted_h2o_mol" for field in kind.fields)
        assert reacts == (isinstance(kind.role, Maker) or getattr(kind.role, "reaction", "") != ""), kind.name


def test_a_role_that_names_what_the_kind_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match=r"toy: its role names .*'missing'"):
        Kind("toy", "a toy", (), (), step=lambda c, bus, props, dt: 0, role=Store(medium="water", level="missing"))


def test_a_role_names_ports_where_ports_belong_and_fields_where_fields_belong() -> None:
    """A name of the other sort was found when the run was over, and cost it its figures."""
    kind = KIND_BY_NAME["pem_stack"]
    assert isinstance(kind.role, Maker) and kind.role.wear is not None
    wear = replace(kind.role.wear, replacements="n_renewed")
    recorded = replace(kind.role.starts[0], recorded="warm")
    for changes, wrong in (
        ({"power": ("rated_power_w",)}, "rated_power_w"),
        ({"rated_power": "power"}, "power"),
        ({"wear": wear}, "n_renewed"),
        ({"starts": (recorded,)}, "warm_start_j"),
    ):
        with pytest.raises(ValueError, match=f"pem_stack: its role names .*'{wrong}'"):
            replace(kind, role=replace(kind.role, **changes))


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_roles_of_built_in_kinds_are_complete(kind: Kind) -> None:
    assert list(kind.role_faults()) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"made": ""}, "its role does not say 'made'"),
        ({"made": "hydrogen.h2"}, "is neither an output nor"),
        ({"rated_power": ""}, "its role does not say 'rated_power'"),
        ({"technology": "碱性"}, "begins with no letter"),
        ({"cell_area": ""}, "'current' without 'cell_area'"),
    ],
)
def test_what_a_role_lacks_is_told(changes: dict[str, str], said: str) -> None:
    kind = KIND_BY_NAME["pem_stack"]
    (fault,) = declaration_faults(replace(kind, role=replace(kind.role, **changes)))
    assert said in fault
    fields = tuple(replace(f, is_counter=False) if f.name == "n_starts" else f for f in kind.fields)
    (fault,) = declaration_faults(replace(kind, fields=fields))  # each year would count the starts of all before it
    assert "its role counts by 'n_starts', which is no counter" in fault
    (fault,) = declaration_faults(replace(kind, role=None))
    assert "there is no role" in fault


def test_a_case_tells_of_water_that_reacts_against_the_role() -> None:
    """A deoxidiser makes water: under the role of an electrolyser its own case is not met."""
    case = next((ROOT / "tests" / "cases").glob("deoxidiser--*"))
    twin = replace(
        KIND_BY_NAME["deoxidiser"], role=Maker("ALK", "ALK stack", "ALK stacks", n_starts="", n_cold_starts="")
    )
    run_case(case, KIND_BY_NAME["deoxidiser"], is_plain=True).require_met()
    with pytest.raises(AssertionError, match="which its role does not tell of"):
        run_case(case, twin, is_plain=True).require_met()
