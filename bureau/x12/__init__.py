"""X12 text to typed values and back: pure, standard library only."""
