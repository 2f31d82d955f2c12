"""Runs side by side: the rules of dispatch of a plant, the steps of a scenario."""
