"""What offtakes take of each product, and what they pay for it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from h2plant.core.constants import (
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_N2_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
)
from h2plant.core.role import Offtake
from h2plant.results.ledger import ITEMS
from h2plant.results.quantity import Quantity, Reading

PRODUCTS = {"hydrogen": "h2", "oxygen": "o2", "nitrogen": "n2", "water": "h2o"}
"""What an offtake may pay for, and its columns in the ledger."""
_MOLAR_MASSES = {
    "hydrogen": MOLAR_MASS_H2_KG_PER_MOL,
    "oxygen": MOLAR_MASS_O2_KG_PER_MOL,
    "nitrogen": MOLAR_MASS_N2_KG_PER_MOL,
    "water": MOLAR_MASS_H2O_KG_PER_MOL,
}


_TIMES_THE_GAS = 99.0
"""Less water, by moles, is what a gas brings along: vapour and drops out of stacks."""


def sold(product: str) -> Quantity:
    """Return what each offtake bought of a product, kg; what comes along with another product is not bought.

    Bought is what has a price, and where that is zero what the stream is: its main gas by moles, or water.
    """
    others = [name for name in PRODUCTS if name != product]

    def readings(role: Offtake) -> Iterator[Reading]:
        price = dict(role.prices).get(product)
        if price is not None:
            yield from (Reading("field", price), _taken(product), *map(_taken, others))
        elif not role.prices and product == "hydrogen":
            yield _taken(product)

    def combine(v: Sequence[float]) -> float:
        if len(v) == 1:
            return v[0]
        price, kg, *of_others = v
        taken = {product: kg, **dict(zip(others, of_others, strict=True))}
        return kg if price > 0.0 or (price == 0.0 and _main(taken) == product) else 0.0

    return Quantity(Offtake, readings, combine)


def _main(taken: Mapping[str, float]) -> str:
    """Return what a stream is, kg of each product: water where that is nearly all by moles, else the main gas."""
    mol = {name: taken[name] / _MOLAR_MASSES[name] for name in PRODUCTS}
    water = mol.pop("water")
    return "water" if water > _TIMES_THE_GAS * sum(mol.values()) else max(mol, key=lambda name: mol[name])


def _taken(product: str) -> Reading:
    return Reading("inflow", offset=ITEMS.index(f"{PRODUCTS[product]}_kg"))


def income(product: str) -> Quantity:
    """Return what each offtake paid for a product, EUR; negative: its disposal was paid for."""

    def readings(role: Offtake) -> Iterator[Reading]:
        price = dict(role.prices).get(product)
        if price is not None:
            yield from (_taken(product), Reading("field", price))
        elif not role.prices and product == "hydrogen":
            yield Reading("port", role.revenue)

    return Quantity(Offtake, readings, math.prod)


def paid_for_hydrogen() -> Quantity:
    """Return what each offtake paid for the hydrogen that it took, EUR, penalties and what was not taken apart."""

    def readings(role: Offtake) -> Iterator[Reading]:
        price = dict(role.prices).get("hydrogen")
        if price is not None:
            yield from (_taken("hydrogen"), Reading("field", price))
        elif role.paid:
            yield Reading("field", role.paid)
        elif not role.prices:
            yield Reading("port", role.revenue)

    return Quantity(Offtake, readings, math.prod)
