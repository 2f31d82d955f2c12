"""``python -m h2plant.cli``: the same as the command ``h2plant``."""

from h2plant.cli.application import main

if __name__ == "__main__":
    main()
