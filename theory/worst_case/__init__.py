"""Worst cases over a whole class of functions, by semidefinite programming.

A function is replaced by its values and subgradients at the points of a run; necessary
and sufficient inequalities among them (`interpolation`) turn the worst case into a
semidefinite program (`program`), whose dual multipliers are a proof. `certify` makes
that proof exact, and `verifier`, which shares no code with the rest, checks it.
"""
