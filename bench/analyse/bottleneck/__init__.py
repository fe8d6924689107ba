"""What limits a cell's step: computation, dispatch or its input, from the loops that were run beside it."""
