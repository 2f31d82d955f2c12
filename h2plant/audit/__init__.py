"""The audit of a run: laws that share no code with the kernels, checked on steps that the run kept and on its sums."""
