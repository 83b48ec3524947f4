"""Pages about meetings and the ways into them."""
