"""The read side: what screens and desks look up, scoped and in batches."""
