"""What runs longer than a test may: each a command for a person, with a short form in the suite."""
