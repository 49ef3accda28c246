"""The bureau's rooms."""
