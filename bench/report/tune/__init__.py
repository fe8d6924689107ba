"""What `bench tune` found: text, JSON, and the code to paste."""
