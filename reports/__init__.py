"""What the numbers say: every figure is read from the books and names its definition."""
