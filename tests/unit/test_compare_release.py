"""The comparison with the last release, on checkouts whose package only says how long it takes."""

import re
import subprocess
import tomllib

import pytest

import h2plant
from benchmarks.compare_release import (
    RELEASES,
    ROOT,
    Comparison,
    NothingToCompareError,
    compare,
    interval_rank,
    last_release,
    loop_seconds,
    main,
)

pytestmark = pytest.mark.long

PACKAGE = """
import json, os, pathlib, sys

def main(words):
    assert os.environ["H2PLANT_DISABLE_JIT"] == "0"
    with open(os.environ["RAN"], "a") as ran:
        ran.write(words[1] + "\\n")
    out = pathlib.Path(words[words.index("--out") + 1])
    out.mkdir()
    (out / "summary.json").write_text(json.dumps({"performance": {"loop_s": SECONDS}}))
"""


def git(folder, *arguments):
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder, seconds):
    """Commit a package whose loop takes so many seconds, or that does not run with None; returns the commit."""
    (folder / "h2plant").mkdir(exist_ok=True)
    (folder / "h2plant" / "__init__.py").write_text("")
    text = PACKAGE.replace("SECONDS", repr(seconds)) if seconds is not None else "raise ImportError('no such thing')\n"
    (folder / "h2plant" / "cli.py").write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "--allow-empty", "-m", "a step")
    return git(folder, "rev-parse", "HEAD")


def release(folder, version, number):
    """Write that a commit is the last release."""
    file = folder / RELEASES
    file.parent.mkdir(exist_ok=True)
    with file.open("a") as stream:
        stream.write(f'[[release]]\nversion = "{version}"\ncommit = "{number}"\n')


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    monkeypatch.setenv("RAN", str(tmp_path / "ran"))
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "uploadpack.allowAnySHA1InWant", "true")
    release(folder, "0.9.0", commit(folder, 1.0))
    return folder


@pytest.mark.parametrize(("seconds", "code", "ratio"), [(1.2, 0, "ratio 1.200"), (1.4, 1, "ratio 1.400")])
def test_head_against_the_last_release(checkout, capsys, seconds, code, ratio):
    """Each runs its own package: only so is the one slower than the other."""
    commit(checkout, seconds)
    assert main(["--pairs", "1"], checkout) == code
    text = capsys.readouterr().out
    assert ratio in text and re.search(r"release 0\.9\.0 \([0-9a-f]{9}\) 1\.0000 s", text)
    assert "fewer than six pairs: no interval" in text
    plants = (checkout.parent / "ran").read_text().split()
    theirs, todays = plants[0], str(checkout / "h2plant" / "plants" / "dual_path.yaml")
    assert theirs.endswith("0.9.0/h2plant/plants/dual_path.yaml")
    assert set(plants[:-2]) == {theirs}, "both run the release's plant"
    assert plants[-2:] == [todays] * 2 and "a step of today's reference plant takes" in text
    assert len(git(checkout, "worktree", "list").splitlines()) == 1, "the release's checkout is gone again"


def test_another_copy_of_the_package_is_not_measured(tmp_path):
    with pytest.raises(RuntimeError, match="h2plant came from"):
        loop_seconds(tmp_path, 1.0, tmp_path / "plant.yaml")


def test_last_release_is_the_last_one_of_the_file(checkout):
    number = commit(checkout, 1.0)
    release(checkout, "0.10.0", number)
    git(checkout, "tag", "v2.0.0")  # tags say nothing
    assert last_release(checkout) == ("0.10.0", number)


def test_without_a_release_it_says_so(checkout, tmp_path, capsys, monkeypatch):
    release(tmp_path, "0.9.0", 40 * "0")
    assert (main([], tmp_path), main(["--short"], tmp_path)) == (2, 0)
    assert "compared with no release: this is no clone of the repository (git rev-parse" in capsys.readouterr().out
    (checkout / "part" / "benchmarks").mkdir(parents=True)
    release(checkout / "part", "0.9.0", 40 * "0")
    assert main([], checkout / "part") == 2
    assert "part of another repository" in capsys.readouterr().out
    commit(checkout, 1.0)
    git(tmp_path, "clone", "-q", "--depth", "1", "--no-tags", checkout.as_uri(), "shallow")
    assert main([], tmp_path / "shallow") == 2
    text = capsys.readouterr().out
    assert "release 0.9.0, commit" in text and "this clone is shallow: `git fetch --unshallow` brings it" in text
    git(tmp_path / "shallow", "fetch", "-q", "--unshallow")
    assert last_release(tmp_path / "shallow") == last_release(checkout)
    release(checkout, "0.9.1", 40 * "0")
    assert main([], checkout) == 2
    assert f"is not here; `git fetch origin {40 * '0'}` brings it\n" in capsys.readouterr().out
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NothingToCompareError, match="git is not installed"):
        last_release(checkout)


def test_a_release_that_does_not_run_is_no_fault_of_this_checkout(checkout, capsys):
    release(checkout, "0.9.1", commit(checkout, None))
    commit(checkout, 1.0)
    assert main(["--pairs", "1"], checkout) == 2
    assert re.search(r"release 0\.9\.1 \(\w+\) does not run here", capsys.readouterr().out)
    commit(checkout, None)
    assert main(["--pairs", "1"], checkout) == 1
    assert "this checkout does not run: ImportError: no such thing" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--pairs", "0"], ["--pairs", "many"]])
def test_a_number_of_pairs_that_is_none_is_refused(words, checkout, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(words, checkout)
    assert f"'{words[1]}' is no number of pairs" in capsys.readouterr().err


def test_runs_alternate_and_noise_raises_no_alarm(tmp_path):
    here, there = tmp_path / "here", tmp_path / "release"
    order = []
    times = {here: iter([3.0, 3.0, 1.0, 3.0]), there: iter([1.0, 1.0, 1.0, 1.0])}

    def measure(root):
        order.append(root)
        return next(times[root])

    found = compare(measure, here, there, 4)
    assert order == [here, there, there, here] * 2
    assert found.ratio == 3.0 and not found.is_slower(1.3)  # one quick run shows that it can be quick
    assert Comparison([1.5, 1.4], [1.0, 1.0]).is_slower(1.3)


@pytest.mark.parametrize(("n_pairs", "rank"), [(5, 0), (6, 1), (10, 2), (15, 4), (20, 6), (30, 10)])
def test_interval_is_that_of_the_sign_test(n_pairs, rank):
    """Critical values of the sign test at 5 %, two-sided, plus one: Conover 1999, table A3; 15 pairs: 3."""
    assert interval_rank(n_pairs) == rank


def test_median_and_interval_are_of_the_pairs():
    """A machine that slows down over the run: each pair has the ratio 1.1 to 1.24, whatever the times."""
    release_s = [1.0 + k for k in range(15)]
    here_s = [seconds * (1.1 + 0.01 * k) for k, seconds in enumerate(release_s)]
    found = Comparison(here_s, release_s)
    assert found.ratio == pytest.approx(1.17)
    assert found.interval == pytest.approx((1.13, 1.21))  # the fourth from both ends
    assert found.is_slower(1.2) and not found.is_slower(1.22)


def test_default_is_fifteen_pairs_and_the_short_form_three(checkout, capsys):
    assert main([], checkout) == 0
    text = capsys.readouterr().out
    assert (
        "2160 h" in text
        and "15 pairs" in text
        and "median ratio 1.000, 95 % interval 1.000 to 1.000 (sign test)" in text
    )
    assert main(["--short"], checkout) == 0
    text = capsys.readouterr().out
    assert "720 h" in text and "3 pairs" in text


def test_releases_and_changelog_agree():
    releases = tomllib.loads((ROOT / RELEASES).read_text(encoding="utf-8"))["release"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[(\d.*?)\] - (.*)$", changelog, re.MULTILINE)
    assert headings == [(entry["version"], str(entry["date"])) for entry in reversed(releases)]
    assert all(re.fullmatch("[0-9a-f]{40}", entry["commit"]) for entry in releases)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == h2plant.__version__
    assert h2plant.__version__ not in {entry["version"] for entry in releases}, "what follows a release is not it"
