"""What commands print fits a terminal of 80 columns, and is written whatever the terminal's signs are."""

import io
import os
from pathlib import Path

import pytest
from rich.cells import cell_len

from h2plant.cli import app
from h2plant.components.registry import Kinds
from h2plant.config.blocks.block_file import built_in_blocks
from h2plant.config.bundled import bundled_plants
from h2plant.core.output import EXIT_CLOSED, plain
from h2plant.core.terminal import Terminal
from h2plant.report.kind_tables import print_kind
from tests.command import h2plant, process

WIDTH = 80
_BEGINS, _ENDS = "│┃┏┡├└┌", "│┃┓┩┤┘┐"
COMMANDS = [
    "kinds",
    "costs",
    "countries",
    "countries DE",
    "figures",
    "blocks",
    *(f"blocks {name}" for name in built_in_blocks()),
    "plants",
    *(f"plants {name}" for name in bundled_plants()),
    "check minimal",
    "look nl_2023",
    "tables info",
    "--help",
    *(f"{command.name or getattr(command.callback, '__name__', '')} --help" for command in app.registered_commands),
    *(f"{group.name} --help" for group in app.registered_groups),
]


def cut(text: str) -> list[str]:
    """Return the lines of a text that are wider than a terminal, or lost their end or a part of it to its width."""
    lines = [line.rstrip() for line in text.splitlines()]
    return [
        line
        for line in lines
        if cell_len(line) > WIDTH or "…" in line or (line[:1] in _BEGINS and line and line[-1] not in _ENDS)
    ]


def test_a_cut_table_is_seen() -> None:
    assert cut("│ a │ b") and cut("│ abc… │") and cut("x" * 81) and not cut("│ a │ b │\nword\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_keep_to_80_columns(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    answer = h2plant(*command.split())
    assert answer.exit_code == 0 and answer.stdout.count("\n") > 1
    assert cut(answer.stdout) == []


def test_kinds_of_the_longest_names_keep_to_80_columns() -> None:
    kinds = Kinds()
    longest = {name: max(len(one.name) for one in (*kinds[name].fields, *kinds[name].ports)) for name in kinds}
    for name in sorted(longest, key=lambda name: longest[name])[-5:]:
        out = io.StringIO()
        print_kind(Terminal(file=out, width=WIDTH), name, kinds)
        assert cut(out.getvalue()) == [], name
        assert all(f" {field.name} " in out.getvalue() for field in kinds[name].fields if not field.list_key), name


def test_signs_become_those_that_they_are_read_as() -> None:
    assert plain("€/kg ≥ 3 °C … é ▁█") == "EUR/kg >= 3 degC ... e _#"
    assert plain("┏━┳━┓│├─┤") == "+-+-+|+-+"
    assert plain("氢\u202e\u2400") == "???"


PRINTING = """
from h2plant.cli import application
import typer
@application.app.command()
def signs(n: int = 1) -> None:
    application._console().print("€/kg … ▁█ ≥ é" * n)
    typer.echo("→ °C 氢")
application.main(["signs", "--n", NUMBER])
"""


@pytest.mark.long
@pytest.mark.parametrize("encoding", ["ascii", "cp437"])
def test_no_sign_is_too_much_for_an_encoding(encoding: str, tmp_path: Path) -> None:
    done = process(code=PRINTING.replace("NUMBER", '"1"'), folder=tmp_path, PYTHONIOENCODING=encoding, LC_ALL="C")
    assert done.exit_code == 0 and done.stderr == ""
    assert "EUR/kg ... _" in done.stdout
    assert encoding == "ascii" or "-> " in done.stdout  # Typer writes UTF-8 where a stream says ASCII


@pytest.mark.long
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_full_disks_under_both_outputs_end_with_two() -> None:
    """Nothing can be said then; the code says it."""
    code = """import os; [os.dup2(os.open('/dev/full', os.O_WRONLY), k) for k in (1, 2)]
from h2plant.cli.application import main; main(['verify', 'nowhere'])"""
    assert process(code=code).exit_code == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("n", ["1", "9000"])  # less than what is held back until the end, and more
def test_a_full_disk_under_the_output_is_told(n: str, tmp_path: Path) -> None:
    code = f"import os, sys; os.dup2(os.open('/dev/full', os.O_WRONLY), 1)\n{PRINTING.replace('NUMBER', repr(n))}"
    done = process(code=code, folder=tmp_path)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("the output was not written: ") and done.stderr.count("\n") == 1


@pytest.mark.long
@pytest.mark.parametrize(("n", "streams"), [("1", (1,)), ("9000", (1, 2))])
def test_output_that_nobody_reads_ends_without_a_word(n: str, streams: tuple[int, ...], tmp_path: Path) -> None:
    closing = "import os; r, w = os.pipe(); os.close(r)\n" + "".join(f"os.dup2(w, {one})\n" for one in streams)
    done = process(code=closing + PRINTING.replace("NUMBER", repr(n)), folder=tmp_path)
    assert (done.exit_code, done.stdout, done.stderr) == (EXIT_CLOSED, "", "")


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="a shell's words")
def test_output_that_is_closed_is_no_error(tmp_path: Path) -> None:
    code = "import os, sys; sys.stdout.close(); sys.stdout = None\n" + PRINTING.replace("NUMBER", '"1"')
    done = process(code=code, folder=tmp_path)
    assert (done.exit_code, done.stderr) == (0, "")
