"""Small real runs for a scaling law: from a grid of sizes and tokens to two tables.

`presets` says how large, `grid` which runs, `runner` trains one, `program` all of them,
`results` writes what `ratecheck scaling fit` reads.
"""
