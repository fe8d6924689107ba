"""What people see: one neutral table, and thin renderers."""
