"""Context-free grammars: sentences, exact Bayes predictors, and their claims."""
