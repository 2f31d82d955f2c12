"""Where the scenarios of a study run: threads, Dask workers, a CUDA device."""
