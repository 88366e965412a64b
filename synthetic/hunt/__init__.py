"""Counterexamples: a search of small instances for one at which a claim is false."""

from synthetic.hunt.files import load_instance

__all__ = ["load_instance"]
