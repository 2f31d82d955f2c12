"""All sorts of inputs."""

from benchmarks.fuzz.plain_files import PLAIN
from benchmarks.fuzz.tables import TABLES

SORTS = (*PLAIN, *TABLES)
