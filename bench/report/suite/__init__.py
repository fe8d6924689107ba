"""A suite's cells on one host: time, speed-up, efficiency, bottlenecks, recommendation."""
