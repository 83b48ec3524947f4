"""What the open door’s pages show."""
