"""The best options of one network on this machine, searched for within a time."""
