"""Pages of guardians: their children, and the pages of each child."""
