"""The checks: problems with certified minimisers, engines, and the catalogue."""
