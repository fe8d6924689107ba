"""Processes of cells: fork server, worker, executors, logs, and how they end."""
