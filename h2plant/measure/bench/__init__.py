"""What is measured: speed, memory, scaling and the checklist; ``h2plant bench`` and ``python -m benchmarks``."""
