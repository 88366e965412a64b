"""Does the checker see wrong code? Wrong variants, each checked until one fails."""
