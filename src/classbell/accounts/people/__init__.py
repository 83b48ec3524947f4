"""People as another program of the school knows them: one by one, and as a list."""
