"""What the monitor of origin is to the plant: the role by which figures and the audit find it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from h2plant.core.role import Role, named_fields, named_ports


@dataclass(frozen=True)
class OriginMonitor(Role):
    """Keeps the account of renewable electricity; ``period`` is 'hour' or 'month'.

    Parameters
    ----------
    used, renewable, exempt
        Counters, J: electricity of electrolysis, that generated under contract, what of the former needs no match.
    matched
        Counters of what was matched in periods that are over, J, by period.
    under_way, renewable_power
        States (renewable, used), J, of the period under way, by period; memory: renewable power of the last step, W.
    certified
        Port, share of the electricity so far that counts; customers who pay a premium for it read it without a link.
    certified_by
        Parameter: the period by which it certifies, 0 the month, 1 the hour.
    stored, released
        States: renewable energy that batteries took, and that they gave, J; '' if it does not follow them.
    """

    used: str = named_fields()
    renewable: str = named_fields()
    exempt: str = named_fields()
    matched: tuple[tuple[str, str], ...] = ()
    under_way: tuple[tuple[str, tuple[str, str]], ...] = ()
    renewable_power: str = named_fields()
    certified: str = named_ports()
    certified_by: str = named_fields()
    stored: str = named_fields()
    released: str = named_fields()

    def fields(self) -> Iterator[str]:
        yield from super().fields()
        yield from (name for _, name in self.matched)
        yield from (name for _, pair in self.under_way for name in pair)
