"""One cell measured, in its own process: windows, training, the loops of its bottleneck."""
