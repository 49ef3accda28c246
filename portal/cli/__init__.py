"""The command line: one console script, data on stdout, messages on stderr, one line for every bad input."""

from portal.cli.main import main

__all__ = ["main"]
