"""What a step should take on a host: laws of the published times, the host's own roofline, and what came of it."""
