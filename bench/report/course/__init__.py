"""What a course asks of results, as tables and for programs."""
