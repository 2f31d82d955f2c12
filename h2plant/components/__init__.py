"""The built-in kinds of components: one file each, one line each in the list below (others: ``registry``)."""

from importlib import import_module

from h2plant.core.declare import Kind

_MODULES = (
    "components.wind_farm",
    "components.power_bus",
    "components.grid_connection",
    "components.transformer",
    "components.rectifier",
    "components.battery",
    "components.line_controller",
    "components.origin_monitor",
    "dispatch.hybrid_arbitrage",
    "dispatch.price_threshold",
    "dispatch.follow_wind",
    "dispatch.constant_load",
    "dispatch.soec_only",
    "dispatch.economic_spot",
    "dispatch.storage_band",
    "dispatch.battery_smoothing",
    "dispatch.battery_arbitrage",
    "dispatch.planned",
    "dispatch.user_rule",
    "components.water_source",
    "components.water_purifier",
    "components.water_tank",
    "components.pump",
    "components.circulation_pump",
    "components.heat_exchanger",
    "components.thermal_manager",
    "components.cooling_loop",
    "components.dry_cooler",
    "components.pem_stack",
    "components.soec_module",
    "components.steam_generator",
    "components.recuperator",
    "components.electric_heater",
    "components.mixer",
    "components.splitter",
    "components.gas_cooler",
    "components.chiller",
    "components.liquid_separator",
    "components.deoxidiser",
    "components.dryer",
    "components.psa",
    "components.pressure_valve",
    "components.purity_monitor",
    "components.compressor_stage",
    "components.gas_tank",
    "components.transfer_controller",
    "components.cascade_fill",
    "components.cascade_draw",
    "components.truck_loading",
    "components.product_sink",
)

KINDS: tuple[Kind, ...] = tuple(import_module(f"h2plant.{name}").KIND for name in _MODULES)
"""The built-in kinds; a plant may bring others (``registry.Kinds``)."""
KIND_BY_NAME: dict[str, Kind] = {kind.name: kind for kind in KINDS}
