"""What payers and clearinghouses turn claims back for: a catalogue of pure edits over anybody's claim values."""
