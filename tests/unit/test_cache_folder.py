"""Compiled code comes from this user alone and undamaged, or is made anew: same results, no traceback, one notice."""

import errno
import os
import pickle
import random
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import numba
import pytest

from h2plant.config.scenario import load_scenario
from h2plant.core import cache_folder, jit, kernel_cache
from h2plant.dashboard.jobs import Jobs
from h2plant.measure.accuracy.comparison import checkpoint_folder
from h2plant.planning import reduced
from h2plant.planning.layout import layout_of
from h2plant.session.session import load_run, prepare
from h2plant.simulation import warm_up

ROOT = Path(__file__).parents[2]
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
NOTICE = "compiled code is not kept"
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(jit.IS_JIT_DISABLED, reason="nothing is compiled"),
]


def doubled(x):
    return 2 * x


@pytest.fixture(autouse=True)
def _anew(monkeypatch):
    """Let each test find its folders, and report, as a process of its own would."""
    monkeypatch.setattr(cache_folder, "_folders", {})
    monkeypatch.setattr(cache_folder, "_is_reported", False)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("H2PLANT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def use() -> int:
    """Call a kernel as a new process would, for two types; returns how many of its two forms came from the folder."""
    compiled = jit.compiled_form(doubled)
    assert (compiled(3.5), compiled(3)) == (7.0, 6)
    return sum(compiled.stats.cache_hits.values())


def kept(place: Path) -> list[Path]:
    return sorted(path for path in place.rglob("*") if path.is_file())


class Planted:
    """Unpickled, it runs: it makes the file of which it was told."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


def test_code_is_found_again(place, capsys):
    assert [use(), use()] == [0, 2]
    files = kept(place)
    assert files and all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    assert [stat.S_IMODE(file.parent.stat().st_mode) for file in files] == [0o700] * len(files)
    assert capsys.readouterr().err == ""


def test_what_numba_is_told_of_caches_changes_nothing(place, tmp_path, monkeypatch):
    """By its settings, or a file in the present folder, Numba takes other folders, and names without digest."""
    monkeypatch.setattr(numba.core.config, "CACHE_LOCATOR_CLASSES", "UserProvidedCacheLocator")
    monkeypatch.setattr(numba.core.config, "CACHE_DIR", str(tmp_path / "numbas"))
    assert [use(), use()] == [0, 2]
    assert not (tmp_path / "numbas").exists()
    digest = jit.kernel_digest(jit.compiled_form(doubled))[:16]
    assert [file.name.split(".")[1] for file in kept(place)] == [f"doubled-{digest}"] * 2


def to_nothing(files):
    for file in files:
        os.truncate(file, 0)


def to_half(files):
    for file in files:
        os.truncate(file, file.stat().st_size // 2)


def by_one_byte(files):
    for file in files:
        os.truncate(file, file.stat().st_size - 1)


def longer(files):
    for file in files:
        file.write_bytes(file.read_bytes() + b"\0")


def one_for_another(files):
    contents = [file.read_bytes() for file in files]
    for file, content in zip(files, contents[1:] + contents[:1], strict=True):
        file.write_bytes(content)


def to_folders(files):
    for file in files:
        file.unlink()
        file.mkdir()


def to_pipes(files):
    for file in files:
        file.unlink()
        os.mkfifo(file)


@pytest.mark.parametrize("damage", [to_nothing, to_half, by_one_byte, longer, one_for_another, to_folders, to_pipes])
def test_damaged_files_cost_a_compilation_and_nothing_else(place, damage):
    use()
    damage(kept(place))
    assert use() == 0


def test_a_flipped_bit_anywhere_is_found(place):
    use()
    chosen = random.Random(1)
    for _ in range(10):
        for file in kept(place):
            content = bytearray(file.read_bytes())
            bit = chosen.randrange(8 * len(content))
            content[bit // 8] ^= 1 << bit % 8
            file.write_bytes(content)
            assert cache_folder.read_kept(file) is None
        assert use() == 0


def test_damaged_code_counts_as_missing(place):
    """So it is compiled like that of a first run: by workers, with a notice."""
    compiled = jit.compiled_form(doubled)
    compiled(3.5)
    assert kernel_cache.missing_from_cache([compiled]) == [False]
    to_nothing(kept(place))
    assert kernel_cache.missing_from_cache([compiled]) == [True]


def test_whatever_is_not_intact_is_never_unpickled(place, tmp_path):
    use()
    for file in kept(place):
        file.write_bytes(pickle.dumps(Planted(tmp_path / "ran")))
    assert use() == 0 and not (tmp_path / "ran").exists()


def plant(place: Path, mark: Path) -> None:
    """Put code that is intact by its digest in the place of each file, as whoever may write there can."""
    for file in kept(place):
        cache_folder.write_kept(file, pickle.dumps(Planted(mark)))


def test_a_planted_file_would_run(place, tmp_path):
    """What the next tests plant does run where nothing but the digest is looked at."""
    use()
    plant(place, tmp_path / "ran")
    with pytest.raises(TypeError):  # no compiled function comes of it
        use()
    assert (tmp_path / "ran").exists()


@pytest.mark.skipif(not IS_ROOT, reason="only root can give files away")
@pytest.mark.parametrize("whose", ["file", "folder", "root"])
def test_what_belongs_to_another_user_is_not_run(place, tmp_path, capsys, whose):
    use()
    plant(place, tmp_path / "ran")
    files = kept(place)
    for path in {"file": files, "folder": [files[0].parent], "root": [place]}[whose]:
        os.chown(path, 12345, 12345)
    cache_folder._folders.clear()
    assert use() == 0 and not (tmp_path / "ran").exists()
    assert ("it belongs to another user" in capsys.readouterr().err) == (whose != "file")


def test_what_belongs_to_another_user_is_not_run_by_number(place, tmp_path, monkeypatch, capsys):
    """The same without giving files away: it is this process that is someone else."""
    use()
    plant(place, tmp_path / "ran")
    own, real = (os.geteuid(), os.fstat)

    def given_away(status):
        return os.stat_result((*status[:4], own + 1, *status[5:]))

    monkeypatch.setattr(os, "fstat", lambda number: given_away(real(number)))
    assert use() == 0 and not (tmp_path / "ran").exists()
    cache_folder._folders.clear()
    monkeypatch.setattr(Path, "stat", lambda path, **_: given_away(os.stat(path)))
    assert use() == 0 and not (tmp_path / "ran").exists()
    assert f"{place}: it belongs to another user" in capsys.readouterr().err


def test_roots_files_may_be_read_by_all(place, monkeypatch):
    """A container's image can bring compiled code."""
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert not cache_folder._fault(os.stat_result((0o100644, 0, 0, 1, 0, 0, 0, 0, 0, 0)))
    assert cache_folder._fault(os.stat_result((0o100644, 0, 0, 1, 12346, 0, 0, 0, 0, 0)))


def test_there_need_not_be_users(place, monkeypatch):
    """Windows has none: `os` lacks the functions."""
    monkeypatch.delattr(os, "geteuid")
    monkeypatch.delattr(os, "getuid")
    assert [use(), use()] == [0, 2]


@pytest.mark.parametrize("mode", [0o020, 0o002, 0o1777])
@pytest.mark.parametrize("which", ["file", "folder", "root"])
def test_what_others_can_write_to_is_not_run(place, tmp_path, capsys, which, mode):
    use()
    plant(place, tmp_path / "ran")
    files = kept(place)
    for path in {"file": files, "folder": [files[0].parent], "root": [place]}[which]:
        path.chmod(stat.S_IMODE(path.stat().st_mode) | mode)
    cache_folder._folders.clear()
    assert use() == 0 and not (tmp_path / "ran").exists()
    assert ("other users can write to it (`chmod go-w`" in capsys.readouterr().err) == (which != "file")


def test_the_usual_folder_as_0_1_0_made_it_is_taken_over(tmp_path, monkeypatch, capsys):
    """With the mask 002 of many systems the group could write to it: what others put there still is not run."""
    monkeypatch.delenv("H2PLANT_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    root = tmp_path / "h2plant"
    root.mkdir()
    root.chmod(0o775)
    assert [use(), use()] == [0, 2] and capsys.readouterr().err == ""
    assert stat.S_IMODE(root.stat().st_mode) == 0o755
    if IS_ROOT:
        root.chmod(0o775)
        plant(root, tmp_path / "ran")
        for file in kept(root):
            os.chown(file, 12345, 12345)
        cache_folder._folders.clear()
        assert use() == 0 and not (tmp_path / "ran").exists()


def test_links_are_not_followed(place, tmp_path, capsys):
    use()
    plant(place, tmp_path / "ran")
    (folder,) = place.iterdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for file in kept(place):
        file.rename(elsewhere / file.name)
        file.symlink_to(elsewhere / file.name)
    assert use() == 0 and not (tmp_path / "ran").exists()
    shutil.rmtree(folder)
    folder.symlink_to(elsewhere)
    cache_folder._folders.clear()
    assert use() == 0 and not (tmp_path / "ran").exists()
    assert "it is no folder but a link" in capsys.readouterr().err


def test_nothing_is_kept_among_everybodys_temporary_files(tmp_path, monkeypatch, capsys):
    """A home that cannot be written: there, v0.1.0 ran what lay in a folder of known name."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    monkeypatch.setattr(tempfile, "tempdir", str(shared))
    monkeypatch.delenv("H2PLANT_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", os.devnull)
    assert [use(), use()] == [0, 0]
    assert list(shared.iterdir()) == []
    text = capsys.readouterr().err
    assert text.count(NOTICE) == 1 and f"{os.devnull}/.cache/h2plant" in text and "H2PLANT_CACHE_DIR" in text


def a_file(place, _monkeypatch):
    place.write_text("of someone's own")


def below_a_file(place, monkeypatch):
    monkeypatch.setenv("H2PLANT_CACHE_DIR", f"{os.devnull}/below")


def open_to_all(place, _monkeypatch):
    place.mkdir()
    place.chmod(0o777)


def a_link_to_nothing(place, _monkeypatch):
    place.symlink_to(place.parent / "nothing")


def caches_in_a_file(place, monkeypatch):
    monkeypatch.delenv("H2PLANT_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", os.devnull)


def no_home(place, monkeypatch):
    monkeypatch.delenv("H2PLANT_CACHE_DIR")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    def nobodys():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nobodys)


@pytest.mark.parametrize("odd", [a_file, below_a_file, open_to_all, a_link_to_nothing, caches_in_a_file, no_home])
def test_odd_places_run_without_keeping_anything(place, monkeypatch, capsys, odd):
    odd(place, monkeypatch)
    before = kept(place.parent)
    assert [use(), use()] == [0, 0]
    text = capsys.readouterr().err
    assert text.count(NOTICE) == 1 and "Traceback" not in text
    assert kept(place.parent) == before and not warm_up.can_keep(kernel_cache.code_folder())


def test_a_relative_folder_for_caches_is_ignored(monkeypatch, tmp_path):
    """As the XDG Base Directory Specification says: what lies there depends on where one stands."""
    monkeypatch.delenv("H2PLANT_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder.cache_root() == tmp_path / ".cache" / "h2plant"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT])
def test_a_full_or_read_only_disk_is_one_notice(place, monkeypatch, capsys, code):
    assert use() == 0
    for file in kept(place):
        file.unlink()

    def refused(*_arguments, **_named):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "replace", refused)  # the last of what writing takes: what it left must go
    assert [use(), use()] == [0, 0] and kept(place) == []
    monkeypatch.setattr(tempfile, "mkstemp", refused)
    assert use() == 0
    text = capsys.readouterr().err
    assert text.count(NOTICE) == 1 and os.strerror(code) in text


def test_code_on_a_read_only_disk_is_used(place, monkeypatch, capsys):
    use()

    def refused(*_arguments, **_named):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(tempfile, "mkstemp", refused)
    assert use() == 2 and capsys.readouterr().err == ""


def test_no_workers_where_they_could_not_hand_over_what_they_compile(place, monkeypatch):
    place.write_text("of someone's own")
    monkeypatch.setattr(warm_up, "available_cores", lambda: 2)
    monkeypatch.setattr(warm_up, "_worker", lambda: pytest.fail("a worker was started"))
    warm_up.compile_missing([("wind_farm", "step")] * 4, ())


@pytest.mark.parametrize("command", [warm_up._START, Jobs(Path())._command], ids=["compile", "dashboard"])
def test_processes_of_its_own_import_nothing_from_the_present_folder(tmp_path, command):
    """`python -m` looks for each module there first: in a folder of someone else's, that ran their `numba.py`."""
    for name in ("numba", "numpy", "json"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nraise SystemExit(7)\n")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, input="", cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 7 and not (tmp_path / "ran").exists(), done.stderr


def test_own_processes_import_what_this_one_does(monkeypatch):
    monkeypatch.setattr(sys, "path", ["", "/first", "/second"])
    assert warm_up.child_environment()["PYTHONPATH"].split(os.pathsep) == [str(ROOT), "/first", "/second"]


def test_oldest_code_goes_first(place):
    use()
    first, second = kept(place)
    os.utime(first, (1.0, 1.0))
    (first.parent / "vanished").symlink_to("nowhere")
    kernel_cache.prune_cache(most_bytes=second.stat().st_size + 100)
    assert kept(place) == [second]


def test_a_measured_model_is_measured_anew_where_its_file_is_damaged_or_cannot_be(place, monkeypatch, capsys):
    """The file of v0.1.0 was trusted: '1' in it was a traceback, another number another plan."""
    loaded = load_run(load_scenario("minimal_day"))
    plant, series = loaded.plant, loaded.series
    measured = {"some": "curves"}
    asked = []
    monkeypatch.setattr(reduced, "_measure", lambda *_: asked.append("measured") or measured)
    monkeypatch.setattr(reduced, "_assemble", lambda _plant, _layout, found: found)

    def model():
        return reduced.reduce_plant(plant, layout_of(plant), series)

    assert [model(), model()] == [measured] * 2 and asked == ["measured"]
    (file,) = kept(place)
    for content in (b"", b"1", b'{"some": "curve"}', file.read_bytes()[:-1]):
        file.write_bytes(content)
        assert model() == measured
    assert len(asked) == 5
    monkeypatch.setenv("H2PLANT_CACHE_DIR", f"{os.devnull}/below")
    assert model() == measured and len(asked) == 6
    assert capsys.readouterr().err.count(NOTICE) == 1


def test_a_comparison_of_engines_needs_no_cache_folder(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("H2PLANT_CACHE_DIR", f"{os.devnull}/below")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    _, program = prepare(load_scenario("minimal_day"))
    folders = [checkpoint_folder(program, []) for _ in range(2)]
    assert [folder.parent for folder in folders] == [tmp_path] * 2 and folders[0] != folders[1]
    assert stat.S_IMODE(folders[0].stat().st_mode) == 0o700
    assert capsys.readouterr().err.count(NOTICE) == 1
