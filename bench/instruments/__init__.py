"""The clock, its statistics, and the instruments. Nothing here knows which model runs."""
