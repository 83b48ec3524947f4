"""What is typed on the open door's pages."""
