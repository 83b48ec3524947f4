"""What the simulator keeps, in memory and in its file."""
