"""The published table with this machine's column, and what was to be expected."""
