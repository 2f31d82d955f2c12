"""`python main.py SCENARIO [options]`: short for `h2plant run SCENARIO [options]`."""

import sys

from h2plant.cli import main

if __name__ == "__main__":
    commands = {"run", "check", "init", "tables", "validate", "kinds", "--help", "-h", "--version"}
    arguments = sys.argv[1:]
    if not arguments or arguments[0] not in commands:
        arguments = ["run", *arguments]
    main(arguments)
