"""Events sent out, and what became of them."""
