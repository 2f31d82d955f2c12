"""What the program is made of: the lock file, licences, the bill of materials, the source archive, the pages on it."""

import contextlib
import email
import json
import re
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from supply import archive, audit, licences, lock, sbom, tool
from supply.licences import Licensed

ROOT = Path(__file__).parents[2]
NOT_PACKED = {".ci", ".github", ".gitignore", ".pre-commit-config.yaml"}


def _pinned(text: str) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)==([\w.!+]+)", text, re.M)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


def test_the_lock_file_has_a_hash_for_each_pinned_package_and_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert _pinned(text) == _pinned((ROOT / "constraints.txt").read_text(encoding="utf-8")), "make lock"
    for entry in re.split(r"^(?=[\w.-]+==)", text, flags=re.M)[1:]:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), entry[:40]
    assert "://" not in text and "--index" not in text and "--find" not in text


def test_every_licence_is_known_and_allowed() -> None:
    packages = licences.needed(licences.extras_of())
    assert {"h2plant", "numpy", "numba", "dash", "pytest"} <= {one.name for one in packages}
    assert licences.faults(packages) == []


@pytest.mark.parametrize(
    ("said", "licence", "is_allowed"),
    [
        ("License-Expression: MIT\n", "MIT", True),
        ("License-Expression: Apache-2.0 OR GPL-3.0-only\n", "Apache-2.0 OR GPL-3.0-only", True),
        ("License-Expression: BSD-2-Clause AND Apache-2.0 WITH LLVM-exception\n",
         "BSD-2-Clause AND Apache-2.0 WITH LLVM-exception", True),
        ("License-Expression: MIT AND GPL-3.0-only\n", "MIT AND GPL-3.0-only", False),
        ("License-Expression: LicenseRef-NVIDIA-Proprietary\n", "LicenseRef-NVIDIA-Proprietary", False),
        ("License: BSD 3-Clause License\n        and its text\n", "BSD-3-Clause", True),
        ("License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License\n", "MIT", True),
        ("License: as you like it\n", "", False),
        ("Classifier: License :: OSI Approved :: BSD License\n", "", False),
        ("\n", "", False),
    ],
)  # fmt: skip
def test_a_licence_is_read_from_what_a_package_says(said: str, licence: str, is_allowed: bool) -> None:
    found = licences.licence_of("strange", email.message_from_string(said))  # type: ignore[arg-type]
    assert found == licence and licences.is_allowed("strange", found) is is_allowed
    wrong = licences.faults([Licensed("strange", "1.0", found, ())])
    assert bool(wrong) is not is_allowed and all("strange 1.0" in text for text in wrong)


def test_the_bill_of_materials_names_who_needs_whom() -> None:
    packages = licences.needed(["plot"])
    bill = json.loads(json.dumps(sbom.bill(packages)))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    parts = {part["name"]: part for part in bill["components"]}
    assert {"numpy", "matplotlib", "pyyaml"} <= set(parts) and "h2plant" not in parts and "dash" not in parts
    assert all(part["licenses"] and part["purl"] == part["bom-ref"] for part in parts.values())
    refs = {bill["metadata"]["component"]["bom-ref"], *(part["bom-ref"] for part in parts.values())}
    needs = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
    assert set(needs) == refs and {ref for of in needs.values() for ref in of} <= refs
    assert parts["numpy"]["bom-ref"] in needs[bill["metadata"]["component"]["bom-ref"]]
    assert parts["numpy"]["licenses"] == [{"expression": next(p.licence for p in packages if p.name == "numpy")}]


@pytest.mark.parametrize(
    ("found", "code", "said"),
    [
        (None, 3, "not audited: no index"),
        ({"dependencies": [{"name": "a", "skip_reason": "not found"}]}, 3, "not audited: no index"),
        ({"dependencies": [{"name": "a", "version": "1", "vulns": []}]}, 0, "1 packages audited, 0 with known faults"),
        ({"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "X-1", "fix_versions": ["2"]}]},
                           {"name": "b", "skip_reason": "not found"}]}, 1, "a 1: X-1, mended in 2"),
    ],
)  # fmt: skip
def test_an_audit_says_whether_anybody_was_asked(found: dict[str, object] | None, code: int, said: str) -> None:
    exit_code, texts = audit.verdict(found)
    assert exit_code == code and texts[0].startswith(said)
    assert code != 1 or texts[-1] == "1 packages audited, 1 with known faults, 1 of which nothing is served"


def test_the_source_archive_takes_everything_along() -> None:
    rules = (ROOT / "MANIFEST.in").read_text(encoding="utf-8")
    grafted = set(re.findall(r"^graft (\S+)", rules, re.M))
    patterns = [p for line in re.findall(r"^include (.+)", rules, re.M) for p in line.split()]
    generated = {line.strip("/ ") for line in (ROOT / ".gitignore").read_text().splitlines()} if (
        ROOT / ".gitignore").is_file() else set()  # fmt: skip
    for entry in ROOT.iterdir():
        name = entry.name
        if name in NOT_PACKED | generated | {".git", "PKG-INFO", "setup.cfg"} or name.endswith(".egg-info"):
            continue
        if name.startswith(".") or name == "__pycache__":
            continue
        taken = name in grafted if entry.is_dir() else any(entry.match(pattern) for pattern in patterns)
        assert taken, f"{name} is not in MANIFEST.in"
    assert archive.LEFT_OUT == tuple(sorted(f"{n}/" if (n in (".ci", ".github")) else n for n in NOT_PACKED))


def test_the_project_says_its_licence_and_names_no_registry() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "MIT" and project["license-files"] == ["LICENSE"]
    assert not any(c.startswith("License ::") for c in project["classifiers"])
    addresses = json.dumps(project.get("urls", {}))
    assert not re.search(r"p[y]pi|pythonhosted|anaconda|conda-forge|npmjs", addresses)


def test_the_pages_on_security_name_what_is_there() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8") + (ROOT / "docs" / "security.md").read_text(
        encoding="utf-8"
    )
    targets = set(re.findall(r"`make ([a-z-]+)`", text))
    rules = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert {"lock", "licences", "sbom", "audit-deps", "sdist"} <= targets
    assert all(re.search(rf"^{target}:", rules, re.M) for target in targets)
    files = [name for command in re.findall(r"`pytest ([^`]+)`", text) for name in command.split()]
    assert files and all(list(ROOT.glob(name)) for name in files)
    from h2plant.dashboard.jobs import MOST_WAITING
    from h2plant.dashboard.limits import COSTLY_WAIT_S, MOST_BODY_BYTES, MOST_CONNECTIONS, MOST_COSTLY, SILENT_S

    for said in (
        f"{MOST_BODY_BYTES / 1e6:g} MB, JSON", f"{MOST_CONNECTIONS} at a time", f"silent for {SILENT_S:g} s",
        f"{MOST_COSTLY} at a time", f"up to {COSTLY_WAIT_S:g} s", f"| {MOST_WAITING} |",
    ):  # fmt: skip
        assert said in text, said


def test_an_entry_of_the_lock_file_is_as_pip_reads_it() -> None:
    assert lock.entry("a==1", {"sha256:bb", "sha256:aa"}) == "a==1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
    with pytest.raises(ValueError, match="a==1: no file of it was found"):
        lock.entry("a==1", set())
    link = SimpleNamespace(url="x", hash_name="sha256", hash="aa")
    bare = SimpleNamespace(url="y", hash_name=None, hash=None)
    repository = SimpleNamespace(
        allow_all_wheels=contextlib.nullcontext,
        _get_matching_candidates=lambda _: [SimpleNamespace(link=link), SimpleNamespace(link=bare)],
        _get_file_hash=lambda one: f"sha256:fetched-{one.url}",
    )
    assert lock.hashes_of(repository, None) == {"sha256:aa", "sha256:fetched-y"}


def test_a_tool_that_no_index_has_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tool.venv, "create", lambda folder, **_: None)
    monkeypatch.setattr(tool.subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=1))
    assert tool.main([str(tmp_path), "pip-audit>=2.7"]) == 3
    assert capsys.readouterr().err == (
        "pip-audit is not here and cannot be had: no index that is configured here answers for it\n"
    )


def test_a_lock_file_stays_where_no_index_serves_a_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("piptools", reason="pip-tools lies in an environment of its own: make lock")
    monkeypatch.setattr(lock, "hashes_of", lambda *_: set())
    before = lock.LOCK.read_bytes()
    assert lock.main() == 3 and lock.LOCK.read_bytes() == before
    assert "requirements.lock stays as it is: no index" in capsys.readouterr().err
