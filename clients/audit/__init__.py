"""The audit log: who did and who looked at what, when, why, with what was before and after; never changed."""
