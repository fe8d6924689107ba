"""Where things run: what machine this is, and the profiles of this one and of published ones."""
