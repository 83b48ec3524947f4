"""The open door's pages."""
