"""From whatever a client sends to encounters: every source becomes rows of one layout, read by one reader."""
