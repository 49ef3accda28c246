"""The data files behind the code sets, and the small programs that made them."""
