"""The ground floor: what is given. Decides nothing."""
