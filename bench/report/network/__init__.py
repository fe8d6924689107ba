"""A network as a table of its layers and as a drawing, blocks that repeat folded."""
