"""The command line as a test calls it: in this process where it can, as a process of its own where it must."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from h2plant.cli import app

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Answer:
    """What a command said, frames and line breaks of the terminal taken out of ``text``, and its exit code."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def text(self) -> str:
        return re.sub(r"[\s─-╿]+", " ", f"{self.stdout} {self.stderr}")


def h2plant(*arguments: object) -> Answer:
    """Run a command in this process."""
    result = CliRunner().invoke(app, [str(a) for a in arguments], prog_name="h2plant")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Answer(result.exit_code, result.stdout, result.stderr)


def process(*arguments: object, code: str | None = None, folder: Path | None = None, **variables: str) -> Answer:
    """Run a command, or Python code with arguments, as a process of its own in a folder."""
    start = ["-m", "h2plant.cli"] if code is None else ["-c", code]
    done = subprocess.run(
        [sys.executable, *start, *(str(a) for a in arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def leftovers(folder: Path) -> list[str]:
    """Return what a run must not leave behind: hidden, partial and old folders."""
    return sorted(path.name for path in folder.rglob(".*"))


def assert_refused(answer: Answer, *parts: str, code: int = 2) -> None:
    """Assert that a command ended with a code and a message that holds all parts, and no traceback."""
    assert answer.exit_code == code, answer
    assert "Traceback" not in answer.text, answer.text
    for part in parts:
        assert part in answer.text, (part, answer.text)
    assert answer.stderr.strip(), answer
