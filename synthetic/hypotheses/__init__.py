"""What theorems assume, looked at: a probe can refute a hypothesis and never prove it.

`inequalities` says each hypothesis as two sides, `oracle` what is seen at points,
`probes` which inequalities a claim's hypotheses are, `search` draws points and shrinks
them, `witness` is what is found, and `screen` what becomes of the claims.
"""
