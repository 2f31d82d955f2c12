"""Studies on the console and as pages."""
