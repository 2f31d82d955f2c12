"""The comparison with the last release, on checkouts whose package only says how long it takes."""

import subprocess

import pytest

from benchmarks.compare_release import Comparison, NothingToCompareError, compare, last_release, main

PACKAGE = """
import json, pathlib, sys

def main(words):
    out = pathlib.Path(words[words.index("--out") + 1])
    out.mkdir()
    (out / "summary.json").write_text(json.dumps({"performance": {"loop_s": SECONDS}}))
"""


def git(folder, *arguments):
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True)


def commit(folder, seconds, tag=None):
    """Commit a package whose loop takes so many seconds, or that does not run with None."""
    (folder / "h2plant").mkdir(exist_ok=True)
    (folder / "h2plant" / "__init__.py").write_text("")
    text = PACKAGE.replace("SECONDS", repr(seconds)) if seconds is not None else "raise ImportError('no such thing')\n"
    (folder / "h2plant" / "cli.py").write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "--allow-empty", "-m", "a step")
    if tag:
        git(folder, "tag", tag)


@pytest.fixture
def checkout(tmp_path):
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, 1.0, "v0.9.0")
    return folder


@pytest.mark.parametrize(("seconds", "code", "ratio"), [(1.2, 0, "ratio 1.200"), (1.4, 1, "ratio 1.400")])
def test_head_against_the_last_release(checkout, capsys, seconds, code, ratio):
    commit(checkout, seconds)
    assert main(["--rounds", "1"], checkout) == code
    said = capsys.readouterr().out
    assert ratio in said and "release v0.9.0 1.0000 s" in said
    trees = subprocess.run(["git", "-C", checkout, "worktree", "list"], check=True, capture_output=True, text=True)
    assert len(trees.stdout.splitlines()) == 1, "the release's checkout is gone again"


def test_last_release_is_the_highest_version_that_this_checkout_follows(checkout):
    commit(checkout, 1.0, "v0.10.0")
    commit(checkout, 1.0, "v0.10.0-rc1")
    git(checkout, "checkout", "-q", "-b", "other")
    commit(checkout, 1.0, "v2.0.0")
    git(checkout, "checkout", "-q", "main")
    assert last_release(checkout) == "v0.10.0"


def test_without_a_release_it_says_so(checkout, tmp_path, capsys, monkeypatch):
    assert main([], tmp_path) == 0
    assert "compared with no release: git rev-parse" in capsys.readouterr().out
    commit(checkout, 1.0)
    git(tmp_path, "clone", "-q", "--depth", "1", "--no-tags", checkout.as_uri(), "shallow")
    assert main([], tmp_path / "shallow") == 0
    assert "git fetch --tags --unshallow" in capsys.readouterr().out
    git(checkout, "tag", "-d", "v0.9.0")
    assert main([], checkout) == 0
    assert "no release is tagged (vX.Y.Z) before this checkout\n" in capsys.readouterr().out
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NothingToCompareError, match="git is not installed"):
        last_release(checkout)


def test_a_release_that_does_not_run_is_no_fault_of_this_checkout(checkout, capsys):
    commit(checkout, None, "v0.9.1")
    commit(checkout, 1.0)
    assert main(["--rounds", "1"], checkout) == 0
    assert "release v0.9.1 does not run here" in capsys.readouterr().out
    commit(checkout, None)
    assert main(["--rounds", "1"], checkout) == 1
    assert "this checkout does not run: ImportError: no such thing" in capsys.readouterr().out


def test_runs_alternate_and_noise_raises_no_alarm(tmp_path):
    here, release = tmp_path / "here", tmp_path / "release"
    order = []
    times = {here: iter([3.0, 3.0, 1.0, 3.0]), release: iter([1.0, 1.0, 1.0, 1.0])}

    def measure(root):
        order.append(root)
        return next(times[root])

    found = compare(measure, here, release, 4)
    assert order == [here, release, release, here] * 2
    assert found.ratio == 3.0 and not found.is_slower(1.3)  # one quick run shows that it can be quick
    assert Comparison([1.5, 1.4], [1.0, 1.0]).is_slower(1.3)
