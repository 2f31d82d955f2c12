"""Parameters of a PEM stack: cells, curve, gases, heat, water, operation, wear."""

from h2plant.components.pem_water import WATER_PARAMETERS
from h2plant.components.pem_wear import WEAR_PARAMETERS
from h2plant.core.declare import parameter
from h2plant.physics.activation import LARGEST_K

_RATED = "rated_power_w"  # what sizes follow from

PEM_PARAMETERS = (
    parameter(
        "n_cells",
        "1",
        "cells, all at the same current",
        135.0,
        ge=1.0,
        le=1.0e7,
        is_whole=True,
        size_from="rated_power_w / cell_area_m2",
    ),
    parameter("cell_area_m2", "m2", "active area of a cell", 0.1949, ge=1e-4),
    parameter("rated_power_w", "W", "largest electric power, direct current", 1.0e6, ge=1.0),
    parameter("max_current_density_a_per_m2", "A/m2", "largest current density", 2.6e4, ge=1.0, le=4.0e4),
    parameter("min_load_frac", "1", "smallest load; below it the stack stands by", 0.15, ge=0.0, le=1.0),
    parameter(
        "ramp_w_per_s",
        "W/s",
        "fastest rise; a start begins at the smallest load",
        2.0e4,
        ge=1e-3,
        size_from=_RATED,
    ),
    parameter("membrane_thickness_m", "m", "wet thickness of the membrane", 178e-6, ge=1e-5, le=1e-3),
    parameter("membrane_water_ratio", "1", "water per sulphonic group (22 to 25 in liquid)", 25.0, ge=1.0, le=30.0),
    parameter("electrode_resistance_ohm_m2", "ohm m2", "contacts, layers, plates", 6.0e-6, ge=0.0, le=1e-3),
    parameter("tafel_slope_ratio", "1", "slope of the activation voltage over Tjarks 2017", 1.0, ge=0.2, le=5.0),
    parameter("exchange_current_ratio", "1", "exchange current over Tjarks 2017", 1.0, ge=1e-4, le=1e4),
    *(
        parameter(
            f"{name}_activation_k",
            "K",
            f"more activation energy of {what}, over R; it holds at 60 C",
            0.0,
            ge=-LARGEST_K,
            le=LARGEST_K,
        )
        for name, what in (
            ("electrode_resistance_ohm_m2", "the electrodes' resistance"),
            ("tafel_slope_ratio", "the slope"),
            ("exchange_current_ratio", "the current"),
        )
    ),
    parameter("cathode_pressure_setpoint_pa", "Pa", "pressure of the hydrogen given off", 40e5, ge=1.0e5, le=100e5),
    parameter("anode_pressure_pa", "Pa", "pressure of the anode loop and of the oxygen", 2.0e5, ge=1.0e5, le=60e5),
    parameter(
        "cathode_volume_m3",
        "m3",
        "gas space of cathode and separator, filled on start",
        0.2,
        ge=1e-6,
        size_from=_RATED,
    ),
    parameter(
        "gas_residence_time_s",
        "s",
        "gas and heat on the way out; 1 MW makes 0.33 kg/min, and 0.2 m3 hold 0.6 kg at 40 bar",
        60.0,
        ge=0.0,
    ),
    parameter("h2_diffusion_mol_per_m_s_pa", "mol/(m s Pa)", "diffusion of hydrogen, 80 degC", 4.65e-14, ge=0.0),
    parameter("h2_convection_mol_per_m_s_pa", "mol/(m s Pa)", "hydrogen pushed by pressure, 80 degC", 2.0e-14, ge=0.0),
    parameter("o2_diffusion_mol_per_m_s_pa", "mol/(m s Pa)", "diffusion of oxygen, 80 degC", 2.0e-14, ge=0.0),
    parameter("permeation_activation_k", "K", "activation energy of these over R", 2680.0, ge=0.0, le=6000.0),
    *WATER_PARAMETERS,
    parameter("recombination_frac", "1", "crossed hydrogen that a catalyst burns", 0.9, ge=0.0, le=1.0),
    parameter("cathode_recombination_frac", "1", "crossed oxygen reduced at the cathode", 0.0, ge=0.0, le=1.0),
    parameter("h2_in_o2_trip_frac", "1", "hydrogen in dry oxygen that trips", 0.02, ge=1e-4, le=0.04),
    parameter("temperature_setpoint_k", "K", "temperature held by cooling", 343.15, ge=293.15, le=363.15),
    parameter(
        "max_temperature_k",
        "K",
        "temperature that trips",
        358.15,
        ge=303.15,
        le=368.15,
        size_from="min(temperature_setpoint_k + 15, 368.15)",
    ),
    parameter("control_time_s", "s", "time constant of the temperature control", 300.0, ge=1.0),
    parameter("cooling_share_frac", "1", "this stack's share of the exchanger's conductance", 1.0, ge=0.0, le=1.0),
    parameter("heat_capacity_j_per_k", "J/K", "stack and pipes without the water", 4.0e6, ge=1.0, size_from=_RATED),
    parameter("loss_w_per_k", "W/K", "passive loss to the surroundings", 20.0, ge=0.0, size_from=_RATED),
    parameter(
        "heater_power_w",
        "W",
        "electric heater of the loop, fed with direct current",
        20e3,
        ge=0.0,
        size_from=_RATED,
    ),
    parameter("keep_warm_temperature_k", "K", "held in standby; 0: let it cool", 0.0, ge=0.0, le=353.15),
    parameter("frost_protection_temperature_k", "K", "held by the heater always", 278.15, ge=275.15, le=300.0),
    parameter("initial_temperature_k", "K", "temperature at the start of the run", 288.15, ge=275.15, le=363.15),
    parameter("water_setpoint_kg", "kg", "water held in the anode loop", 400.0, ge=1e-3, size_from=_RATED),
    parameter("water_trip_kg", "kg", "water below which the stack trips", 100.0, ge=0.0, size_from="water_setpoint_kg"),
    parameter(
        "water_capacity_kg",
        "kg",
        "water above which the loop spills into the oxygen pipe",
        800.0,
        ge=1e-3,
        size_from="water_setpoint_kg",
    ),
    parameter("level_time_s", "s", "time constant of the level control", 600.0, ge=1.0),
    parameter("start_time_s", "s", "checks and purging before a start from cold", 300.0, ge=0.0),
    parameter("hot_start_time_s", "s", "delay of a start from standby", 10.0, ge=0.0),
    parameter("standby_time_s", "s", "how long the stack stays ready before it goes cold", 14400.0, ge=0.0),
    parameter("restart_delay_s", "s", "how long a trip locks the stack", 3600.0, ge=0.0),
    *WEAR_PARAMETERS,
)
