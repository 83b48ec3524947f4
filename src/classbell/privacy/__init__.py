"""What is kept of people: the register of it, and what obeys it: export, erasure, retention."""
