"""Studies: one plant in many scenarios, by the threads of a machine or the workers of a cluster."""
