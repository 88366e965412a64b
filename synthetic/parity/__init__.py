"""Sparse parity: its theory, checked exactly, and networks that learn it."""
