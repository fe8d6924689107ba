"""What this machine does at most: AI-Score and measured roofs, into its profile."""
