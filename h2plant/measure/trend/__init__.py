"""History of runs and benchmarks on this machine: written after every run, judged by ``h2plant monitor``."""
