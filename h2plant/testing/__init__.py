"""For tests of kinds: a case run on a rig, compiled and as plain Python, its balances closed.

>>> from h2plant.testing import run_case
>>> run_case("my_stack--design-point", "my_stack.py").require_met()    # doctest: +SKIP
"""

from h2plant.testing.case import Answer, CaseRun, run_case
from h2plant.testing.rig import Rig

__all__ = ["Answer", "CaseRun", "Rig", "run_case"]
