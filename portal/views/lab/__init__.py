"""The tester's bench."""
