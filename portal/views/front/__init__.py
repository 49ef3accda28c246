"""The client's door: a practice sees what is its own."""
