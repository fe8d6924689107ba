"""What became of bundles, shown."""
