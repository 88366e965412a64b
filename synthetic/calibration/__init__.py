"""How often Monte Carlo's verdicts are false, and how many replicas they need."""
