"""Rows of a table by what stands in some of its columns."""

from __future__ import annotations

import numpy as np

from h2plant.config.tables.table import Flaws, Table
from h2plant.plant.finding import listing, nearest
from h2plant.plant.series_spec import Description


def filtered(table: Table, how: Description, flaws: Flaws) -> Table | None:
    """Return the rows of a table that have what an entry wants in certain columns."""
    if not how.filter:
        return table
    keep = np.ones(table.n_rows, dtype=bool)
    for name, wanted in how.filter:
        if name not in table.columns:
            what = f"there is no column '{name}' (filter)"
            flaws.add("no-such-column", what, nearest(name, table.columns), 1)
            return None
        cells = [cell.strip() for cell in table.text(name)]
        is_it = np.array([cell == wanted for cell in cells])
        if not is_it.any():
            what = f"no row has '{wanted}' in the column '{name}'"
            values = sorted(set(cells))
            remedy = nearest(wanted, values) if len(values) > 6 else f"the column holds {listing(values)}"
            flaws.add("no-such-row", what, remedy, 1)
            return None
        keep &= is_it
    if keep.all():
        return table
    if not keep.any():
        flaws.add("no-such-row", "no row has all that 'filter:' wants", "see which rows the file has", 1)
        return None
    return table.of_rows(np.flatnonzero(keep))
