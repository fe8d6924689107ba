"""What a course asks of results: whether they keep its rules."""
