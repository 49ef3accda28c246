"""The house rules: what every room must keep to, each shown to be noticed when it is broken."""
