"""Figures: each computes a table first, then draws that table and nothing else."""
