"""Pages for those who answer for the school: overview, set-up, history, search."""
