"""What a series entry says of the variability to be added within its intervals."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

VariabilityKind = Literal["turbulence", "clouds"]

ROTORS_APART = 7.0
"""Distance between the turbines of a farm, rotor diameters, where its extent is not given."""


@dataclass(frozen=True)
class Variability:
    """Variability that is added to a series, minute by minute; the mean of each of its intervals stays.

    Parameters
    ----------
    kind
        ``turbulence`` of the wind, or ``clouds`` before the sun.
    seed
        Chooses the noise: series with the same seed and kind see the same weather.
    n_turbines
        Turbines of the farm (``turbulence``).
    hub_height_m, rotor_diameter_m
        Of the turbines (``turbulence``).
    reference_intensity_frac
        Mean turbulence intensity at 15 m/s, Iref of IEC 61400-1 (``turbulence``).
    extent_m
        Length of the farm or of the field of modules along the wind; None: of the farm, by its turbines, and 0 of a
        field of modules.
    """

    kind: VariabilityKind
    seed: int
    n_turbines: int = 1
    hub_height_m: float = 100.0
    rotor_diameter_m: float = 150.0
    reference_intensity_frac: float = 0.12
    extent_m: float | None = None

    @property
    def length_m(self) -> float:
        """Length of the farm or the field along the wind, m."""
        if self.extent_m is not None:
            return self.extent_m
        if self.kind == "clouds":
            return 0.0
        return ROTORS_APART * self.rotor_diameter_m * (math.sqrt(self.n_turbines) - 1.0)

    def content(self) -> dict[str, Any]:
        """Return the mapping that a series entry reads as the same."""
        keys = ("kind", "seed", "extent_m") if self.kind == "clouds" else tuple(asdict(self))
        return {key: value for key, value in asdict(self).items() if key in keys and value is not None}
