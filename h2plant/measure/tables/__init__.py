"""Accuracy and speed of the property tables, and what runs ask of them."""
