"""What the program keeps beside results: its names are its own, and no kill and no cleaning loses results."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from h2plant import ResultsError
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.reservation import reserve, reserve_next
from h2plant.results.folder import require_free_name, reserved, write_out
from h2plant.results.leftover import leftovers
from h2plant.session.execution import given_of
from h2plant.session.resume import scenario_of
from h2plant.studies.study.store import held
from tests.command import assert_refused, h2plant

OWN = (".a.replaced", ".a.lock", ".a.b.abcdefgh.partial", ".x.abcdefgh.old", ".a.replaced/b")


class Killed(BaseException):
    """Stands for what ends the process."""


def results(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "summary.json").write_text(text, encoding="utf-8")
    (folder / "SHA256SUMS").touch()
    return folder


def text_of(folder: Path) -> str:
    return (folder / "summary.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", OWN)
def test_names_that_the_program_gives_are_refused(tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    for write in (
        lambda: reserved(out, "r").__enter__(),
        lambda: reserved(out, "r", is_held=True).__enter__(),
        lambda: held(out).__enter__(),
        lambda: write_out(out, lambda path: path.write_text("x", encoding="utf-8")),
    ):
        with pytest.raises(ResultsError, match="kept for what lies beside results"):
            write()
    assert list(tmp_path.iterdir()) == []


def test_links_to_such_names_are_refused_and_other_hidden_names_are_not(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(".a.replaced")
    with pytest.raises(ResultsError, match="kept for what lies beside results"):
        require_free_name(tmp_path / "link")
    for name in (".a", ".replaced", ".a.old", "a.replaced", ".a.partial"):
        require_free_name(tmp_path / name)


@pytest.mark.parametrize("n_moves", [0, 1, 2])
def test_an_undo_that_was_killed_is_ended_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_moves: int
) -> None:
    results(tmp_path / "a", "newer")
    results(tmp_path / ".a.replaced", "older")
    move, moved = os.replace, []

    def moves(source: Any, target: Any) -> None:
        if len(moved) == n_moves:
            raise Killed
        moved.append(source)
        move(source, target)

    with monkeypatch.context() as dying:
        dying.setattr(os, "replace", moves)
        with pytest.raises(Killed):
            h2plant("undo", tmp_path / "a")
    listed = h2plant("clean", tmp_path).text
    assert "left by a run that was killed" not in listed or n_moves == 0
    assert ("results that an undo had in hand" in listed) == (n_moves > 0)
    assert h2plant("undo", tmp_path / "a").exit_code == 0
    assert (text_of(tmp_path / "a"), text_of(tmp_path / ".a.replaced")) == ("older", "newer")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".a.replaced", "a"]


@pytest.mark.parametrize("n_moves", [1, 2])
def test_a_run_ends_an_undo_that_was_killed(tmp_path: Path, n_moves: int) -> None:
    results(tmp_path / ".a.abcdefgh.old", "newer")
    results(tmp_path / ("a" if n_moves == 2 else ".a.replaced"), "older")
    with reserved(tmp_path / "a", "r"):
        assert (text_of(tmp_path / "a"), text_of(tmp_path / ".a.replaced")) == ("older", "newer")


def test_results_moved_aside_by_a_run_that_was_killed_are_called_results_and_come_back(tmp_path: Path) -> None:
    results(tmp_path / "a", "new")
    results(tmp_path / ".a.abcdefgh.old" / "old", "kept")
    (found,) = leftovers(tmp_path)
    assert found.what.startswith("results that were replaced") and found.command == f"h2plant undo {tmp_path / 'a'}"
    assert h2plant("undo", tmp_path / "a").exit_code == 0
    assert (text_of(tmp_path / "a"), text_of(tmp_path / ".a.replaced")) == ("kept", "new")


def test_listing_writes_nothing_and_shows_nothing_of_a_run_under_way(tmp_path: Path) -> None:
    (tmp_path / ".a.abcdefgh.partial").mkdir()
    (tmp_path / ".a.lock").touch()
    assert len(leftovers(tmp_path)) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [".a.abcdefgh.partial", ".a.lock"]
    name = reserve(tmp_path / "a")
    assert name is not None
    with name:
        assert leftovers(tmp_path) == []
    assert leftovers(tmp_path)


def test_a_run_without_a_name_takes_none_of_an_unfinished_run(tmp_path: Path) -> None:
    (tmp_path / ".a-3.abcdefgh.partial").mkdir()
    with reserve_next(tmp_path, "a") as folder:
        assert folder.name == "a-4"


def test_links_in_a_circle_and_no_folder_are_told(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for command in (("resume",), ("undo",), ("run", "minimal_day", "--hours", "1", "--out")):
        assert_refused(h2plant(*command, tmp_path / "loop"), "loop: ", "symbolic links")
    for name in ("loop", "nowhere"):
        assert_refused(h2plant("clean", tmp_path / name), "there is no such folder")
    assert_refused(h2plant("clean", "/dev/null"), "there is no such folder")


def test_a_place_that_cannot_be_written_is_told_without_an_option_that_resume_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr("h2plant.results.folder.reserve", refuse)
    answer = h2plant("resume", tmp_path / "a")
    assert_refused(answer, "not writable; let it be written, or move it")
    assert "--out" not in answer.text


def test_a_run_that_goes_on_takes_what_its_file_says_now_but_for_what_was_asked_for_besides(tmp_path: Path) -> None:
    file, text = tmp_path / "s.yaml", "name: s\nplant: minimal\nhours: 4\nstep_s: 60\nset: {tank.n_vessels: 2}\n"
    file.write_text(f"h2plant: 1\n{text}", encoding="utf-8")
    asked = changed_scenario(load_scenario(file), hours=2, overrides={"tank.max_pressure_bar": 150})
    given = given_of(asked, "optimized", 0, None)
    assert replace(scenario_of(given), may_run_code=True) == asked
    edited = (
        text.replace("hours: 4", "hours: 8").replace("step_s: 60", "step_s: 30").replace("vessels: 2", "vessels: 3")
    )
    file.write_text(f"h2plant: 1\n{edited}", encoding="utf-8")
    now = scenario_of(given)
    assert (now.hours, now.step_s) == (2, 30)
    assert now.overrides == {"tank.n_vessels": 3, "tank.max_pressure_bar": 150}
