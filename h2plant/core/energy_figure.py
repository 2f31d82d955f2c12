"""Names of figures that the plant as a whole has, and no source may take."""

ENERGY_FIGURES = frozenset(
    {
        *("reconverted", "electricity_used", "electrolysis", "balance_of_plant", "conversion_loss", "heat_recovered"),
        *("import", "export", "curtailed", "unserved", "imbalance", "emergency", "ride_through_change"),
        *(f"battery_{what}" for what in ("charged", "discharged", "change", "loss")),
        *(f"{medium}_{what}" for medium in ("power", "heat", "cooling") for what in ("asked", "given")),
    }
)
"""Key figures of energy, without their unit, whose names no source may take."""
