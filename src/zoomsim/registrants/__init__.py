"""People who register for meetings."""
