"""Looking on while a plant runs."""
