"""Commands of the command line that need a module of their own; registered in ``h2plant.cli``."""
