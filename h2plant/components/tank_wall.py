"""The wall of a gas tank: what it is made of, its geometry, and how it conducts."""

from h2plant.core.declare import memory, parameter
from h2plant.core.jit import kernel
from h2plant.physics.vessel import cylinder_area, cylinder_length, shell_volume
from h2plant.physics.wall_conduction import layered_wall, wall_means

WALL_FIELDS = (
    parameter(
        "wall_thickness_m",
        "m",
        "thickness of the wall, around the liner if there is one",
        0.06,
        1.0e-4,
        1.0,
        size_from="max_pressure_pa * diameter_m",
    ),
    parameter("wall_density_kg_per_m3", "kg/m3", "density of the wall", 7850.0, 100.0, 20000.0),
    parameter("wall_heat_capacity_j_per_kg_k", "J/(kg K)", "heat capacity of the wall", 470.0, 50.0, 5000.0),
    parameter("wall_conductivity_w_per_m_k", "W/(m K)", "conductivity of the wall", 45.0, 0.01, 500.0),
    parameter("liner_thickness_m", "m", "liner inside of the wall (types III and IV); 0: none", 0.0, 0.0, 0.2),
    parameter("liner_density_kg_per_m3", "kg/m3", "density of the liner (aluminium 6061)", 2700.0, 100.0, 20000.0),
    parameter("liner_heat_capacity_j_per_kg_k", "J/(kg K)", "heat capacity of the liner", 896.0, 50.0, 5000.0),
    parameter("liner_conductivity_w_per_m_k", "W/(m K)", "conductivity of the liner", 167.0, 0.01, 500.0),
    parameter("outer_film_w_per_m2_k", "W/(m2 K)", "heat transfer coefficient outside", 10.0, 0.01, 1.0e4),
)

WALL_MEMORIES = (
    memory("inner_area_m2", "m2", "inner surface of all vessels"),
    memory("wall_j_per_k", "J/K", "heat capacity of all walls, liners included"),
    memory("outer_film_k_per_w", "K/W", "resistance of the film outside"),
    memory("mode_1_per_s", "1/s", "rate of the slowest mode of the wall's profile"),
    memory("mode_1_k_per_w", "K/W", "inner surface by that mode, settled, per heat flow into it"),
    memory("mode_1_outer_ratio", "1", "outer over inner surface in that mode"),
    memory("mode_2_per_s", "1/s", "the same of the second mode: rate"),
    memory("mode_2_k_per_w", "K/W", "inner surface per heat flow"),
    memory("mode_2_outer_ratio", "1", "outer over inner surface"),
    memory("settled_inner_k_per_w", "K/W", "inner surface above the mean of a settled wall, per heat flow into it"),
    memory("settled_outer_k_per_w", "K/W", "outer surface below it, per heat flow out of it"),
    memory("settled_cross_k_per_w", "K/W", "either surface by the flow through the other"),
    memory("held_step_s", "s", "step that the values below belong to; 0: none yet"),
    memory("skew_decay", "1", "mean of the decay of the first mode over the step"),
    memory("curvature_decay", "1", "the same of the second"),
    memory("skew_share", "1", "share of its way that the first mode goes within the step"),
    memory("curvature_share", "1", "the same of the second"),
    memory("wall_own_m2_k_per_w", "m2 K/W", "from the mean of the wall to the inner surface, of the inner surface"),
    memory("wall_cross_k_per_w", "K/W", "from the mean of the wall to the other surface"),
    memory("outer_w_per_k", "W/K", "conductance from the mean of the walls to ambient"),
)


@kernel
def begin_wall(c):
    """Work out the geometry of the walls, cylinders with flat ends, and how they conduct; they are at rest."""
    n, liner, wall = c.n_vessels, c.liner_thickness_m, c.wall_thickness_m
    length = cylinder_length(c.vessel_volume_m3, c.diameter_m)
    c.inner_area_m2 = n * cylinder_area(length, c.diameter_m)
    outer_length = length + 2.0 * (liner + wall)
    outer_area = n * cylinder_area(outer_length, c.diameter_m + 2.0 * (liner + wall))
    c.outer_film_k_per_w = 1.0 / (c.outer_film_w_per_m2_k * outer_area)
    wall_m3 = n * shell_volume(length + 2.0 * liner, c.diameter_m + 2.0 * liner, wall)
    wall_j_per_k = c.wall_density_kg_per_m3 * wall_m3 * c.wall_heat_capacity_j_per_kg_k
    # slabs of the layers' thickness and volume
    wall_k_per_w = wall * wall / (c.wall_conductivity_w_per_m_k * wall_m3)
    liner_k_per_w, liner_j_per_k = 0.0, 0.0
    if liner > 0.0:
        liner_m3 = n * shell_volume(length, c.diameter_m, liner)
        liner_j_per_k = c.liner_density_kg_per_m3 * liner_m3 * c.liner_heat_capacity_j_per_kg_k
        liner_k_per_w = liner * liner / (c.liner_conductivity_w_per_m_k * liner_m3)
    c.wall_j_per_k = wall_j_per_k + liner_j_per_k
    first, second, settled = layered_wall((liner_k_per_w, liner_j_per_k), (wall_k_per_w, wall_j_per_k))
    c.mode_1_per_s, c.mode_1_k_per_w, c.mode_1_outer_ratio = first
    c.mode_2_per_s, c.mode_2_k_per_w, c.mode_2_outer_ratio = second
    c.settled_inner_k_per_w, c.settled_outer_k_per_w, c.settled_cross_k_per_w = settled
    c.held_step_s = 0.0
    c.film_share = 1.0
    c.wall_skew_k = 0.0
    c.wall_bow_k = 0.0
    c.to_wall_w = 0.0
    c.to_ambient_w = 0.0
    c.wall_temperature_k = c.initial_temperature_k


@kernel
def refresh_wall(c, dt):
    """Renew what belongs to the length of the step: conduction in the wall."""
    c.held_step_s = dt
    c.skew_decay, c.curvature_decay, c.skew_share, c.curvature_share, own, own_out, c.wall_cross_k_per_w = wall_means(
        (c.mode_1_per_s, c.mode_1_k_per_w, c.mode_1_outer_ratio),
        (c.mode_2_per_s, c.mode_2_k_per_w, c.mode_2_outer_ratio),
        (c.settled_inner_k_per_w, c.settled_outer_k_per_w, c.settled_cross_k_per_w),
        dt,
    )
    c.wall_own_m2_k_per_w = own * c.inner_area_m2
    c.outer_w_per_k = 1.0 / (c.outer_film_k_per_w + own_out)
