"""What is decided: pure functions of what they are given, no session, no clock, no I/O."""
