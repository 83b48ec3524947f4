"""Hours that teachers taught, and what they are owed for them."""
