"""What an audit found, shown."""
