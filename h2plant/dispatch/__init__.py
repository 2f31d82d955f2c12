"""Rules that decide each step which lines run and at what power."""
