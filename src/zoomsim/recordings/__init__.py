"""Cloud recordings: what was recorded of a run, its files, their trash, and how they are downloaded."""
