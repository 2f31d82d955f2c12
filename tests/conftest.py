"""Settings for all tests."""

from hypothesis import settings

# The same examples in every run: what passed once passes again, and a failure can be repeated. To look further, run
# `pytest --hypothesis-profile=searching`.
settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("searching", derandomize=False, deadline=None, print_blob=True, max_examples=1000)
settings.load_profile("repeatable")
