"""All sorts of inputs."""

from benchmarks.fuzz.folders import FOLDERS
from benchmarks.fuzz.plain_files import PLAIN
from benchmarks.fuzz.requests import REQUESTS
from benchmarks.fuzz.tables import TABLES

SORTS = (*PLAIN, *TABLES, *FOLDERS, *REQUESTS)
