"""What the contract of a customer says that a plan must know."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Contract:
    """Terms under which a customer is served.

    Parameters
    ----------
    penalty_eur_per_kg
        Paid for what is missing when a period is settled.
    period_h
        Length of a period of settlement, h; periods begin at local midnight, weeks on Monday.
    catch_up_ratio
        Flow at which what is late is taken, by the largest flow that it wants.
    flow_kg_per_s
        Flow of the contract on the mean of a period, beyond which nothing is penalised; inf: all that it wants.
    """

    penalty_eur_per_kg: float
    period_h: float
    catch_up_ratio: float
    flow_kg_per_s: float
