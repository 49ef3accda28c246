"""The acts of the bureau, one desk per file; desks hand over by state and never call each other."""
