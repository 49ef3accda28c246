"""The world outside the bureau, on its own clock: people, practices, a clearinghouse and its payers."""
