"""Blocks: pieces of plant with parameters, that expand to components and links when a plant is read."""
