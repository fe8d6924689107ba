"""Plans as tables and for programs."""
