"""Histories that were never lived: realistic, valid, varied, and the same again for the same seed."""
