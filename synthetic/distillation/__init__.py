"""Distillation checked: problems, teachers, exact engines, catalogue, real data."""
