"""`python main.py SCENARIO [options]`: short for `h2plant run SCENARIO [options]`; all other commands work too."""

import sys

from h2plant.cli import app, main


def arguments_for(words: list[str]) -> list[str]:
    """Return the arguments of the command line, with `run` put first where no command is named."""
    commands = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}
    commands |= {group.name or "" for group in app.registered_groups}
    options = {"--help", "-h", "--version", "--install-completion", "--show-completion"}
    return words if words and words[0] in commands | options else ["run", *words]


if __name__ == "__main__":
    main(arguments_for(sys.argv[1:]))
