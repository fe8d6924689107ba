"""Two sides or two cells set beside each other: tables, gate, JSON."""
