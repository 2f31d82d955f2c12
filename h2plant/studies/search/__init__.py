"""The search for the best plant: goal, samplers, front."""
