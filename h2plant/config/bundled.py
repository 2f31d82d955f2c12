"""Where bundled plants, scenarios and series lie, and how a bare name becomes a file."""

from __future__ import annotations

from pathlib import Path

from h2plant.plant.finding import Finding, and_then, nearest

PACKAGE = Path(__file__).resolve().parent.parent
PLANTS = PACKAGE / "plants"
SCENARIOS = PLANTS / "scenarios"
STUDIES = PLANTS / "studies"
DATA = PACKAGE / "data"

_SERIES_SUFFIX = ".csv.gz"


def is_bare_name(text: str) -> bool:
    """Whether a text is a name of something bundled rather than a path."""
    return "/" not in text and "\\" not in text and "." not in text


def bundled_plants() -> list[str]:
    """Return the names of the bundled plants."""
    return sorted(file.stem for file in PLANTS.glob("*.yaml"))


def bundled_scenarios() -> list[str]:
    """Return the names of the bundled scenarios."""
    return sorted(file.stem for file in SCENARIOS.glob("*.yaml"))


def bundled_studies() -> list[str]:
    """Return the names of the bundled studies."""
    return sorted(file.stem for file in STUDIES.glob("*.yaml"))


def bundled_series() -> list[str]:
    """Return the names of the bundled series files."""
    return sorted(bundled_series_name(file) for file in DATA.glob(f"*{_SERIES_SUFFIX}"))


def bundled_series_name(file: Path) -> str:
    """Return the name of a bundled series file."""
    return file.name.removesuffix(_SERIES_SUFFIX)


def plant_file(path_or_name: str | Path, folder: Path, findings: list[Finding]) -> Path | None:
    """Return the file of a plant given by path (relative to a folder) or by bundled name."""
    text = str(path_or_name)
    if is_bare_name(text) and not (folder / text).is_file():
        file, known = PLANTS / f"{text}.yaml", bundled_plants()
        if file.is_file():
            return file
        remedy = and_then(nearest(text, known), "A plant of your own is given with its path and '.yaml'")
        findings.append(Finding("no-such-plant", "", f"there is no bundled plant '{text}'", remedy))
        return None
    return _existing(folder / text, findings)


def scenario_file(path_or_name: str | Path, findings: list[Finding]) -> Path | None:
    """Return the file of a scenario or plant given by path or by bundled name, scenarios first."""
    text = str(path_or_name)
    if is_bare_name(text) and not Path(text).is_file():
        for file in (SCENARIOS / f"{text}.yaml", PLANTS / f"{text}.yaml"):
            if file.is_file():
                return file
        remedy = and_then(
            nearest(text, [*bundled_scenarios(), *bundled_plants()]), "A file is given with its path and '.yaml'"
        )
        what = f"there is no bundled scenario or plant '{text}'"
        findings.append(Finding("no-such-scenario", "", what, remedy))
        return None
    return _existing(Path(text), findings)


def study_file(path_or_name: str | Path, findings: list[Finding]) -> Path | None:
    """Return the file of a study given by path or by bundled name."""
    text = str(path_or_name)
    if is_bare_name(text) and not Path(text).is_file():
        file, known = STUDIES / f"{text}.yaml", bundled_studies()
        if file.is_file():
            return file
        remedy = f"{nearest(text, known)}; a study of your own is given with its path and '.yaml'"
        findings.append(Finding("no-such-study", "", f"there is no bundled study '{text}'", remedy))
        return None
    return _existing(Path(text), findings)


def series_file(text: str, folder: Path) -> Path:
    """Return the file of a series given by path (relative to a folder) or by bundled name; it need not exist."""
    if is_bare_name(text) and not (folder / text).is_file():
        return DATA / f"{text}{_SERIES_SUFFIX}"
    return folder / text


def is_bundled_series(text: str, folder: Path = Path()) -> bool:
    """Whether a text names a bundled series, and no file that is there."""
    return is_bare_name(text) and not (folder / text).exists() and series_file(text, folder).is_file()


def _existing(file: Path, findings: list[Finding]) -> Path | None:
    if file.exists() and not file.is_dir():
        return file  # what is no regular file is refused where it is read
    folder = file if file.is_dir() else file.parent
    what = "is a folder, wanted a file" if file.is_dir() else "there is no such file"
    if not folder.is_dir():
        remedy = f"there is no folder '{folder}'"
    elif names := [other.name for other in folder.glob("*.y*ml")]:
        remedy = nearest(file.name, names)
    else:
        remedy = f"check the path: there is no YAML file in the folder '{folder}'"
    findings.append(Finding("no-such-file", "", what, remedy, file))
    return None
