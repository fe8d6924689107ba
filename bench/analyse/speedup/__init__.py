"""How the variants of a network stand to their baseline after any number of rounds."""
