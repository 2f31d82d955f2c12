"""What offtakes take of each product, and what they pay for it."""

from __future__ import annotations

import math
from collections.abc import Iterator

from h2plant.core.role import Offtake
from h2plant.results.ledger import ITEMS
from h2plant.results.quantity import Quantity, Reading

PRODUCTS = {"hydrogen": "h2", "oxygen": "o2", "nitrogen": "n2", "water": "h2o"}
"""What an offtake may pay for, and its columns in the ledger."""


def sold(product: str) -> Quantity:
    """Return what flowed into each offtake, kg; of nitrogen and water where it pays for them."""
    reading = Reading("inflow", offset=ITEMS.index(f"{PRODUCTS[product]}_kg"))
    is_always = product in ("hydrogen", "oxygen")
    return Quantity(Offtake, lambda role: (reading,) if is_always or product in dict(role.prices) else ())


def income(product: str) -> Quantity:
    """Return what each offtake paid for a product, EUR; negative: its disposal was paid for."""

    def readings(role: Offtake) -> Iterator[Reading]:
        price = dict(role.prices).get(product)
        if price is not None:
            yield from (Reading("inflow", offset=ITEMS.index(f"{PRODUCTS[product]}_kg")), Reading("field", price))
        elif not role.prices and product == "hydrogen":
            yield Reading("port", role.revenue)

    return Quantity(Offtake, readings, math.prod)


def paid_for_hydrogen() -> Quantity:
    """Return what each offtake paid for the hydrogen that it took, EUR, penalties and what was not taken apart."""

    def readings(role: Offtake) -> Iterator[Reading]:
        price = dict(role.prices).get("hydrogen")
        if price is not None:
            yield from (Reading("inflow", offset=ITEMS.index("h2_kg")), Reading("field", price))
        elif role.paid:
            yield Reading("field", role.paid)
        elif not role.prices:
            yield Reading("port", role.revenue)

    return Quantity(Offtake, readings, math.prod)
