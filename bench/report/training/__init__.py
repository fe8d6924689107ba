"""Training: table, curves, epochs, effects of settings."""
