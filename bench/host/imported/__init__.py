"""Other people's machines, from what they published: read as data, and marked as theirs."""
