"""Pages of holidays."""
