"""What was trained: table, curves, epochs, effects of settings."""
