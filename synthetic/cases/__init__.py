"""Claims that are judged exactly, case by case: their settings, evidence and desk."""
