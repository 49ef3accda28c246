"""The work: what the bureau does with the claims of its clients."""
