"""Several devices in one training: what they gain over one, by which law, and up to how many."""
