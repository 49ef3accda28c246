"""Whom we serve, and who may see and do what."""
