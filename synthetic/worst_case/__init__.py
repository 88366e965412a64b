"""Claims about every function of a class, judged by certificates."""
