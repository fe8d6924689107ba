"""The search for the best options of one network: pure functions of what was measured."""
