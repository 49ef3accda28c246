"""The doors: where people come in, see what is theirs and act on it."""
