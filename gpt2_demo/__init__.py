"""Empirical companion: language-model distillation with the methods of `theory`."""
