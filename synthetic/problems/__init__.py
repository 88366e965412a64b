"""Families of problems; each knows its losses, subgradients and constants."""
