"""Engines record runs and enclose left-hand sides; none holds code of a claim's."""
