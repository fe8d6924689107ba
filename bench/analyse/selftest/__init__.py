"""What a self-test found: cells whose step time is known by construction, and the noise floor."""
