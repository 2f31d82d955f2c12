"""Plants on a CUDA device: one thread steps one plant, with the very same step functions as everywhere else."""
