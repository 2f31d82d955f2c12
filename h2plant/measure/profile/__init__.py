"""Where time and memory of a run go: in the compiled loop by kind of component, in look-ups, and in Python."""
