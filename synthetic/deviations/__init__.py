"""Student-teacher deviations: what distillation does to every eigendirection."""
