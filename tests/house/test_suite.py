"""The suite in several processes: a fixture of a file is made once."""

import pytest

from tests.conftest import scope_of


def test_tests_that_share_a_fixture_run_in_one_process() -> None:
    assert scope_of("tests/house/test_site.py::test_a[x]") == scope_of("tests/house/test_site.py::test_b")
    assert scope_of("tests/unit/test_units.py::test_a[x]") != scope_of("tests/unit/test_units.py::test_a[y]")


def test_the_suite_is_dealt_out_so(pytestconfig: pytest.Config) -> None:
    pytest.importorskip("xdist")
    made = [plugin for plugin in pytestconfig.pluginmanager.get_plugins() if hasattr(plugin, "scope_of")]
    assert [hasattr(plugin, "pytest_xdist_make_scheduler") for plugin in made] == [True]
