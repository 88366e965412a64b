"""Transformers on sparse parities: a teacher with many heads, students with few."""
