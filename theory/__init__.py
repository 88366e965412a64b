"""What is true: formulas, methods, claims with their bounds, evidence and judgement.

Nothing here knows a concrete problem or runs a simulation; `synthetic` does both.
"""
