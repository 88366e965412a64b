"""Scaling laws of distillation: their claims, checked, and a planner."""
